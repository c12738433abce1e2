// How the gateway finds out what an upstream offers: in one session, within bounds, and around what it can't take.
import type { ServerResponse } from "node:http";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import type { ToolRead } from "../../src/schemas/tools.ts";
import type { UpstreamRead } from "../../src/schemas/upstreams.ts";
import { type Message, plainTool } from "../fakes/plain-mcp.ts";
import { on, type Script, startScripted } from "../fakes/scripted.ts";
import { type Gateway, startGateway } from "../harness.ts";

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway({ UPSTREAM_CONNECT_TIMEOUT: "2" });
});
afterAll(() => gateway.dispose());

async function scripted(...scripts: Script[]) {
  const script: Script = async (heard, outgoing) => {
    for (const one of scripts) if (await one(heard, outgoing)) return true;
    return false;
  };
  const running = await startScripted(script);
  onTestFinished(running.close);
  return running;
}

const json = (outgoing: ServerResponse, body: object, headers: Record<string, string> = {}) =>
  outgoing.writeHead(200, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));

/** Answers a method with this result. */
const gives = (method: string, result: (message: Message) => object, headers?: Record<string, string>): Script =>
  on(method, (message, outgoing) =>
    json(outgoing, { jsonrpc: "2.0", id: message.id, result: result(message) }, headers),
  );

/** A server that can do this, and knows its session by an id. */
const introducing = (capabilities: object): Script =>
  gives(
    "initialize",
    () => ({ protocolVersion: "2025-11-25", capabilities, serverInfo: { name: "scripted", version: "1" } }),
    { "mcp-session-id": "the-one" },
  );

let count = 0;
const register = <Body = UpstreamRead>(url: string) =>
  gateway.api<Body & { code?: string }>("POST", "/gateways", { name: `upstream ${++count}`, url });

it("opens one session, lists in it and ends it; an end that is never answered is no failure", async () => {
  const silent: Script = ({ method }) => method === "DELETE";
  const upstream = await scripted(
    introducing({ tools: {}, prompts: {} }),
    silent,
    gives("prompts/list", () => ({ prompts: [] })),
  );
  const { status, body } = await register(upstream.url);
  expect([status, body.toolCount]).toEqual([201, 3]);
  expect(await upstream.hears("initialize")).toHaveLength(1);
  for (const method of ["tools/list", "prompts/list"])
    expect((await upstream.hears(method))[0]?.headers["mcp-session-id"]).toBe("the-one");
  expect(upstream.heard.find(({ method }) => method === "DELETE")?.headers["mcp-session-id"]).toBe("the-one");
});

it("takes a server that lets itself be initialized only once", async () => {
  let times = 0;
  const once = on("initialize", (message, outgoing) => {
    const result = { protocolVersion: "2025-11-25", capabilities: { tools: {} } };
    const error = { code: -32600, message: "Server already initialized" };
    json(
      outgoing,
      { jsonrpc: "2.0", id: message.id, ...(times++ === 0 ? { result } : { error }) },
      { "mcp-session-id": "the-one" },
    );
  });
  expect(await register((await scripted(once)).url)).toMatchObject({ status: 201, body: { toolCount: 3 } });
});

it("reports a template that is malformed, and takes the others", async () => {
  const resourceTemplates = ["note:///{id}", "note:///{id", "note:///{!id}"].map((uriTemplate) => ({
    uriTemplate,
    name: "notes",
  }));
  const upstream = await scripted(
    introducing({ resources: {} }),
    gives("resources/list", () => ({ resources: [] })),
    gives("resources/templates/list", () => ({ resourceTemplates })),
  );
  const { status, body } = await register(upstream.url);
  expect([status, body.resourceCount]).toEqual([201, 1]);
  expect(body.validationErrors).toEqual([
    { kind: "templates", name: "note:///{id", reason: expect.stringContaining('"{" without "}"') },
    { kind: "templates", name: "note:///{!id}", reason: expect.stringContaining("unknown operator") },
  ]);
});

it("reports a definition that no row could hold, and stores one just below", async () => {
  const large = (name: string, size: number) => ({ ...plainTool(name), description: '"'.repeat(size / 2) });
  const tools = [large("fits", 599_000), large("too-large", 601_000)];
  const upstream = await scripted(gives("tools/list", () => ({ tools })));
  const { status, body } = await register(upstream.url);
  expect([status, body.skippedTools]).toEqual([201, ["too-large"]]);
  const { body: stored } = await gateway.api<ToolRead[]>("GET", `/tools?gateway_id=${body.id}`);
  expect(stored.map(({ name, description }) => [name, description?.length])).toEqual([["fits", 299_500]]);
});

it("asks for 500 pages at most, of all lists together", async () => {
  const numbered = (items: string) => (message: Message) => {
    const page = Number(message.params?.cursor ?? 0) + 1;
    return { [items]: [], ...(page < 300 ? { nextCursor: String(page) } : {}) };
  };
  const upstream = await scripted(
    introducing({ tools: {}, prompts: {} }),
    gives("tools/list", numbered("tools")),
    gives("prompts/list", numbered("prompts")),
  );
  expect(await register(upstream.url)).toMatchObject({
    status: 502,
    body: { code: "upstream_nonsense", stage: "list" },
  });
});
