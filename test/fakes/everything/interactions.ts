// The tools of the everything server that need the client while they run: progress, logs, questions, changes.
// Each is written once as a plain sequence; how a question travels is the era's business (see exchange.ts).

import { setTimeout as pause } from "node:timers/promises";
import {
  CreateMessageResultSchema,
  type ElicitRequestFormParams,
  ElicitResultSchema,
  ListRootsResultSchema,
} from "@modelcontextprotocol/sdk/types.js";
import {
  type Answer,
  type Arguments,
  type EverythingTool,
  type Exchange,
  type Question,
  type Questions,
  text,
  tool,
} from "./exchange.ts";

type Fields = ElicitRequestFormParams["requestedSchema"]["properties"];

/** A question to the user: all fields required unless `required` names them. */
export function elicitation(message: string, properties: Fields, required = Object.keys(properties)): Question {
  return {
    method: "elicitation/create",
    params: { mode: "form", message, requestedSchema: { type: "object", properties, required } },
  };
}

/** An answer as one line of text, whichever kind it is. */
export function spoken(answer: Answer | undefined): string {
  const choice = ElicitResultSchema.safeParse(answer);
  if (choice.success) return `action=${choice.data.action}, content=${JSON.stringify(choice.data.content ?? {})}`;
  const folders = ListRootsResultSchema.safeParse(answer);
  if (folders.success) return folders.data.roots.map(({ uri }) => uri).join(", ");
  const { content } = CreateMessageResultSchema.parse(answer);
  return content.type === "text" ? content.text : content.type;
}

const sampling = (prompt: string, maxTokens = 100): Question => ({
  method: "sampling/createMessage",
  params: { messages: [{ role: "user", content: { type: "text", text: prompt } }], maxTokens },
});
const roots: Question = { method: "roots/list", params: {} };
const name = { name: { type: "string" } } as const;
const confirmation = elicitation("Please confirm", { ok: { type: "boolean" } });

/** A tool that asks one round of questions and repeats the answers after `says`. */
function asks(
  toolName: string,
  says: string,
  questions: Questions | ((exchange: Exchange) => Questions),
  options: { readonly sealed?: boolean } = {},
): EverythingTool {
  return tool(toolName, `Asks the client, then says "${says}" and the answers`, async (_args, exchange) => {
    const answers = await exchange.ask(typeof questions === "function" ? questions(exchange) : questions, options);
    return { content: [text([says, ...Object.values(answers).map(spoken)].join(" "))] };
  });
}

/** A tool that takes one required string, asks the question made of it and repeats the answer after `says`. */
function asksWith(toolName: string, argument: string, says: string, question: (value: string) => Question) {
  return {
    definition: {
      name: toolName,
      description: `Asks the client about its ${argument}, then says "${says}" and the answer`,
      inputSchema: { type: "object", properties: { [argument]: { type: "string" } }, required: [argument] },
    },
    call: async (args: Arguments, exchange: Exchange) => {
      const { answer } = await exchange.ask({ answer: question(String(args[argument])) });
      return { content: [text(`${says} ${spoken(answer)}`)] };
    },
  } satisfies EverythingTool;
}

/** Only the questions this client said it can answer. */
function answerable({ capabilities }: Exchange): Questions {
  return {
    ...(capabilities.elicitation ? { user_name: elicitation("What is your name?", name) } : {}),
    ...(capabilities.sampling ? { greeting: sampling("Generate a greeting") } : {}),
    ...(capabilities.roots ? { client_roots: roots } : {}),
  };
}

const logs: EverythingTool["call"] = async (_args, exchange) => {
  await exchange.log("info", "Tool execution started");
  await pause(50, undefined, { signal: exchange.signal });
  await exchange.log("info", "Tool processing data");
  await pause(50, undefined, { signal: exchange.signal });
  await exchange.log("info", "Tool execution completed");
  return { content: [text("Logged three messages.")] };
};

const DEFAULTS: Fields = {
  name: { type: "string", default: "John Doe" },
  age: { type: "integer", default: 30 },
  score: { type: "number", default: 95.5 },
  status: { type: "string", enum: ["active", "inactive", "pending"], default: "active" },
  verified: { type: "boolean", default: true },
};

