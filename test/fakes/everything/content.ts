// What the everything server holds, the same in both eras: texts, images, schemas, simple tools, prompts, resources.
// Names and texts are those that the conformance scenarios of 2025-11-25 and 2026-07-28 ask for.

import type {
  CompleteRequest,
  ContentBlock,
  PromptMessage,
  ReadResourceResult,
  Resource,
  ResourceTemplate,
  Tool,
} from "@modelcontextprotocol/sdk/types.js";
import { type Change, type EverythingPrompt, type EverythingTool, text, tool } from "./exchange.ts";
import { elicitation, interactions, spoken } from "./interactions.ts";

/** One red pixel, PNG, base64. */
const RED_PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==";
/** No sound at all, WAV, base64. */
const SILENCE = "UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQAAAAA=";

const image: ContentBlock = { type: "image", data: RED_PIXEL, mimeType: "image/png" };
const audio: ContentBlock = { type: "audio", data: SILENCE, mimeType: "audio/wav" };
const embedded = (uri: string, mimeType: string, content: string): ContentBlock => ({
  type: "resource",
  resource: { uri, mimeType, text: content },
});
const holds = (name: string, description: string, ...content: ContentBlock[]): EverythingTool =>
  tool(name, description, () => ({ content }));

/** Every keyword that must survive the way to a client: SEP-1613, SEP-2106. */
const SCHEMA_2020_12: Tool["inputSchema"] = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  type: "object",
  $defs: {
    address: {
      $anchor: "addressDef",
      type: "object",
      properties: { street: { type: "string" }, city: { type: "string" } },
    },
  },
  properties: {
    name: { type: "string" },
    address: { $ref: "#/$defs/address" },
    contactMethod: { type: "string", enum: ["phone", "email"] },
    phone: { type: "string" },
    email: { type: "string" },
  },
  allOf: [{ anyOf: [{ required: ["phone"] }, { required: ["email"] }] }],
  if: { properties: { contactMethod: { const: "phone" } }, required: ["contactMethod"] },
  // biome-ignore lint/suspicious/noThenProperty: a JSON Schema keyword
  then: { required: ["phone"] },
  else: { required: ["email"] },
  additionalProperties: false,
};

const holdings: readonly EverythingTool[] = [
  holds("test_simple_text", "Returns a text", text("This is a simple text response for testing.")),
  holds("test_image_content", "Returns an image", image),
  holds("test_audio_content", "Returns a sound", audio),
  holds(
    "test_embedded_resource",
    "Returns a resource inside the result",
    embedded("test://embedded-resource", "text/plain", "This is an embedded resource content."),
  ),
  holds(
    "test_multiple_content_types",
    "Returns a text, an image and a resource",
    text("Multiple content types test:"),
    image,
    embedded("test://mixed-content-resource", "application/json", '{"test":"data","value":123}'),
  ),
  tool("test_error_handling", "Always fails", () => {
    throw new Error("This tool intentionally returns an error for testing");
  }),
  {
    definition: {
      name: "test_structured_content",
      title: "Structured content",
      description: "Adds two numbers and answers in structure, with a link to a resource",
      inputSchema: {
        type: "object",
        properties: { a: { type: "number" }, b: { type: "number" } },
        required: ["a", "b"],
      },
      outputSchema: { type: "object", properties: { sum: { type: "number" } }, required: ["sum"] },
      annotations: { readOnlyHint: true, idempotentHint: true },
    },
    call: ({ a, b }) => {
      const structuredContent = { sum: Number(a) + Number(b) };
      const link: ContentBlock = { type: "resource_link", uri: "test://static-text", name: "static-text" };
      return { content: [text(JSON.stringify(structuredContent)), link], structuredContent };
    },
  },
  {
    definition: {
      name: "test_x_mcp_header",
      description: "Takes arguments that are mirrored into Mcp-Param headers (SEP-2243)",
      inputSchema: {
        type: "object",
        properties: {
          region: { type: "string", "x-mcp-header": "Region" },
          limit: { type: "integer", "x-mcp-header": "Limit" },
          dryRun: { type: "boolean", "x-mcp-header": "Dry-Run" },
          note: { type: "string" },
        },
      },
    },
    call: (args) => ({ content: [text(`Called with ${JSON.stringify(args)}`)] }),
  },
  {
    definition: {
      name: "json_schema_2020_12_tool",
      description: "Tool with JSON Schema 2020-12 features",
      inputSchema: SCHEMA_2020_12,
    },
    call: (args) => ({ content: [text(`Called with ${JSON.stringify(args)}`)] }),
  },
];

const says = (...content: ContentBlock[]): PromptMessage[] =>
  content.map((block) => ({ role: "user", content: block }));

