// The official conformance suite through the gateway, with a bearer token, within an era and across.
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ServerRead } from "../../src/schemas/servers.ts";
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

test("a 2025-11-25 client gets all 30 scored scenarios from a modern upstream", { timeout: 180_000 }, async () => {
  const upstream = await startModernEverything();
  const { url } = await gateway.bundle("crossed", upstream.url);
  const { results } = await runConformance({ url, requirements: "2025-11-25", bearer: await gateway.token() });
  await upstream.close();
  expect(failed(results)).toEqual([]);
  expect(scored(results)).toBe(30);
});

/**
 * What a session server can't give: it never says which capability it lacks before it degrades (-32021), and its
 * questions have no names of its own choosing on the wire.
 */
const INHERENT = ["server-stateless", "input-required-result-basic-elicitation"];

test("a 2026-07-28 client gets 35 of 37 scored scenarios from a session upstream", { timeout: 180_000 }, async () => {
  const upstream = await startSessionEverything();
  const { url } = await gateway.bundle("parked", upstream.url);
  const { results } = await runConformance({ url, requirements: "2026-07-28", bearer: await gateway.token() });
  await upstream.close();
  expect(failed(results)).toEqual(INHERENT);
  expect(scored(results)).toBe(37);
});

/** A virtual server of two upstreams with the same names and URIs: everything of the second is renamed. */
async function aggregated(name: string, urls: readonly string[]): Promise<string> {
  const members = [];
  for (const [at, url] of urls.entries()) {
    const { serverId } = await gateway.bundle(`${name} ${at + 1}`, url);
    members.push((await gateway.api<ServerRead>("GET", `/servers/${serverId}`)).body);
  }
  const { body } = await gateway.api<ServerRead>("POST", "/servers", {
    name,
    associatedTools: members.flatMap(({ associatedToolIds }) => associatedToolIds),
    associatedPrompts: members.flatMap(({ associatedPrompts }) => associatedPrompts),
    associatedResources: members.flatMap(({ associatedResources }) => associatedResources),
  });
  const second = members.slice(1).flatMap(({ tools, prompts, resources }) => [...tools, ...prompts, ...resources]);
  expect(body.renamed.map(({ id }) => id)).toEqual(second.map(({ id }) => id));
  const slug = name.replaceAll(" ", "-");
  const names = body.renamed.map((member) => member.name);
  expect(names).toEqual(
    expect.arrayContaining([
      `${slug}-2__test_simple_text`,
      `${slug}-2__test_simple_prompt`,
      `test://${slug}-2--static-text`,
      `test://${slug}-2--template/{id}/data`,
    ]),
  );
  return body.mcpUrl;
}

const ACROSS = [
  ["2025-11-25", "session", startSessionEverything, 30],
  ["2026-07-28", "modern", startModernEverything, 37],
] as const;

test.each(ACROSS)(
  "a %s client gets all of it from two %s upstreams as one, the second renamed",
  {
    timeout: 180_000,
  },
  async (requirements, era, start, count) => {
    const upstreams = await Promise.all([start(), start()]);
    const url = await aggregated(
      `${era} twice`,
      upstreams.map((upstream) => upstream.url),
    );
    const { results } = await runConformance({ url, requirements, bearer: await gateway.token() });
    await Promise.all(upstreams.map((upstream) => upstream.close()));
    expect(failed(results)).toEqual([]);
    expect(scored(results)).toBe(count);
  },
);
