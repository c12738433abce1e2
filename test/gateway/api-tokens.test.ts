// What an API token costs and what isolates know of it: no storage before a warm answer, one question to the Limiter for
// a token that carries a limit, and a revocation that every isolate has seen after ten seconds.
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { coldIsolate, type Inside } from "../inside.ts";
import { modern } from "../wire.ts";

const BEGIN = Date.parse("2026-11-01T12:00:00Z");
const at = (seconds: number) => vi.setSystemTime(BEGIN + seconds * 1000);
const call = modern(1, "tools/call", { name: "echo", arguments: { message: "hi" } });
let path = "";
vi.setConfig({ testTimeout: 20_000 }); // usage is written two seconds after an answer, and waited for

beforeAll(async () => {
  path = (await (await isolateWithoutLimits()).bundle("sample", "builtin:sample")).path;
});
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: BEGIN });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Tokens are made at will: each isolate of a test has the Limiter object that addresses share made anew. */
const isolateWithoutLimits = () => coldIsolate({ AUTH_LIMITS_ENABLED: "false" });

let names = 0;
async function make({ api }: Inside, scope: object = {}): Promise<{ id: string; headers: Record<string, string> }> {
  const { token, access_token } = await api<{ token: { id: string }; access_token: string }>("POST", "/tokens", {
    name: `token ${++names}`,
    scope,
  });
  return { id: token.id, headers: { ...call.headers, authorization: `Bearer ${access_token}` } };
}

/** Calls with a token; gives the status, and what is to be waited for in the background. */
async function use({ begin }: Inside, headers: Record<string, string>) {
  const { response, settled } = await begin("POST", path, call.body, headers);
  await response.text();
  return { status: response.status, settled };
}

describe("a warm call with an API token", () => {
  const RESTRICTED = {
    permissions: ["servers.use", "tools.execute", "tools.read"],
    ip_restrictions: ["127.0.0.0/8"],
    time_restrictions: { start: "08:00", end: "18:00" },
  };

  it.each([
    ["that is not narrowed", {}],
    ["held to permissions, addresses and hours", RESTRICTED],
  ])("%s touches no storage before its answer, and all of them are written at once after", async (_what, scope) => {
    const isolate = await isolateWithoutLimits();
    const { headers } = await make(isolate, scope);
    const first = await use(isolate, headers);
    isolate.operations.length = 0;
    for (let calls = 0; calls < 5; calls++) expect((await use(isolate, headers)).status).toBe(200);
    expect(isolate.operations).toEqual([]);
    await first.settled();
    expect(isolate.operations).toEqual(["DB.batch"]);
    const [used] = (await isolate.bindings.DB.prepare("SELECT requests FROM token_usage ORDER BY rowid DESC").all())
      .results;
    expect(used).toEqual({ requests: 6 });
  });

  it("that carries a limit asks the Limiter once", async () => {
    const isolate = await isolateWithoutLimits();
    const { headers } = await make(isolate, { usage_limits: { requests_per_hour: 100, requests_per_day: 1000 } });
    const first = await use(isolate, headers);
    isolate.operations.length = 0;
    for (let calls = 0; calls < 3; calls++) expect((await use(isolate, headers)).status).toBe(200);
    expect(isolate.operations).toEqual(["LIMITER.take", "LIMITER.take", "LIMITER.take"]);
    await first.settled();
  });
});

describe("what can't be checked is refused", () => {
  it("a token the isolate does not know, while the database can't be read", async () => {
    const isolate = await isolateWithoutLimits();
    const { headers } = await make(isolate);
    await isolate.request("GET", "/tools");
    const held = isolate.hold();
    const asked = use(isolate, headers);
    await held.reached;
    held.release(new Error("no database"));
    expect((await asked).status).toBe(503);
  });

  it("a limited token, while its limit can't be counted", async () => {
    const isolate = await isolateWithoutLimits();
    const { headers } = await make(isolate, { usage_limits: { requests_per_hour: 100 } });
    const first = await use(isolate, headers);
    await first.settled();
    const held = isolate.hold();
    const asked = use(isolate, headers);
    await held.reached;
    held.release(new Error("no object"));
    const { status, settled } = await asked;
    expect(status).toBe(503);
    await settled();
  });
});

describe("a token revoked in one isolate", () => {
  it("is refused there at once, and in another as soon as ten seconds have passed", async () => {
    const [one, other] = [await isolateWithoutLimits(), await isolateWithoutLimits()];
    const { id, headers } = await make(one);
    const [here, there] = [await use(one, headers), await use(other, headers)];
    expect([here.status, there.status]).toEqual([200, 200]);
    await one.request("DELETE", `/tokens/${id}`);
    expect((await use(one, headers)).status).toBe(401);
    at(4);
    expect((await use(other, headers)).status).toBe(200);
    at(10);
    expect((await use(other, headers)).status).toBe(401);
    await Promise.all([here.settled(), there.settled()]);
  });
});
