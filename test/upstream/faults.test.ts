// What goes wrong upstream is told as what it is: a code, and the upstream, URL, stage and request it happened to.
// Nothing is half registered, nobody waits for ever, and one bad upstream hurts no other.
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import * as faults from "../fakes/faults.ts";
import { type Faulty, startFaulty } from "../fakes/faulty.ts";
import { type Era, plainTool } from "../fakes/plain-mcp.ts";
import { type Gateway, startGateway } from "../harness.ts";

const LIMIT = 100_000;
const ERAS = ["session", "modern"] as const satisfies Era[];

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway({ UPSTREAM_CONNECT_TIMEOUT: "1", TOOL_TIMEOUT: "1", MAX_RESULT_BYTES: String(LIMIT) });
});
afterAll(() => gateway.dispose());

async function faulty(fault: faults.Fault, era?: Era): Promise<Faulty> {
  const running = await startFaulty(fault, era);
  onTestFinished(running.close);
  return running;
}

let count = 0;
const newName = (): string => `upstream ${++count}`;

/** A failure and what it is told as: status, code, stage, and what else must be said. */
interface Told {
  readonly what: string;
  readonly fault: faults.Fault;
  readonly told: readonly [status: number, code: string, stage: string, more?: object];
}

const CHALLENGE = 'Bearer realm="there"';
const TOLD: readonly Told[] = [
  { what: "nothing, for its port is closed", fault: faults.refuses, told: [502, "upstream_refused", "connect"] },
  { what: "a web page", fault: faults.html, told: [502, "upstream_nonsense", "initialize"] },
  { what: "JSON that breaks off", fault: faults.truncatedJson, told: [502, "upstream_nonsense", "initialize"] },
  { what: "what another request asked", fault: faults.wrongId, told: [502, "upstream_nonsense", "initialize"] },
  {
    what: "401",
    fault: faults.unauthorized(CHALLENGE),
    told: [424, "upstream_auth_required", "connect", { challenge: CHALLENGE }],
  },
  { what: "403", fault: faults.fails(403), told: [424, "upstream_auth_required", "connect"] },
  { what: "500", fault: faults.fails(500), told: [502, "upstream_status", "initialize", { status: 500 }] },
  { what: "503", fault: faults.fails(503), told: [502, "upstream_status", "initialize", { status: 503 }] },
  {
    what: "429",
    fault: faults.rateLimited("17"),
    told: [502, "upstream_status", "initialize", { status: 429, retry_after: "17" }],
  },
  {
    what: "526, as Cloudflare does",
    fault: faults.fails(526),
    told: [502, "upstream_tls", "connect", { status: 526 }],
  },
  { what: "silence", fault: faults.hangs("request"), told: [504, "upstream_timeout", "connect"] },
  { what: "silence after headers", fault: faults.hangs("headers"), told: [504, "upstream_timeout", "connect"] },
  { what: "a huge body", fault: faults.oversized(2 * LIMIT), told: [502, "upstream_too_large", "connect"] },
  { what: "half a body", fault: faults.dies("body"), told: [502, "upstream_refused", "connect"] },
  { what: "half a stream", fault: faults.dies("stream"), told: [502, "upstream_refused", "connect"] },
  { what: "pages without end", fault: faults.endlessCursors("new"), told: [502, "upstream_nonsense", "list"] },
  { what: "one page for ever", fault: faults.endlessCursors("same"), told: [502, "upstream_nonsense", "list"] },
];

describe.each(TOLD)("an upstream that answers $what", ({ fault, told: [status, code, stage, more] }) => {
  it.each(["/gateways/test", "/gateways"])(`is refused by POST %s with ${status} ${code} at ${stage}`, async (path) => {
    const { url } = await faulty(fault);
    const name = newName();
    const refused = await gateway.api("POST", path, { name, url: `${url}?key=secret` });
    expect(refused.status).toBe(status);
    expect(refused.body).toMatchObject({ code, stage, upstream: name, url, ...more });
    expect(refused.body).toMatchObject({ request_id: refused.headers.get("x-correlation-id") });
    expect(JSON.stringify(refused.body)).not.toContain("secret");
  });

  it("leaves nothing behind", async () => {
    const { url } = await faulty(fault);
    const name = newName();
    await gateway.api("POST", "/gateways", { name, url });
    expect(await gateway.sql("SELECT name FROM upstreams WHERE name = ?", name)).toEqual([]);
    expect(await gateway.sql("SELECT name FROM tools")).toEqual([]);
  });
});

