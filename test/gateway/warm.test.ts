// A warm request touches no storage: every operation on D1, KV and objects is written down (test/counting.ts).
import { beforeAll, describe, expect, inject, it } from "vitest";
import { type Answered, coldIsolate } from "../inside.ts";
import { initialize, modern, session, type Wire } from "../wire.ts";

const paths = { builtin: "", session: "", keeping: "", modern: "" };
type Kind = keyof typeof paths;
const KINDS = Object.keys(paths) as Kind[];
const call = (kind: Kind) => ({ name: kind === "builtin" ? "echo" : "json", arguments: { message: "hi" } });

const LISTS = ["tools/list", "prompts/list", "resources/list", "resources/templates/list"];
const read = ({ status, text }: Answered) => ({ status, message: JSON.parse(text) as object });
const sessionIdIn = ({ headers }: Answered): string => headers.get("mcp-session-id") ?? "";

beforeAll(async () => {
  const { bundle } = await coldIsolate();
  const verbatim = `${inject("verbatim")}/warm`;
  await fetch(`${verbatim}/result`, { method: "PUT", body: '{"resultType":"complete","content":[]}' });
  for (const kind of KINDS) {
    paths[kind] = (await bundle(kind, kind === "builtin" ? "builtin:sample" : `${verbatim}/${kind}`)).path;
  }
});

/** Sends a request until the isolate is warm, then thrice more; gives the storage operations of both. */
async function operationsOf(
  path: string,
  wire: (id: number, sessionId: string) => Wire,
): Promise<{ cold: string[]; warm: string[] }> {
  const { operations, post } = await coldIsolate();
  const sessionId = sessionIdIn(await post(path, initialize()));
  await post(path, wire(1, sessionId));
  const cold = operations.splice(0);
  for (const id of [2, 3, 4]) {
    expect(read(await post(path, wire(id, sessionId)))).toMatchObject({ status: 200, message: { id, result: {} } });
  }
  return { cold, warm: operations };
}

describe("in a warm isolate no storage is touched by", () => {
  it.each(["server/discover", ...LISTS])("a 2026-07-28 client's %s", async (method) => {
    const { cold, warm } = await operationsOf(paths.modern, (id) => modern(id, method));
    expect(cold).toContain("DB.batch");
    expect(warm).toEqual([]);
  });

  it.each(["ping", ...LISTS])("a session client's %s", async (method) => {
    const { cold, warm } = await operationsOf(paths.modern, (id, sessionId) => session(id, method, {}, sessionId));
    expect(cold).toContain("DB.batch");
    expect(warm).toEqual([]);
  });

  it("a session client's initialize", async () => {
    const { cold, warm } = await operationsOf(paths.modern, (id) => initialize("2025-06-18", id));
    expect(cold).toContain("DB.batch");
    expect(warm).toEqual([]);
  });
});

describe.each(KINDS)("in a warm isolate, with a %s upstream, no storage is touched by", (kind) => {
  it.each<[string, (id: number, sessionId: string) => Wire]>([
    ["a 2026-07-28 client's tools/call", (id) => modern(id, "tools/call", call(kind))],
    ["a session client's tools/call", (id, sessionId) => session(id, "tools/call", call(kind), sessionId)],
  ])("%s", async (_what, wire) => {
    const { cold, warm } = await operationsOf(paths[kind], wire);
    expect(cold).toContain("DB.batch");
    expect(warm).toEqual([]);
  });

  it("a call at /rpc", async () => {
    const { operations, post } = await coldIsolate();
    const params = { ...call(kind), server_id: paths[kind].split("/")[2] };
    await post("/rpc", session(1, "tools/call", params));
    expect(operations.splice(0)).toContain("DB.batch");
    const second = read(await post("/rpc", session(2, "tools/call", params)));
    expect(second).toMatchObject({ status: 200, message: { id: 2, result: {} } });
    expect(operations).toEqual([]);
  });
});

describe("a session client's first calls", () => {
  it.each(KINDS)("open an object only where the upstream keeps sessions: %s", async (kind) => {
    const { operations, post } = await coldIsolate();
    const sessionId = sessionIdIn(await post(paths[kind], initialize()));
    operations.length = 0;
    for (const id of [1, 2, 3]) await post(paths[kind], session(id, "tools/call", call(kind), sessionId));
    expect(operations).toEqual(kind === "keeping" ? ["SESSION.upstreamSession"] : []);
  });
});
