// 2026-07-28 as a real client lives it (SDK v2, pinned), through the gateway to a server of the same revision: the same
// answers as without it, progress, pages, and questions in the middle of a call.

import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import * as z from "zod";
import { startModernEverything } from "../fakes/everything/modern.ts";
import type { Running } from "../fakes/http.ts";
import { type Gateway, startGateway } from "../harness.ts";
import { connectModern, type Raw, rawModern } from "../peers.ts";
import { modern, send } from "../wire.ts";

/** An `input_required` result. */
interface Asked {
  readonly resultType: string;
  readonly requestState: string;
}
const anything = z.looseObject({});

let gateway: Gateway;
let token: string;
let everything: Running;
let url: string;
let raw: Raw;
let direct: Raw;

beforeAll(async () => {
  [gateway, everything] = await Promise.all([startGateway(), startModernEverything()]);
  token = await gateway.token();
  url = (await gateway.bundle("everything", everything.url)).url;
  const [through, straight] = await Promise.all([connectModern(url, token), connectModern(everything.url)]);
  raw = rawModern(through);
  direct = rawModern(straight);
});
afterAll(() => Promise.all([gateway.dispose(), everything.close()]));

async function connect(options?: Parameters<typeof connectModern>[2]) {
  const client = await connectModern(url, token, options);
  onTestFinished(() => client.close());
  return client;
}

const byKey = (key: string, items: unknown): unknown[] =>
  [...(items as Record<string, string>[])].sort((one, other) => ((one[key] ?? "") < (other[key] ?? "") ? -1 : 1));

describe("the same comes through the gateway as without it:", () => {
  it.each([
    ["tools/list", "tools", "name"],
    ["prompts/list", "prompts", "name"],
    ["resources/list", "resources", "uri"],
    ["resources/templates/list", "resourceTemplates", "uriTemplate"],
  ])("%s", async (method, field, key) => {
    const [through, straight] = [await raw(method), await direct(method)];
    expect(byKey(key, through[field])).toEqual(byKey(key, straight[field]));
    expect(through).toMatchObject({ ttlMs: expect.any(Number), cacheScope: "private" });
  });

  it.each<[string, string, Record<string, unknown>]>([
    ["a text", "tools/call", { name: "test_simple_text" }],
    ["an image", "tools/call", { name: "test_image_content" }],
    ["a sound", "tools/call", { name: "test_audio_content" }],
    ["an embedded resource", "tools/call", { name: "test_embedded_resource" }],
    ["several kinds of content", "tools/call", { name: "test_multiple_content_types" }],
    ["structured content and a link", "tools/call", { name: "test_structured_content", arguments: { a: 2, b: 3 } }],
    ["a tool's error", "tools/call", { name: "test_error_handling" }],
    [
      "arguments by any schema",
      "tools/call",
      { name: "json_schema_2020_12_tool", arguments: { name: "x", phone: "1" } },
    ],
    ["a prompt", "prompts/get", { name: "test_simple_prompt" }],
    [
      "a prompt with arguments",
      "prompts/get",
      { name: "test_prompt_with_arguments", arguments: { arg1: "\u00e9", arg2: "2" } },
    ],
    ["a prompt with an image", "prompts/get", { name: "test_prompt_with_image" }],
    ["a resource", "resources/read", { uri: "test://static-text" }],
    ["a binary resource", "resources/read", { uri: "test://static-binary" }],
    ["a resource of a template", "resources/read", { uri: "test://template/a%20b/data" }],
    [
      "a completion",
      "completion/complete",
      { ref: { type: "ref/prompt", name: "test_prompt_with_arguments" }, argument: { name: "arg1", value: "par" } },
    ],
    [
      "a completion of a template",
      "completion/complete",
      { ref: { type: "ref/resource", uri: "test://template/{id}/data" }, argument: { name: "id", value: "1" } },
    ],
  ])("%s", async (_what, method, params) => {
    expect(await raw(method, params)).toEqual(await direct(method, params));
  });
});

it("mirrors arguments into headers on both legs", async () => {
  const client = await connect();
  await client.listTools();
  const call = client.callTool({
    name: "test_x_mcp_header",
    arguments: { region: "caf\u00e9", limit: 5, dryRun: true, note: "n" },
  });
  expect((await call).content).toEqual([{ type: "text", text: expect.stringContaining('"region":"caf\u00e9"') }]);
});

