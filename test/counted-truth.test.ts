// Counted truth: what the metrics say is what a driver counted, however the gateway ends. Its runtime is killed in the
// middle of 20,000 calls; at most the calls answered in the last second before are missing, and no audit row.
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { startScripted } from "./fakes/scripted.ts";
import { type Gateway, startGateway } from "./harness.ts";
import { modern } from "./wire.ts";

const CALLS = 20_000;
const AT_ONCE = 16;
/** An administrator changes something after so many answers. */
const CHANGE_EVERY = 250;

test("of 20,000 calls and a kill -9 in the middle, what is missing was answered in the last second before it", async () => {
  const state = mkdtempSync(join(tmpdir(), "causeway-counted-"));
  onTestFinished(() => rmSync(state, { recursive: true, force: true }));
  const upstream = await startScripted(() => false, "modern");
  onTestFinished(() => upstream.close());
  const vars = {
    JWT_SECRET_KEY: randomBytes(32).toString("hex"),
    AUTH_ENCRYPTION_SECRET: randomBytes(32).toString("hex"),
  };
  let gateway = await startGateway(vars, state);
  onTestFinished(() => gateway.dispose());
  const { serverId } = await gateway.bundle("counted", upstream.url);

  const first = await drive(gateway, serverId, CALLS / 2, (answered) => {
    if (answered === CALLS / 2 - 1_000) process.kill(gateway.host.workerdPid ?? 0, "SIGKILL");
  });
  await gateway.dispose();
  gateway = await startGateway(vars, state);
  const second = await drive(gateway, serverId, CALLS - first.answers.length);

  const answered = first.answers.length + second.answers.length;
  expect([answered, second.failed]).toEqual([CALLS, 0]);
  const lastSecond = first.answers.filter((at) => at > first.lastAnswer - 1_000).length;
  const counted = async () => {
    const [row] = await gateway.sql("SELECT sum(calls) AS calls FROM call_segments");
    return (row as { calls: number }).calls;
  };
  await vi.waitFor(async () => expect(await counted()).toBeGreaterThanOrEqual(answered - lastSecond), 10_000);
  const missing = answered - (await counted());
  console.log(
    `${answered} answered, ${missing} not counted; ${lastSecond} were answered in the last second before the kill`,
  );
  expect(missing).toBeLessThanOrEqual(lastSecond);
  expect(missing).toBeGreaterThanOrEqual(-AT_ONCE); // counted, and killed on the way to the driver

  const { body } = await gateway.api<{ intact: boolean }>("GET", "/audit/verify");
  expect(body.intact).toBe(true);
  for (const id of [...first.changes, ...second.changes]) {
    const rows = await gateway.sql("SELECT 1 FROM audit WHERE request_id = ?", id);
    expect(rows).toHaveLength(1);
  }
}, 180_000);

/** Calls a tool until so many answers came, or the gateway is gone; meanwhile an administrator changes things. */
async function drive(gateway: Gateway, serverId: string, calls: number, onAnswer?: (answered: number) => void) {
  const token = await gateway.token();
  const answers: number[] = [];
  const changes: string[] = [];
  const changing: Promise<void>[] = [];
  let failed = 0;
  let sent = 0;
  let gone = false;
  const call = async () => {
    while (!gone && sent < calls) {
      const { headers, body } = modern(++sent, "tools/call", { name: "first", arguments: {} });
      const request = { method: "POST", headers: { ...headers, authorization: `Bearer ${token}` }, body };
      const response = await fetch(`${gateway.url}/servers/${serverId}/mcp`, request).catch(() => undefined);
      const answer = await response?.json().catch(() => undefined);
      if (answer === undefined) {
        failed++;
        gone = onAnswer !== undefined;
        continue;
      }
      expect(answer).toMatchObject({ result: {} });
      answers.push(Date.now());
      if (answers.length % CHANGE_EVERY === 0) changing.push(change());
      onAnswer?.(answers.length);
    }
  };
  const change = async () => {
    const id = crypto.randomUUID();
    const response = await fetch(`${gateway.url}/servers/${serverId}`, {
      method: "PUT",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json", "x-correlation-id": id },
      body: JSON.stringify({ description: id }),
    }).catch(() => undefined);
    if (response?.ok) changes.push(id);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, call));
  await Promise.all(changing);
  return { answers, changes, failed, lastAnswer: answers.at(-1) ?? 0 };
}
