// The one interface to whatever a tool, prompt or resource lives on, and what comes back from it. Implementations:
// modern.ts, session.ts, sse.ts (MCP of each era), rest.ts, builtin.ts. connect.ts picks.
import type { Target } from "../catalog/target.ts";
import type { JsonObject, JsonValue } from "../lib/json.ts";
import type { Keys } from "./credentials.ts";
import type { Outbound } from "./safe-fetch.ts";

export type { Target };

/** One MCP request on its way up. */
export interface UpstreamRequest {
  /** The client's own id: unique among what it has under way, so it serves stateless upstreams as it is. */
  readonly id: JsonValue;
  readonly method: string;
  readonly params: JsonObject;
  /** Log messages wanted on a connection that lives as long as the request. */
  readonly logLevel?: string;
  /** `Mcp-Param-*` headers the tool's schema asks for (2026-07-28 transports, "Custom headers"). */
  readonly paramHeaders?: Readonly<Record<string, string>>;
}

/**
 * What comes back. `message` and `body` are a whole JSON-RPC response as the upstream wrote it, `body` unread because
 * it is large; `stream` are messages as JSON texts: notifications, then the response; `result` is a result made here.
 */
export type Answer =
  | { readonly kind: "message"; readonly text: string }
  | { readonly kind: "body"; readonly body: ReadableStream<Uint8Array>; readonly bytes: number }
  | { readonly kind: "stream"; readonly messages: AsyncGenerator<string, void, void> }
  | { readonly kind: "result"; readonly result: JsonObject }
  | { readonly kind: "error"; readonly error: RpcError };

/** A JSON-RPC error object (JSON-RPC 2.0 §5.1). */
export interface RpcError {
  readonly code: number;
  readonly message: string;
  readonly data?: JsonValue;
}

/** What a connector needs from the request it works for. */
export interface Surroundings extends Keys {
  readonly outbound: Outbound;
  /** Sessions at upstreams that keep them; they belong to the client's session, or to the principal. */
  readonly sessions: UpstreamSessions;
  /** Name and version to introduce ourselves with. */
  readonly clientInfo: { readonly name: string; readonly version: string };
  /** Milliseconds until an answer must have begun. */
  readonly timeout: number;
  /** Aborts when nobody waits any more. */
  readonly signal: AbortSignal;
  /** What the client behind the request can do, as it is told where a session opens for it; absent: nothing. */
  readonly declared?: JsonObject;
  /** The client behind the request, where it can be asked something meanwhile. */
  readonly client?: AskableClient;
  /** Called when an answer takes its time (safe-fetch.ts says how much). */
  readonly onSlow?: (() => void) | undefined;
  /** Lets work go on after the request was answered. */
  background(work: Promise<unknown>): void;
}

/** A client that a server may ask something in the middle of its answer (MCP client/sampling, elicitation, roots). */
export interface AskableClient {
  /** What it can be asked: declared upstream exactly as the client declared it. */
  readonly capabilities: JsonObject;
  /** Makes a server's request one to this client. The text has to reach it on the stream of the answer. */
  ask(request: JsonObject): Question;
  /** A server's notifications/cancelled as this client must have it; undefined when it is about none of its questions. */
  withdraw?(notification: JsonObject): string | undefined;
  /** No more questions. */
  hangUp(): void;
}

/** A question under way. `reply` is `{result}` or `{error}`. */
export interface Question {
  readonly text: string;
  readonly reply: Promise<JsonObject>;
}

/** A session at an upstream: `id` is absent when the upstream keeps none. */
export interface UpstreamSession {
  readonly id?: string;
  readonly protocolVersion: string;
}

/** Where upstream sessions are kept: one owner each, opened once. sessions.ts has the implementations. */
export interface UpstreamSessions {
  /** Requests of several clients use one session: their ids and progress tokens must not meet there. */
  readonly shared: boolean;
  /** The session to use; opened if there is none. */
  get(target: Target): UpstreamSession | Promise<UpstreamSession>;
  /** Drops one that the upstream no longer knows. */
  forget(target: Target, session: UpstreamSession): Promise<void>;
}

/** Speaks to one kind of upstream. */
export interface Connector {
  /** Sends a request. Resolves when the answer has begun. @throws GatewayError naming the upstream. */
  send(target: Target, request: UpstreamRequest, around: Surroundings): Promise<Answer>;
  /** Sends a notification, such as notifications/cancelled; absent where the era has none. */
  notify?(target: Target, method: string, params: JsonObject, around: Surroundings): Promise<void>;
  /** Opens and introduces itself: what the server is and can do. */
  introduce(target: Target, around: Surroundings): Promise<Introduction>;
}

/** What a server says of itself (initialize or server/discover). */
export interface Introduction {
  readonly protocolVersion: string;
  readonly sessionful: boolean;
  readonly capabilities: JsonObject;
  readonly serverInfo: JsonObject | null;
  readonly instructions: string | null;
}

/** The URL without its query and credentials, for messages and logs. */
export const shownUrl = (url: string): string => url.replace(/[?#].*$/s, "").replace(/^([a-z]+:\/\/)[^/]*@/i, "$1");