it("passes Retry-After on", async () => {
  const { url } = await faulty(faults.rateLimited("17"));
  const refused = await gateway.api("POST", "/gateways/test", { url });
  expect(refused.headers.get("retry-after")).toBe("17");
});

it("tells of TLS where plain HTTP was found", async () => {
  const { url } = await faulty({ ...faults.html, on: [] });
  const refused = await gateway.api("POST", "/gateways/test", { name: "tls", url: url.replace("http:", "https:") });
  expect(refused.body).toMatchObject({ detail: expect.stringContaining("certificate") });
  expect([refused.status, refused.body]).toMatchObject([
    502,
    { code: "upstream_refused", stage: "connect", upstream: "tls" },
  ]);
});

it.each(ERAS)("follows no redirect to another origin: a %s upstream's target hears nothing", async (era) => {
  const target = await faulty({ ...faults.html, on: [] }, era);
  const { url } = await faulty(faults.redirects(target.url, 307), era);
  const refused = await gateway.api("POST", "/gateways", { name: newName(), url });
  expect([refused.status, refused.body]).toMatchObject([502, { code: "upstream_nonsense" }]);
  expect(target.requests).toEqual([]);
});

it("gives up on a silent upstream, and lets go of it", async () => {
  const { url, seen } = await faulty(faults.hangs("headers"), "modern");
  await gateway.api("POST", "/gateways/test", { url });
  expect(await (await seen("server/discover")).ended).toBe("broken off");
});

it.each(ERAS)("takes an answer after a byte order mark from a %s upstream", async (era) => {
  const { url } = await faulty(faults.byteOrderMark, era);
  const found = await gateway.api("POST", "/gateways/test", { url });
  expect([found.status, found.body]).toMatchObject([200, { era, componentCounts: { tools: 3 } }]);
});

it.each(["no name", "no schema", "schema is no object", "schema is of another type"] as const)(
  "stores the good tools beside one that is malformed (%s), and reports that one",
  async (flaw) => {
    const { url } = await faulty(faults.malformedTool(flaw));
    const created = await gateway.api<{ id: string }>("POST", "/gateways", { name: newName(), url });
    expect(created.status).toBe(201);
    const name = flaw === "no name" ? "(no name)" : "second";
    expect(created.body).toMatchObject({
      toolCount: 2,
      skippedTools: [name],
      validationErrors: [{ kind: "tools", name }],
    });
    const tools = await gateway.sql(
      "SELECT original_name FROM tools WHERE upstream_id = ? ORDER BY 1",
      created.body.id,
    );
    expect(tools).toEqual([{ original_name: "first" }, { original_name: "third" }]);
    await gateway.api("DELETE", `/gateways/${created.body.id}`);
  },
);

it.each<[string, object]>([
  ["is no header name", { a: { type: "string", "x-mcp-header": "no header" } }],
  ["is given twice", { a: { type: "string", "x-mcp-header": "X" }, b: { type: "string", "x-mcp-header": "x" } }],
  ["is at a number that is no integer", { a: { type: "number", "x-mcp-header": "X" } }],
  ["is in an array", { a: { type: "array", items: { type: "string", "x-mcp-header": "X" } } }],
])("drops a tool whose x-mcp-header %s, and reports it", async (_what, properties) => {
  const odd = { name: "odd", inputSchema: { type: "object", properties } };
  const rewrite: faults.Fault = {
    kind: "rewrites",
    on: ["tools/list"],
    rewrite: (answer) => ({
      ...answer,
      result: { ...answer.result, tools: [plainTool("first"), odd, plainTool("third")] },
    }),
  };
  const { url } = await faulty(rewrite, "modern");
  const found = await gateway.api("POST", "/gateways/test", { url });
  expect(found.body).toMatchObject({
    tools: [{ name: "first" }, { name: "third" }],
    problems: [{ kind: "tools", name: "odd", reason: expect.stringContaining("x-mcp-header") }],
  });
});
