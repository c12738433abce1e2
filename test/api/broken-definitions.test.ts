// Stored definitions that no view can be made of (they came in before a check existed, say): they are left out, and
// everything else is served as if they were not there.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Script, type Scripted, startScripted } from "../fakes/scripted.ts";
import { type Gateway, startGateway } from "../harness.ts";
import { callerOf } from "../wire.ts";

const RESULTS: Readonly<Record<string, object>> = {
  "prompts/list": { prompts: [{ name: "whole" }] },
  "resources/list": { resources: [{ uri: "note://one", name: "one" }] },
  "resources/templates/list": {
    resourceTemplates: ["whole://{name}", "broken://{name}"].map((uriTemplate) => ({ uriTemplate, name: uriTemplate })),
  },
};
const script: Script = ({ message }, outgoing) => {
  const capabilities = { tools: {}, prompts: {}, resources: {} };
  const result =
    message?.method === "initialize"
      ? { protocolVersion: message.params?.protocolVersion, capabilities, serverInfo: { name: "old", version: "1" } }
      : message?.method === "resources/read"
        ? { contents: [{ uri: message.params?.uri, text: "read" }] }
        : RESULTS[message?.method ?? ""];
  if (!result) return false;
  outgoing.writeHead(200, { "content-type": "application/json" });
  outgoing.end(JSON.stringify({ jsonrpc: "2.0", id: message?.id, result }));
  return true;
};

/** The tool `second` with annotations that can't be followed. */
const BROKEN: [string, object][] = [
  ["mirrors an object", { text: { type: "object", "x-mcp-header": "Text" } }],
  ["names no header", { text: { type: "string", "x-mcp-header": "not a token" } }],
  [
    "mirrors two arguments in one header",
    { text: { type: "string", "x-mcp-header": "A" }, more: { type: "string", "x-mcp-header": "a" } },
  ],
];

let gateway: Gateway;
let upstream: Scripted;
let server: { url: string; serverId: string };
let token: string;
beforeAll(async () => {
  [gateway, upstream] = await Promise.all([startGateway(), startScripted(script)]);
  server = await gateway.bundle("old", upstream.url);
  const templates = (await gateway.sql("SELECT id FROM resources")) as { id: string }[];
  const associatedResources = templates.map(({ id }) => id);
  expect(associatedResources).toHaveLength(3);
  await gateway.api("PUT", `/servers/${server.serverId}`, { associatedResources });
  token = await gateway.token();
});
afterAll(() => Promise.all([gateway.dispose(), upstream.close()]));

let changes = 0;
/** Puts rows as no API would take them, and makes a change that the isolate notices. */
async function spoil(properties: object): Promise<void> {
  const definition = JSON.stringify({ name: "second", inputSchema: { type: "object", properties } });
  await gateway.sql("UPDATE tools SET definition = ? WHERE original_name = 'second'", definition);
  await gateway.sql("UPDATE resources SET uri = 'broken://{name' WHERE uri LIKE 'broken:%'");
  await gateway.sql("UPDATE stamps SET version = version + 1 WHERE name = 'catalog'");
  const { status } = await gateway.api("PUT", `/servers/${server.serverId}`, { description: `change ${++changes}` });
  expect(status).toBe(200);
}

const PLACES = { "/mcp": () => `${gateway.url}/mcp`, "the virtual server": () => server.url };
const CLIENTS = (["session", "modern"] as const).flatMap((era) =>
  (Object.keys(PLACES) as (keyof typeof PLACES)[]).map((place) => ({ era, place })),
);

describe.each(BROKEN)("with a stored tool that %s and a stored template that can't be parsed", (_what, properties) => {
  beforeAll(() => spoil(properties));

  it.each(CLIENTS)("$place serves everything else to a $era client", async ({ era, place }) => {
    const ask = await callerOf(era, PLACES[place](), token);
    const listed = async (method: string, key: string) => {
      const { answer } = await ask(1, method);
      return (answer?.result?.[key] as Record<string, unknown>[] | undefined)?.map(
        ({ uriTemplate, uri, name }) => uriTemplate ?? uri ?? name,
      );
    };
    expect((await listed("tools/list", "tools"))?.sort()).toEqual(["first", "third"]);
    expect(await listed("prompts/list", "prompts")).toEqual(["whole"]);
    expect(await listed("resources/list", "resources")).toEqual(["note://one"]);
    expect(await listed("resources/templates/list", "resourceTemplates")).toEqual(["whole://{name}"]);
    const called = await ask(2, "tools/call", { name: "third", arguments: { text: "hi" } });
    expect(called.answer).toMatchObject({ id: 2, result: { content: [{ text: '{"text":"hi"}' }] } });
    for (const uri of ["note://one", "whole://thing"])
      expect((await ask(3, "resources/read", { uri })).answer).toMatchObject({ result: { contents: [{ uri }] } });
    const missing = await ask(4, "tools/call", { name: "second", arguments: {} });
    expect([missing.status, missing.answer?.error?.code]).toEqual([200, -32602]);
  });

  it("the REST API still shows them, so that they can be found and removed", async () => {
    const { body } = await gateway.api<{ originalName: string }[]>("GET", "/tools?limit=0");
    expect(body.map(({ originalName }) => originalName).sort()).toEqual(["first", "second", "third"]);
  });
});
