// What an upstream changes in its tools stays with the gateway until somebody approved that very definition: seen from
// the REST API, which decides, and from MCP clients, which must not see it before.
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type Changing, startChanging } from "../fakes/changing.ts";
import { plainTool } from "../fakes/plain-mcp.ts";
import { type Gateway, startGateway } from "../harness.ts";
import { callerOf } from "../wire.ts";

type Row = Record<string, unknown>;
interface Change extends Row {
  readonly toolId: string;
  readonly hash: string;
  readonly diff: { path: string; before?: unknown; after?: unknown }[];
}

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.dispose());

/** A tool with every field that definitions have, and one that nobody knows. */
const FULL = {
  name: "first",
  title: "First",
  description: "Does the first thing",
  inputSchema: { type: "object", properties: { text: { type: "string", description: "What to say" } } },
  outputSchema: { type: "object", properties: { said: { type: "string" } } },
  annotations: { readOnlyHint: true },
  icons: [{ src: "https://example.com/icon.png" }],
  execution: { taskSupport: "forbidden" },
  _meta: { "example.com/a": { b: 1 } },
  "x-unknown": [1, 2],
};

let count = 0;

/** An upstream in the catalog, in a virtual server with all its tools. */
async function place(tools?: Row[], more: { server?: object; upstream?: object } = {}) {
  const upstream = await startChanging("modern", tools);
  onTestFinished(upstream.close);
  const name = `changing-${++count}`;
  const bundle = await gateway.bundle(name, upstream.url, { ...more.server }, { ...more.upstream });
  onTestFinished(async () => void (await gateway.api("DELETE", `/gateways/${bundle.gatewayId}`)));
  return { upstream, name, ...bundle };
}

async function refresh(gatewayId: string): Promise<Row> {
  const { status, body } = await gateway.api<Row>("POST", `/gateways/${gatewayId}/tools/refresh`);
  expect(status, JSON.stringify(body)).toBe(200);
  return body;
}

/** Puts another tool in the place of one, and has the gateway look. */
async function redefine({ upstream, gatewayId }: { upstream: Changing; gatewayId: string }, name: string, tool: Row) {
  upstream.replace(name, tool);
  return await refresh(gatewayId);
}

const changes = async (query: string): Promise<Change[]> => {
  const { status, body } = await gateway.api<{ changes: Change[] }>("GET", `/changes?${query}`);
  expect(status, JSON.stringify(body)).toBe(200);
  return body.changes;
};
const pending = (gatewayId: string): Promise<Change[]> => changes(`gateway_id=${gatewayId}`);
const decide = (word: "approve" | "reject", { toolId, hash }: Pick<Change, "toolId" | "hash">) =>
  gateway.api<Row>("POST", `/changes/${toolId}/${word}`, { hash });
const approve = async (change: Pick<Change, "toolId" | "hash">): Promise<void> => {
  const { status, body } = await decide("approve", change);
  expect(status, JSON.stringify(body)).toBe(200);
};

/** Tools that a client is shown at a URL. */
async function shown(url: string): Promise<Row[]> {
  const call = await callerOf("modern", url, await gateway.token());
  const { answer } = await call(1, "tools/list");
  return answer?.result?.tools as Row[];
}
const names = async (url: string): Promise<unknown[]> => (await shown(url)).map(({ name }) => name);
/** What a call comes to: its text, or its error. */
async function call(url: string, name: string): Promise<unknown> {
  const caller = await callerOf("modern", url, await gateway.token());
  const { answer } = await caller(1, "tools/call", { name, arguments: {} });
  return answer?.error?.message ?? answer?.result?.content;
}
/** What a call of a tool that nobody made comes to, as if it were called this. */
const unknownTool = async (url: string, name: string): Promise<string> =>
  String(await call(url, "made_up")).replace("made_up", name);
const SAID = [{ type: "text", text: "{}" }];

