// The official conformance suite through the gateway, with a bearer token, within an era and across.
import { afterAll, beforeAll, expect, test } from "vitest";
import { startModernEverything } from "../fakes/everything/modern.ts";
import { startSessionEverything } from "../fakes/everything/session.ts";
import { type Gateway, startGateway } from "../harness.ts";
import { runConformance, type ScenarioResult } from "./run.ts";

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.dispose());

const failed = (results: readonly ScenarioResult[]) =>
  results.filter((result) => result.scored && !result.passed).map((result) => result.scenario);
const scored = (results: readonly ScenarioResult[]) => results.filter((result) => result.scored).length;

test("a 2026-07-28 client gets all 37 scored scenarios from a modern upstream", { timeout: 180_000 }, async () => {
  const upstream = await startModernEverything();
  const { url } = await gateway.bundle("modern", upstream.url);
  const { results } = await runConformance({ url, requirements: "2026-07-28", bearer: await gateway.token() });
  await upstream.close();
  expect(failed(results)).toEqual([]);
  expect(scored(results)).toBe(37);
  const also = ["json-schema-2020-12", "http-header-validation", "http-custom-header-server-validation"];
  expect(results.filter((result) => also.includes(result.scenario) && result.passed)).toHaveLength(also.length);
});

test("a 2025-11-25 client gets all 30 scored scenarios from a session upstream", { timeout: 180_000 }, async () => {
  const upstream = await startSessionEverything();
  const { url } = await gateway.bundle("session", upstream.url);
  const { results } = await runConformance({ url, requirements: "2025-11-25", bearer: await gateway.token() });
  await upstream.close();
  expect(failed(results)).toEqual([]);
  expect(scored(results)).toBe(30);
});

test("a 2025-11-25 client gets from a modern upstream all but log levels and subscriptions", {
  timeout: 180_000,
}, async () => {
  const upstream = await startModernEverything();
  const { url } = await gateway.bundle("crossed", upstream.url, { aliases: {} });
  const { results } = await runConformance({ url, requirements: "2025-11-25", bearer: await gateway.token() });
  await upstream.close();
  expect(failed(results)).toEqual(["tools-call-with-logging", "resources-subscribe", "resources-unsubscribe"]);
});