it("reports progress in order, before the answer", async () => {
  const seen: unknown[] = [];
  const client = await connect();
  await client.callTool(
    { name: "test_tool_with_progress" },
    { onprogress: ({ progress, total }) => void seen.push([progress, total]) },
  );
  expect(seen).toEqual([
    [0, 100],
    [50, 100],
    [100, 100],
  ]);
});

it("gives every page of a list, each item once, and refuses a cursor of another list", async () => {
  const paged = await startGateway({ LIST_PAGE_SIZE: "7" });
  onTestFinished(paged.dispose);
  const { url } = await paged.bundle("everything", everything.url);
  const client = await connectModern(url, await paged.token());
  onTestFinished(() => client.close());
  const names = (await client.listTools()).tools.map(({ name }) => name);
  const all = (await direct("tools/list")).tools as { name: string }[];
  expect(names.sort()).toEqual(all.map(({ name }) => name).sort());
  const { nextCursor } = await rawModern(client)("tools/list");
  await expect(rawModern(client)("prompts/list", { cursor: nextCursor })).rejects.toMatchObject({ code: -32602 });
});

describe("a question in the middle of a call", () => {
  const capabilities = { elicitation: { form: {} }, sampling: {}, roots: {} };
  const answering = async () => {
    const client = await connect({ capabilities });
    client.setRequestHandler("elicitation/create", () => ({
      action: "accept",
      content: { name: "Ann", color: "green", ok: true, context: "tea" },
    }));
    client.setRequestHandler("sampling/createMessage", () => ({
      model: "m",
      role: "assistant",
      content: { type: "text", text: "Paris" },
    }));
    client.setRequestHandler("roots/list", () => ({ roots: [{ uri: "file:///home" }] }));
    return client;
  };

  it.each([
    ["test_input_required_result_elicitation", /^Hello, action=accept, .*Ann/],
    ["test_input_required_result_sampling", /^The model says: Paris$/],
    ["test_input_required_result_list_roots", /^Roots: file:\/\/\/home$/],
    ["test_input_required_result_request_state", /^state-ok action=accept/],
    ["test_input_required_result_multiple_inputs", /^All answered: .*Ann.* Paris file:\/\/\/home$/],
    ["test_input_required_result_multi_round", /^Both answered: .*Ann.*; .*green/],
  ])("of %s is answered and the call goes on", async (name, expected) => {
    const client = await answering();
    const { content } = await client.callTool({ name });
    expect(content).toEqual([{ type: "text", text: expect.stringMatching(expected) }]);
  });

  it("of a prompt is answered and the prompt is given", async () => {
    const client = await answering();
    const { messages } = await client.getPrompt({ name: "test_input_required_result_prompt" });
    expect(JSON.stringify(messages)).toContain("tea");
  });

  it("carries a state that is sealed for this caller and this call", async () => {
    const client = await connect({ capabilities, inputRequired: { autoFulfill: false } });
    const tool = "test_input_required_result_request_state";
    const asked = (await client.request({ method: "tools/call", params: { name: tool } } as never, anything, {
      allowInputRequired: true,
    } as never)) as unknown as Asked;
    expect(asked).toMatchObject({
      resultType: "input_required",
      inputRequests: { confirm: { method: "elicitation/create" } },
    });
    const inputResponses = { confirm: { action: "accept", content: { ok: true } } };
    const retry = (name: string, requestState: string) =>
      rawModern(client)("tools/call", { name, inputResponses, requestState });
    await expect(retry(tool, `${asked.requestState}-TAMPERED`)).rejects.toMatchObject({ code: -32602 });
    await expect(retry("test_input_required_result_tampered_state", asked.requestState)).rejects.toMatchObject({
      code: -32602,
    });
    expect(await retry(tool, asked.requestState)).toMatchObject({
      content: [{ text: expect.stringContaining("state-ok") }],
    });
  });
});

it("answers a request whose client only takes JSON like any other", async () => {
  const { headers, body } = modern(1, "tools/call", { name: "test_simple_text" });
  const received = await send(
    url,
    { headers: { ...headers, accept: "application/json" }, body },
    { authorization: `Bearer ${token}` },
  );
  expect(received).toMatchObject({ status: 200, answer: { result: { resultType: "complete" } } });
});