describe("a change of a tool", () => {
  const FIELDS: [string, Row, string][] = [
    ["its description", { description: "Does the second thing" }, "description"],
    ["its title", { title: "Second" }, "title"],
    ["a property", { inputSchema: { type: "object", properties: { text: { type: "number" } } } }, "inputSchema"],
    ["its output schema", { outputSchema: { type: "object" } }, "outputSchema.properties"],
    ["its annotations", { annotations: { readOnlyHint: false } }, "annotations.readOnlyHint"],
    ["its icons", { icons: [] }, "icons"],
    ["its execution", { execution: { taskSupport: "optional" } }, "execution.taskSupport"],
    ["its _meta, deep down", { _meta: { "example.com/a": { b: 2 } } }, '_meta["example.com/a"].b'],
    ["a field that nobody knows", { "x-unknown": [2, 1] }, "x-unknown"],
    ["a field that was not there", { "x-new": null }, "x-new"],
    ["a field that is gone", { title: undefined }, "title"],
  ];

  it.each(FIELDS)("in %s withholds it, from lists and calls, until it is approved", async (_what, change, path) => {
    const at = await place([FULL, plainTool("second")]);
    const everywhere = `${gateway.url}/mcp`;
    expect(await names(everywhere)).toEqual(["first", "second"]);
    expect(await redefine(at, "first", { ...FULL, ...change })).toMatchObject({ toolsUpdated: 1, toolsWithheld: 1 });

    expect(await names(at.url)).toEqual(["second"]);
    expect(await names(everywhere)).toEqual(["second"]);
    for (const url of [at.url, everywhere]) expect(await call(url, "first")).toBe(await unknownTool(url, "first"));
    const found = await pending(at.gatewayId);
    expect(found).toMatchObject([
      { kind: "changed", status: "pending", toolName: "first", gatewayId: at.gatewayId, current: true },
    ]);
    expect(found[0]?.withheldFrom).toEqual([{ id: at.serverId, name: at.name }]);
    expect(found[0]?.diff.every((one) => one.path.startsWith(path))).toBe(true);

    await approve(found[0] as Change);
    expect(await names(at.url)).toEqual(["first", "second"]);
    expect(await call(at.url, "first")).toEqual(SAID);
    expect(await pending(at.gatewayId)).toEqual([]);
  });

  it("is told whole, beside the definition that was approved before it and all there were", async () => {
    const at = await place([FULL]);
    const other = { ...FULL, description: "Other" };
    await redefine(at, "first", other);
    const [change] = await pending(at.gatewayId);
    const { body } = await gateway.api<Row>("GET", `/changes/${change?.toolId}`);
    expect(body).toMatchObject({ kind: "changed", diff: [{ path: "description" }], definition: other });
    expect(body.approvedDefinition).toEqual(FULL);
    expect(body.history).toMatchObject([{ status: "pending" }, { status: "first", definition: FULL }]);
  });

  it("in nothing but the order of keys is none", async () => {
    const at = await place([FULL]);
    const { _meta, inputSchema, ...rest } = FULL;
    const { properties, type } = inputSchema;
    const reordered = { _meta, inputSchema: { properties, type }, ...rest };
    expect(await redefine(at, "first", reordered)).toMatchObject({ toolsUpdated: 0, toolsWithheld: 0 });
    expect(await names(at.url)).toEqual(["first"]);
  });

  it("that is taken back shows the tool again by itself", async () => {
    const at = await place([FULL]);
    await redefine(at, "first", { ...FULL, description: "Other" });
    expect(await names(at.url)).toEqual([]);
    expect(await redefine(at, "first", FULL)).toMatchObject({ toolsUpdated: 1, toolsWithheld: 0 });
    expect(await names(at.url)).toEqual(["first"]);
    expect(await pending(at.gatewayId)).toEqual([]);
    expect(await changes(`status=all&gateway_id=${at.gatewayId}`)).toMatchObject([{ status: "reverted" }]);
  });
});