const prompts: readonly EverythingPrompt[] = [
  {
    definition: { name: "test_simple_prompt", description: "A prompt without arguments" },
    get: () => ({ messages: says(text("This is a simple prompt for testing.")) }),
  },
  {
    definition: {
      name: "test_prompt_with_arguments",
      description: "A prompt with two arguments",
      arguments: [
        { name: "arg1", description: "First test argument", required: true },
        { name: "arg2", description: "Second test argument", required: true },
      ],
    },
    get: ({ arg1, arg2 }) => ({
      messages: says(text(`Prompt with arguments: arg1='${arg1 ?? ""}', arg2='${arg2 ?? ""}'`)),
    }),
  },
  {
    definition: {
      name: "test_prompt_with_embedded_resource",
      description: "A prompt that embeds a resource",
      arguments: [{ name: "resourceUri", description: "URI of the resource to embed", required: true }],
    },
    get: ({ resourceUri = "" }) => ({
      messages: says(
        embedded(resourceUri, "text/plain", "Embedded resource content for testing."),
        text("Please process the embedded resource above."),
      ),
    }),
  },
  {
    definition: { name: "test_prompt_with_image", description: "A prompt that holds an image" },
    get: () => ({ messages: says(image, text("Please analyze the image above.")) }),
  },
  {
    definition: { name: "test_input_required_result_prompt", description: "A prompt that asks for its context" },
    get: async (_args, exchange) => {
      const { user_context } = await exchange.ask({
        user_context: elicitation("What context should the prompt use?", { context: { type: "string" } }),
      });
      return { messages: says(text(`Prompt with context: ${spoken(user_context)}`)) };
    },
  },
];

/** The tool and the prompt that a change makes come and go. */
const GUESTS = {
  tool: holds("test_dynamic_tool", "Comes and goes with test_trigger_tool_change", text("Here for now.")),
  prompt: {
    definition: { name: "test_dynamic_prompt", description: "Comes and goes with test_trigger_prompt_change" },
    get: () => ({ messages: says(text("Here for now.")) }),
  } satisfies EverythingPrompt,
};

const WATCHED = "test://watched-resource";

export const resources: Resource[] = [
  { uri: "test://static-text", name: "static-text", description: "A text", mimeType: "text/plain" },
  { uri: "test://static-binary", name: "static-binary", description: "An image", mimeType: "image/png" },
  { uri: WATCHED, name: "watched-resource", description: "Changes on request", mimeType: "text/plain" },
];

export const resourceTemplates: ResourceTemplate[] = [
  {
    uriTemplate: "test://template/{id}/data",
    name: "template",
    description: "Data of one id",
    mimeType: "application/json",
  },
];

/** Everything a server holds that can change while it runs: one of these per started server. */
export interface Holdings {
  tools(): readonly EverythingTool[];
  prompts(): readonly EverythingPrompt[];
  /** The contents at a URI, or undefined when there is no such resource. */
  read(uri: string): ReadResourceResult | undefined;
  /** Makes a guest come or go, or a resource change. */
  change(change: Change): void;
}

/** What a newly started server holds. */
export function everything(): Holdings {
  const tools = [...holdings, ...interactions];
  const guests = new Set<"tools" | "prompts">();
  const revisions = new Map<string, number>();
  return {
    tools: () => (guests.has("tools") ? [...tools, GUESTS.tool] : tools),
    prompts: () => (guests.has("prompts") ? [...prompts, GUESTS.prompt] : prompts),
    read: (uri) => read(uri, revisions.get(uri) ?? 0),
    change: (change) => {
      if (change.kind === "resource") revisions.set(change.uri, (revisions.get(change.uri) ?? 0) + 1);
      else if (!guests.delete(change.kind)) guests.add(change.kind);
    },
  };
}

function read(uri: string, revision: number): ReadResourceResult | undefined {
  switch (uri) {
    case "test://static-text":
      return {
        contents: [{ uri, mimeType: "text/plain", text: "This is the content of the static text resource." }],
      };
    case "test://static-binary":
      return { contents: [{ uri, mimeType: "image/png", blob: RED_PIXEL }] };
    case WATCHED:
      return { contents: [{ uri, mimeType: "text/plain", text: `Revision ${revision}` }] };
  }
  const id = /^test:\/\/template\/([^/]+)\/data$/.exec(uri)?.[1];
  if (id === undefined) return undefined;
  const data = JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` });
  return { contents: [{ uri, mimeType: "application/json", text: data }] };
}

/** Completes an argument of a prompt with words, and the id of the template with numbers. */
export function complete({ ref, argument }: CompleteRequest["params"]): {
  completion: { values: string[]; total: number };
} {
  const candidates = ref.type === "ref/prompt" ? ["paris", "park", "party"] : ["1", "12", "123"];
  const values = candidates.filter((candidate) => candidate.startsWith(argument.value));
  return { completion: { values, total: values.length } };
}
