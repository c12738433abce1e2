// FastMCP's Python client, without Python: what it sent, recorded request by request from real runs, is sent again as it
// was, and every answer must be one it can use. 2.14.7 (mcp 1.30.0) speaks 2025-11-25, 4.1.2 (mcp 2.3.0) 2026-07-28.
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startModernEverything } from "../fakes/everything/modern.ts";
import { startSessionEverything } from "../fakes/everything/session.ts";
import type { Running } from "../fakes/http.ts";
import { type Gateway, startGateway } from "../harness.ts";
import { messagesIn } from "../wire.ts";

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly code: number; readonly message: string };
}
interface Recorded {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Message;
}
interface Exchanged {
  readonly request: Recorded;
  readonly status: number;
  readonly headers: Headers;
  readonly messages: readonly Message[];
}

let gateway: Gateway;
const upstreams: Running[] = [];
const urls = new Map<string, string>();

beforeAll(async () => {
  gateway = await startGateway();
  for (const [era, start] of [
    ["session", startSessionEverything],
    ["modern", startModernEverything],
  ] as const) {
    const upstream = await start();
    upstreams.push(upstream);
    urls.set(era, (await gateway.bundle(era, upstream.url)).url);
  }
});
afterAll(async () => {
  await gateway?.dispose();
  await Promise.all(upstreams.map((upstream) => upstream.close()));
});

/** Sends a recording with a token and the session id the gateway gives. The stream FastMCP opens by GET isn't read. */
async function replay(recording: string, url: string): Promise<Exchanged[]> {
  const lines = await readFile(new URL(`recordings/${recording}.ndjson`, import.meta.url), "utf8");
  const token = await gateway.token();
  let session = "";
  const exchanged: Exchanged[] = [];
  for (const line of lines.trimEnd().split("\n")) {
    const request: Recorded = JSON.parse(line.replace("{token}", token).replace("{session}", session));
    const { method, headers, body } = request;
    const response = await fetch(url, { method, headers, ...(body && { body: JSON.stringify(body) }) });
    session = response.headers.get("mcp-session-id") ?? session;
    if (method === "GET") await response.body?.cancel();
    const texts = method === "GET" ? [] : messagesIn(response.headers.get("content-type"), await response.text());
    const messages = texts.map((text): Message => JSON.parse(text));
    exchanged.push({ request, status: response.status, headers: response.headers, messages });
  }
  return exchanged;
}

/** Opened a session, was given a stream or told that there is none, and ended it. */
function session(exchanged: readonly Exchanged[]): void {
  const of = (verb: string) => exchanged.find(({ request }) => request.method === verb);
  const said = (method: string) => exchanged.find(({ request: { body } }) => body?.method === method);
  expect(said("initialize")?.messages[0]?.result?.protocolVersion).toBe("2025-11-25");
  expect(said("notifications/initialized")?.status).toBe(202);
  const stream = of("GET");
  expect(stream?.status === 405 || stream?.headers.get("content-type") === "text/event-stream").toBe(true);
  expect(of("DELETE")?.status).toBe(204);
}

/** Learned what there is by server/discover, and got along without a session. */
function stateless(exchanged: readonly Exchanged[]): void {
  expect(exchanged[0]?.messages[0]?.result?.supportedVersions).toContain("2026-07-28");
  expect(exchanged.every(({ headers }) => !headers.has("mcp-session-id"))).toBe(true);
}

describe.each([
  { recording: "fastmcp-2.14.7", era: "session", keepsTo: session },
  { recording: "fastmcp-2.14.7", era: "modern", keepsTo: session },
  { recording: "fastmcp-4.1.2", era: "session", keepsTo: stateless },
  { recording: "fastmcp-4.1.2", era: "modern", keepsTo: stateless },
])("$recording in front of a $era upstream", ({ recording, era, keepsTo }) => {
  let exchanged: Exchanged[];
  beforeAll(async () => {
    exchanged = await replay(recording, urls.get(era) ?? "");
  });

  /** What came back for the only request of a method, or for that with this `name` or `uri`. */
  const answersTo = (method: string, named?: string): readonly Message[] => {
    const found = exchanged.filter(({ request: { body } }) => {
      return body?.method === method && (named === undefined || [body.params?.name, body.params?.uri].includes(named));
    });
    expect(found).toHaveLength(1);
    return found[0]?.messages ?? [];
  };
  const resultOf = (method: string, named?: string) => answersTo(method, named).at(-1)?.result;
  const namesIn = (list: unknown): string[] => (list as { name: string }[]).map(({ name }) => name);

  test("gives every request one answer, with its id, as the last message", () => {
    const requests = exchanged.filter(({ request: { body } }) => body?.id !== undefined);
    expect(requests.length).toBeGreaterThanOrEqual(11);
    for (const { request, status, messages } of requests) {
      expect(status).toBe(200);
      expect(messages.filter(({ id }) => id !== undefined)).toHaveLength(1);
      expect(messages.at(-1)?.id).toBe(request.body?.id);
    }
  });

  test("lists the tools and calls one, with its structured content", () => {
    expect(namesIn(resultOf("tools/list")?.tools)).toContain("test_structured_content");
    expect(resultOf("tools/call", "test_structured_content")).toMatchObject({
      structuredContent: { sum: 42 },
      content: [
        { type: "text", text: '{"sum":42}' },
        { type: "resource_link", uri: "test://static-text" },
      ],
    });
  });

  test("reports progress under the token that FastMCP chose, before the answer", () => {
    const call = exchanged.find(({ request: { body } }) => body?.params?.name === "test_tool_with_progress");
    const progressToken = (call?.request.body?.params?._meta as { progressToken?: number } | undefined)?.progressToken;
    expect(progressToken).toEqual(expect.any(Number));
    const steps = call?.messages.filter(({ method }) => method === "notifications/progress");
    expect(steps?.map(({ params }) => params)).toEqual([
      { progressToken, progress: 0, total: 100 },
      { progressToken, progress: 50, total: 100 },
      { progressToken, progress: 100, total: 100 },
    ]);
    expect(call?.messages.at(-1)?.result).toMatchObject({ content: [{ type: "text", text: "Reported progress." }] });
  });

  test("lists resources and templates, and reads one of each", () => {
    expect(namesIn(resultOf("resources/list")?.resources)).toContain("static-text");
    expect(namesIn(resultOf("resources/templates/list")?.resourceTemplates)).toEqual(["template"]);
    expect(resultOf("resources/read", "test://static-text")).toMatchObject({
      contents: [{ uri: "test://static-text", text: "This is the content of the static text resource." }],
    });
    expect(resultOf("resources/read", "test://template/7/data")).toMatchObject({
      contents: [{ uri: "test://template/7/data", mimeType: "application/json" }],
    });
  });

  test("lists prompts and gets one", () => {
    expect(namesIn(resultOf("prompts/list")?.prompts)).toContain("test_prompt_with_arguments");
    expect(resultOf("prompts/get", "test_prompt_with_arguments")).toMatchObject({
      messages: [{ role: "user", content: { text: "Prompt with arguments: arg1='one', arg2='two'" } }],
    });
  });

  test("says that a tool is unknown as a JSON-RPC error, which FastMCP raises", () => {
    const [answer] = answersTo("tools/call", "nonexistent");
    expect(answer?.error).toMatchObject({ code: -32602, message: "Unknown tool: nonexistent" });
  });

  test("keeps to the way of its revision from the first request to the last", () => keepsTo(exchanged));
});
