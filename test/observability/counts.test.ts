// Counts of denials and uses of secrets in an isolate's memory: what they cost a request, and when they reach the table.
import { afterEach, beforeEach, describe, expect, inject, it, vi } from "vitest";
import { bindings, coldIsolate } from "../inside.ts";
import { modern } from "../wire.ts";

const { DB } = bindings();
const call = modern(1, "tools/call", { name: "json", arguments: { message: "hi" } });

interface Line {
  readonly kind: string;
  readonly principal: string;
  readonly what: string;
  readonly target: string;
  readonly count: number;
}
const stored = async (kind: string): Promise<Line[]> => {
  const { results } = await DB.prepare(
    "SELECT kind, principal, what, target, SUM(count) AS count FROM audit_counts WHERE kind = ? GROUP BY 1, 2, 3, 4 ORDER BY 3, 4",
  )
    .bind(kind)
    .all<Line>();
  return results;
};

beforeEach(async () => {
  await DB.prepare("DELETE FROM audit_counts").run();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("uses of secrets", () => {
  it("cost a warm call no storage operation; the first request after their minute writes them", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: Date.parse("2026-06-01T10:00:10Z") });
    const isolate = await coldIsolate();
    const verbatim = `${inject("verbatim")}/counts`;
    await fetch(`${verbatim}/result`, { method: "PUT", body: '{"resultType":"complete","content":[]}' });
    const credentials = { authType: "bearer", authToken: "s3cret" };
    const { id } = await isolate.api<{ id: string }>("POST", "/gateways", {
      name: "counted",
      url: `${verbatim}/modern`,
      ...credentials,
    });
    const tools = await isolate.api<{ id: string }[]>("GET", `/tools?limit=0&gateway_id=${id}`);
    const server = await isolate.api<{ id: string }>("POST", "/servers", {
      name: "counted",
      associatedTools: tools.map((tool) => tool.id),
    });
    const path = `/servers/${server.id}/mcp`;
    expect((await isolate.post(path, call)).status).toBe(200);
    isolate.operations.length = 0;
    for (const _ of [1, 2, 3]) expect((await isolate.post(path, call)).status).toBe(200);
    expect(isolate.operations).toEqual([]);
    expect(await stored("secret_used")).toEqual([]);

    vi.setSystemTime(Date.parse("2026-06-01T10:01:00Z"));
    await isolate.request("GET", "/health");
    const uses = await stored("secret_used");
    expect(uses.find(({ principal }) => principal === "admin@example.com")).toEqual({
      kind: "secret_used",
      principal: "admin@example.com",
      what: "upstream-credentials",
      target: id,
      count: 4,
    });
    isolate.operations.length = 0;
    await isolate.request("GET", "/health");
    expect(isolate.operations).toEqual([]);
  });
});

describe("denied calls", () => {
  const deny = (isolate: Awaited<ReturnType<typeof coldIsolate>>) =>
    isolate.begin("GET", "/tools", undefined, { authorization: "Bearer nonsense" });

  it("that come at once are written together, and add up over isolates", async () => {
    const isolates = [await coldIsolate(), await coldIsolate()];
    for (const isolate of isolates) {
      await isolate.request("GET", "/health");
      isolate.operations.length = 0;
      const denied = await Promise.all(Array.from({ length: 20 }, () => deny(isolate)));
      expect(denied.map(({ response }) => response.status)).toEqual(Array(20).fill(401));
      await Promise.all(denied.map(({ settled }) => settled()));
      expect(isolate.operations.filter((name) => name === "DB.run")).toHaveLength(1);
    }
    expect(await stored("denied")).toEqual([
      { kind: "denied", principal: "anonymous", what: "unauthorized", target: "gateway", count: 40 },
    ]);
  });

  it("are kept when they could not be written, and written later", async () => {
    const isolate = await coldIsolate();
    await isolate.request("GET", "/health");
    const { settled } = await deny(isolate);
    isolate.operations.length = 0;
    const held = isolate.hold();
    await vi.waitFor(() => expect(isolate.operations).toContain("DB.run"), 20_000); // a look at the stamp may come first
    held.release(new Error("D1_ERROR: Network connection lost."));
    await settled();
    expect(await stored("denied")).toEqual([]);
    await (await deny(isolate)).settled();
    expect(await stored("denied")).toMatchObject([{ count: 2 }]);
  });

  it("are bounded in memory: what is too many is counted for others", async () => {
    vi.resetModules();
    const { countDenial, writeCounts } = await import("../../src/observability/counts.ts");
    const { GatewayError } = await import("../../src/errors.ts");
    const sink = { d1: DB, waitUntil: () => {} };
    for (let number = 0; number < 1_500; number++) {
      countDenial(sink, `user-${number}`, new GatewayError("forbidden", "No", { denial: { what: "x", target: "y" } }));
    }
    await writeCounts(sink);
    const lines = await stored("denied");
    expect(lines.length).toBeLessThanOrEqual(1_002);
    expect(lines.find(({ principal }) => principal === "others")?.count).toBe(500);
  });
});
