// The bench tells right answers from wrong ones: a proxy that spoils every fourth answer is caught at it, and the fast
// upstream by itself makes no error. Run with `node --test`; loopback only.
import assert from "node:assert/strict";
import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import { type Child, startChild } from "./children.ts";
import { target } from "./client.ts";
import { drive, type Load, type Operation, probe } from "./drive.ts";
import { median, type Reading, ratio } from "./stats.ts";

type Fault = (body: string) => { body?: string; status?: number; cut?: boolean };

const parsed = (change: (message: { id: number; result: { tools?: unknown[]; resultType?: string } }) => void) => {
  return (body: string) => {
    const message = JSON.parse(body);
    change(message);
    return { body: JSON.stringify(message) };
  };
};
const FAULTS: Record<string, { fault: Fault; operation: Operation; load?: Partial<Load> }> = {
  "another caller's text": {
    fault: (body) => ({ body: body.replace(/"text":"m/, '"text":"n') }),
    operation: "modern-call",
  },
  "another caller's text, in a session": {
    fault: (body) => ({ body: body.replace(/"text":"m/, '"text":"n') }),
    operation: "session-call",
  },
  "one letter less of a large result": {
    fault: (body) => ({ body: body.replace("xx", "x") }),
    operation: "modern-call",
    load: { resultBytes: 100_000 },
  },
  "another request's id": {
    fault: parsed((message) => {
      message.id = 7;
    }),
    operation: "modern-call",
  },
  "no resultType": {
    fault: parsed((message) => {
      delete message.result.resultType;
    }),
    operation: "modern-call",
  },
  "a lost tool": { fault: parsed((message) => message.result.tools?.pop()), operation: "modern-list" },
  "a lost tool, in a session": { fault: parsed((message) => message.result.tools?.pop()), operation: "session-list" },
  "HTTP 500": { fault: () => ({ status: 500 }), operation: "session-call" },
  "a JSON-RPC error": {
    fault: (body) => ({ body: body.replace(/"result":.*/, '"error":{"code":-32603,"message":"Internal error"}}') }),
    operation: "modern-call",
  },
  "a cut connection": { fault: () => ({ cut: true }), operation: "modern-call" },
};

let upstream: Child<{ url: string }>;
let proxy: http.Server;
let fault: Fault | undefined;
let seen = 0;

async function forward(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
  const body = Buffer.concat(await request.toArray());
  const names = Object.entries(request.headers).filter(
    ([name]) => !["connection", "host", "content-length"].includes(name),
  );
  const answer = await fetch(upstream.ready.url + request.url, {
    method: request.method,
    headers: Object.fromEntries(names) as Record<string, string>,
    body: body.length > 0 ? body : undefined,
  });
  const text = await answer.text();
  const spoils = fault && /"tools\/(call|list)"/.test(body.toString()) && ++seen % 4 === 0;
  const spoilt = spoils ? fault?.(text) : {};
  if (spoilt?.cut) return void response.destroy();
  response.writeHead(spoilt?.status ?? answer.status, { "content-type": "application/json" }).end(spoilt?.body ?? text);
}

before(async () => {
  upstream = await startChild("upstream.ts");
  proxy = http.createServer((request, response) => void forward(request, response)).listen(0, "127.0.0.1");
  await once(proxy, "listening");
});
after(async () => {
  proxy.closeAllConnections();
  proxy.close();
  await upstream.stop();
});

const proxied = () => `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
const run = (origin: string, operation: Operation, more: Partial<Load> = {}, path = "/mcp") =>
  drive(target(origin + path), { operation, concurrency: 4, secs: 30, tool: "echo", tools: 10, maxOps: 200, ...more });

test("a target off loopback is refused", () => {
  for (const url of [
    "http://192.168.1.4/mcp",
    "http://example.com/mcp",
    "https://127.0.0.1/mcp",
    "http://10.0.0.1:1/mcp",
  ])
    assert.throws(() => target(url), /refused/);
  assert.equal(target("http://localhost:5/mcp").host, "127.0.0.1");
});

const operations: Operation[] = ["modern-call", "modern-list", "session-call", "session-list", "session-churn"];
for (const operation of operations)
  test(`${operation} against the upstream itself makes no error and stops at its limit`, async () => {
    const slot = await run(upstream.ready.url, operation);
    assert.deepEqual(slot.errorKinds, {});
    assert.ok(slot.ops >= 200 && slot.ops < 210);
    assert.ok(slot.p50 <= slot.p99);
  });

for (const [name, { fault: spoil, operation, load }] of Object.entries(FAULTS))
  test(`a gateway that answers with ${name} is caught each time (${operation})`, async () => {
    fault = undefined;
    assert.deepEqual((await run(proxied(), operation, load)).errorKinds, {});
    fault = spoil;
    seen = 0;
    const { errors, errorKinds } = await run(proxied(), operation, load);
    assert.equal(errors, Math.floor(seen / 4), JSON.stringify(errorKinds));
    assert.ok(errors > 40);
  });

test("a large list with a tool missing is caught although not every list is parsed", async () => {
  fault = undefined;
  assert.equal((await run(proxied(), "modern-list", { tools: 900 }, "/tools/900/mcp")).errors, 0);
  fault = FAULTS["a lost tool"]?.fault;
  seen = 0;
  assert.equal((await run(proxied(), "modern-list", { tools: 900 }, "/tools/900/mcp")).errors, Math.floor(seen / 4));
});

test("an endpoint that is not there is an error for every client, not a hang", async () => {
  const { ops, errors } = await run("http://127.0.0.1:1", "modern-call");
  assert.equal(ops, 0);
  assert.equal(errors, 4 * 20);
});

test("probe finds the echo tool and the size of the catalog", async () => {
  const found = await probe(target(`${upstream.ready.url}/tools/12/mcp`), "modern-list");
  assert.deepEqual(found, { tool: "echo", tools: 12 });
});

test("ratios are taken round by round", () => {
  const reading = (rps: number) => ({ rps }) as Reading;
  const found = ratio([100, 10, 1000].map(reading), [50, 10, 2000].map(reading), "rps");
  assert.deepEqual(found, { median: 1, low: 0.5, high: 2 });
  assert.equal(median([4, 1, 3, 2]), 2.5);
  assert.equal(median([3, 1, 2]), 2);
  assert.ok(Number.isNaN(median([])));
});
