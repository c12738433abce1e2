// What a tool or prompt of the everything server may do while it answers, whatever the protocol's era.
// 2025-11-25 asks the client by a request of its own; 2026-07-28 answers input_required and is called again (SEP-2322).

import type {
  CallToolResult,
  ClientCapabilities,
  ContentBlock,
  CreateMessageRequest,
  CreateMessageResult,
  ElicitRequest,
  ElicitResult,
  GetPromptResult,
  ListRootsRequest,
  ListRootsResult,
  LoggingLevel,
  Prompt,
  Tool,
} from "@modelcontextprotocol/sdk/types.js";

/** What a server may ask a client for: words from the user, words from the model, the user's folders. */
export type Question = ElicitRequest | Sampling | ListRootsRequest;

interface Sampling extends Pick<CreateMessageRequest, "method"> {
  readonly params: Pick<CreateMessageRequest["params"], "messages" | "maxTokens">;
}

/** The client's answer to a question. */
export type Answer = ElicitResult | CreateMessageResult | ListRootsResult;

/** Questions to the client, by a name of ours. */
export type Questions = Readonly<Record<string, Question>>;

/** The client's answers, under the names of the questions. */
export type Answers = Readonly<Record<string, Answer>>;

/** A change that is announced to whoever listens. */
export type Change =
  | { readonly kind: "tools" }
  | { readonly kind: "prompts" }
  | { readonly kind: "resource"; readonly uri: string };

/** One request being answered. */
export interface Exchange {
  /** What the client said it can do. */
  readonly capabilities: Readonly<Partial<Record<keyof ClientCapabilities, unknown>>>;
  /** Aborted when the client cancels. */
  readonly signal: AbortSignal;
  /** Reports progress, if the client gave a token. */
  progress(done: number, total: number): Promise<void>;
  /** Sends a log message, if the client wants this level. */
  log(level: LoggingLevel, message: string): Promise<void>;
  /**
   * Asks the client and resolves with all answers. In the modern era the caller is run again from its start on every
   * round, so it must reach its questions in the same order; `sealed` carries state from the first round on.
   */
  ask(questions: Questions, options?: { readonly sealed?: boolean }): Promise<Answers>;
  /** Makes a change and announces it. */
  change(change: Change): Promise<void>;
  /** Ends the response stream before the answer; the client has to resume it. Session era only, else nothing. */
  dropStream(): void;
}

/** Arguments of a tool, as its inputSchema says. */
export type Arguments = Readonly<Record<string, unknown>>;

/** A tool: its listing entry, and what a call of it does. */
export interface EverythingTool {
  readonly definition: Tool;
  readonly call: (args: Arguments, exchange: Exchange) => CallToolResult | Promise<CallToolResult>;
}

/** A prompt: its listing entry, and its messages. */
export interface EverythingPrompt {
  readonly definition: Prompt;
  readonly get: (
    args: Readonly<Record<string, string>>,
    exchange: Exchange,
  ) => GetPromptResult | Promise<GetPromptResult>;
}

/** The schema of a tool that takes nothing. */
export const NO_ARGUMENTS: Tool["inputSchema"] = { type: "object", properties: {} };

/** A text block. */
export const text = (value: string): ContentBlock => ({ type: "text", text: value });

/** A tool without arguments. */
export function tool(name: string, description: string, call: EverythingTool["call"]): EverythingTool {
  return { definition: { name, description, inputSchema: NO_ARGUMENTS }, call };
}
