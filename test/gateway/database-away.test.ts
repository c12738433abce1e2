// While the database is away nothing is granted and nothing is called broken: whoever asks is told to try again.
import { describe, expect, it, vi } from "vitest";
import { type Answered, coldIsolate } from "../inside.ts";

const AWAY = "D1_ERROR: Network connection lost.";

/** What is answered when the first storage operation of a request fails so. */
async function failing(reason: string, method: string, path: string, body?: unknown): Promise<Answered> {
  const isolate = await coldIsolate();
  await isolate.request("GET", "/tools");
  const held = isolate.hold();
  const asked = isolate.request(method, path, body);
  await held.reached;
  held.release(new Error(reason));
  return await asked;
}

describe("a request that is already let in, while the database is away", () => {
  it.each<[string, string, unknown]>([
    ["GET", "/tools", undefined],
    ["GET", "/servers/none", undefined],
    ["POST", "/servers", { name: "never made" }],
    ["DELETE", "/tools/none", undefined],
    ["POST", "/auth/login", { email: "admin@example.com", password: "whatever it is" }],
  ])("%s %s answers 503, and when to come again", async (method, path, body) => {
    const { status, headers, text } = await failing(AWAY, method, path, body);
    expect([status, JSON.parse(text)], text).toMatchObject([503, { code: "unavailable" }]);
    expect(headers.get("retry-after")).not.toBeNull();
    expect(text).not.toContain("D1");
  });

  it("is told from a statement that is wrong, which is our own fault", async () => {
    const { status } = await failing("D1_ERROR: no such column: nothing: SQLITE_ERROR", "GET", "/tools");
    expect(status).toBe(500);
  });

  it("tells the log what failed, and none of the values it was asked with", async () => {
    const log = vi.spyOn(console, "error").mockImplementation(() => {});
    await failing("D1_ERROR: no such table: nothing", "GET", "/tools?q=somebodys-secret");
    const told = JSON.stringify(log.mock.calls);
    log.mockRestore();
    expect(told).toContain("no such table: nothing");
    expect(told).not.toContain("somebodys-secret");
  });
});
