// Payloads: they cost nothing where they are off, are written in the batch of their calls, once, and what is secret is
// blotted out before.
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { PayloadRow } from "../../src/observability/payloads.ts";
import { redacted } from "../../src/observability/redact.ts";
import { sweepTraffic } from "../../src/observability/rollups.ts";
import { isTaken, lineOf, Segment } from "../../src/observability/segments.ts";
import { aCall } from "../calls.ts";
import { bindings, coldIsolate } from "../inside.ts";
import { modern } from "../wire.ts";

const { DB } = bindings();
const stored = async () => (await DB.prepare("SELECT * FROM call_payloads").all()).results;

beforeEach(async () => {
  await DB.batch([DB.prepare("DELETE FROM call_segments"), DB.prepare("DELETE FROM call_payloads")]);
});

describe("a payload", () => {
  it("is written once, however often its flush is told, and not without it", async () => {
    const calls = [aCall()];
    const row = { server: "s1", data: "abc", expiresAt: 1 };
    const segment = new Segment("one", Date.now());
    const flush = segment.with(calls, await lineOf(calls), [row]);
    for (let twice = 0; twice < 2; twice++) expect(await isTaken(DB, flush)).toBe(true);
    expect(await stored()).toHaveLength(1);
    await DB.prepare("UPDATE call_segments SET counted = 1").run();
    const late = segment.with(calls, await lineOf(calls), [{ ...row, data: "def" }]);
    expect(await isTaken(DB, late)).toBe(false);
    expect(await stored()).toHaveLength(1);
  });

  it("is swept when its days are over, and not before", async () => {
    const [calls, now] = [[aCall()], Date.now()];
    const [old, young] = [-60, 60].map((seconds) => ({
      server: "s1",
      data: String(seconds),
      expiresAt: Math.floor(now / 1000) + seconds,
    })) as [PayloadRow, PayloadRow];
    await isTaken(DB, new Segment("one", now).with(calls, await lineOf(calls), [old, young]));
    expect(await stored()).toHaveLength(2);
    await sweepTraffic(DB, { callDays: 7, rollupDays: 365 }, now);
    expect(await stored()).toMatchObject([{ data: "60" }]);
    expect((await DB.prepare("SELECT id FROM call_segments").all()).results).toHaveLength(1);
  });
});

describe("a warm call", { timeout: 30_000 }, () => {
  it.each([
    ["off", ["DB.run"], 0],
    ["redacted", ["DB.batch"], 1],
  ])("with payloads %s touches no storage before its answer and does %j behind it", async (payloads, behind, rows) => {
    const isolate = await coldIsolate({ DB_METRICS_RECORDING_ENABLED: "true" });
    const { path, serverId } = await isolate.bundle(`payloads-${payloads}`, "builtin:sample");
    await isolate.api("PUT", `/servers/${serverId}`, { payloads });
    const { body, headers } = modern(1, "tools/call", { name: "echo", arguments: { message: "hi" } });
    await isolate.request("POST", path, body, headers);
    await DB.batch([DB.prepare("DELETE FROM call_segments"), DB.prepare("DELETE FROM call_payloads")]);
    isolate.operations.length = 0;
    const written = vi.spyOn(JSON, "stringify");
    const { response, settled } = await isolate.begin("POST", path, body, headers);
    await response.text();
    const texts = written.mock.results.filter(({ value }) => String(value).startsWith('{"name":"echo","arguments"'));
    written.mockRestore();
    expect(isolate.operations).toEqual([]);
    expect(texts.length > 0).toBe(payloads !== "off");
    await settled();
    expect(isolate.operations).toEqual(behind);
    expect(await stored()).toHaveLength(rows);
  });
});

describe("redaction", () => {
  const SECRET = "s3cr3t-value-1234";
  it.each([
    JSON.stringify({ password: SECRET }),
    JSON.stringify({ pwd: SECRET, auth: { a: 1 } }),
    JSON.stringify({ headers: [{ name: "api_key", value: SECRET }] }),
    JSON.stringify({ env: [{ key: "DB_PASSWORD", value: { is: SECRET } }] }),
    JSON.stringify({ deep: [{ "X-Api-Key": SECRET }, { session_id: { a: SECRET } }] }),
    JSON.stringify({ text: JSON.stringify({ accessToken: SECRET }) }),
    JSON.stringify({ text: `Authorization: Bearer ${SECRET}` }),
    JSON.stringify({ text: `password=${SECRET}&x=1` }),
    `client_secret: "${SECRET}"`,
    `https://user:${SECRET}@example.com/`,
    `eyJhbGciOiJIUzI1NiJ9.${SECRET}.${SECRET}`,
    `-----BEGIN PRIVATE KEY-----\n${SECRET}\n-----END PRIVATE KEY-----`,
    `sk-${SECRET}`,
  ])("blots out the secret in %s", (text) => {
    expect(redacted(text)).not.toContain(SECRET);
    expect(redacted(text)).toContain("[redacted]");
  });

  it.each([
    ["words joined by dashes", "a-".repeat(120_000)],
    ["names of secrets without a value", "token-".repeat(40_000)],
    ["beginnings of tokens", "-eyJaaaa".repeat(30_000)],
    ["nested lists", "[".repeat(100_000) + "]".repeat(100_000)],
    ["a name and spaces", `token${" ".repeat(200_000)}x`],
  ])("comes to an end with %s, within the time of a test", (_, text) => {
    for (const whole of [text, JSON.stringify({ text })]) expect(redacted(whole)).toBeTypeOf("string");
  });

  it("leaves the rest as it was", () => {
    for (const text of ['{"message":"hi","n":[1,null,true]}', "It is 12:30, ada@example.com", "{not json"])
      expect(redacted(text)).toBe(text);
  });
});