const titled = (...titles: string[]) => titles.map((title, index) => ({ const: `value${index + 1}`, title }));
const OPTIONS = ["option1", "option2", "option3"];
const ENUMS: Fields = {
  untitledSingle: { type: "string", enum: OPTIONS },
  titledSingle: { type: "string", oneOf: titled("First Option", "Second Option", "Third Option") },
  legacyEnum: {
    type: "string",
    enum: ["opt1", "opt2", "opt3"],
    enumNames: ["Option One", "Option Two", "Option Three"],
  },
  untitledMulti: { type: "array", items: { type: "string", enum: OPTIONS } },
  titledMulti: { type: "array", items: { anyOf: titled("First Choice", "Second Choice", "Third Choice") } },
};

export const interactions: readonly EverythingTool[] = [
  tool("test_tool_with_logging", "Logs three messages while it runs", logs),
  tool("test_logging_tool", "Logs three messages while it runs, if the request asked for logs", logs),
  tool("test_tool_with_progress", "Reports 0, 50 and 100 of 100", async (_args, exchange) => {
    await exchange.progress(0, 100);
    await pause(50, undefined, { signal: exchange.signal });
    await exchange.progress(50, 100);
    await pause(50, undefined, { signal: exchange.signal });
    await exchange.progress(100, 100);
    return { content: [text("Reported progress.")] };
  }),
  tool("test_reconnection", "Drops its stream before the answer (SEP-1699)", async (_args, exchange) => {
    exchange.dropStream();
    await pause(100, undefined, { signal: exchange.signal });
    return { content: [text("Answered after the stream was dropped.")] };
  }),

  asksWith("test_sampling", "prompt", "LLM response:", (prompt) => sampling(prompt)),
  asksWith("test_elicitation", "message", "User response:", (message) =>
    elicitation(message, {
      username: { type: "string", description: "User's response" },
      email: { type: "string", description: "User's email address" },
    }),
  ),
  asks("test_elicitation_sep1034_defaults", "Elicitation completed:", {
    profile: elicitation("Please review the defaults", DEFAULTS, []),
  }),
  asks("test_elicitation_sep1330_enums", "Elicitation completed:", {
    choices: elicitation("Please choose", ENUMS, []),
  }),

  asks("test_input_required_result_elicitation", "Hello,", { user_name: elicitation("What is your name?", name) }),
  asks("test_input_required_result_sampling", "The model says:", {
    capital_question: sampling("What is the capital of France?"),
  }),
  asks("test_input_required_result_list_roots", "Roots:", { client_roots: roots }),
  asks("test_input_required_result_request_state", "state-ok", { confirm: confirmation }, { sealed: true }),
  asks("test_input_required_result_tampered_state", "state-ok", { confirm: confirmation }, { sealed: true }),
  asks(
    "test_input_required_result_multiple_inputs",
    "All answered:",
    {
      user_name: elicitation("What is your name?", name),
      greeting: sampling("Generate a greeting", 50),
      client_roots: roots,
    },
    { sealed: true },
  ),
  tool("test_input_required_result_multi_round", "Asks twice, one after the other", async (_args, exchange) => {
    const { step1 } = await exchange.ask({ step1: elicitation("Step 1: What is your name?", name) }, { sealed: true });
    const { step2 } = await exchange.ask({
      step2: elicitation("Step 2: What is your favorite color?", { color: { type: "string" } }),
    });
    return { content: [text(`Both answered: ${spoken(step1)}; ${spoken(step2)}`)] };
  }),
  asks("test_input_required_result_capabilities", "Answered what this client can:", answerable),
  asks("test_missing_capability", "Sampled:", { needs_sampling: sampling("Is anybody there?") }),
  asks("test_streaming_elicitation", "Answered:", { user_name: elicitation("What is your name?", name) }),

  tool("test_trigger_tool_change", "Adds or removes test_dynamic_tool", async (_args, exchange) => {
    await exchange.change({ kind: "tools" });
    return { content: [text("The tools have changed.")] };
  }),
  tool("test_trigger_prompt_change", "Adds or removes test_dynamic_prompt", async (_args, exchange) => {
    await exchange.change({ kind: "prompts" });
    return { content: [text("The prompts have changed.")] };
  }),
  tool("test_trigger_resource_change", "Changes test://watched-resource", async (_args, exchange) => {
    await exchange.change({ kind: "resource", uri: "test://watched-resource" });
    return { content: [text("The resource has changed.")] };
  }),
];
