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

const FIXTURE = { session: startSessionEverything, modern: startModernEverything } as const;
type Era = keyof typeof FIXTURE;

const passed = (results: readonly ScenarioResult[]) =>
  results.filter((result) => result.passed).map((result) => result.scenario);
const failed = (results: readonly ScenarioResult[]) =>
  results.filter((result) => result.scored && !result.passed).map((result) => result.scenario);

/** What passes without a gateway, scored or not, by revision: the fixture of its own era does all it can. */
const direct = new Map<string, readonly string[]>();
beforeAll(async () => {
  for (const [requirements, era] of [
    ["2025-11-25", "session"],
    ["2026-07-28", "modern"],
  ] as const) {
    const upstream = await FIXTURE[era]();
    const { results } = await runConformance({ url: upstream.url, requirements });
    await upstream.close();
    expect(failed(results)).toEqual([]);
    direct.set(requirements, passed(results));
  }
}, 180_000);

/**
 * What a session server can't give: it never says which capability it lacks before it degrades (-32021), and its
 * questions have no names of its own choosing on the wire.
 */
const INHERENT = ["server-stateless", "input-required-result-basic-elicitation"];

/** Client's revision, upstream's era, scored scenarios, and what of all that passes directly does not come through. */
const CELLS: readonly [string, Era, number, readonly string[]][] = [
  ["2025-11-25", "session", 30, []],
  ["2025-11-25", "modern", 30, []],
  ["2026-07-28", "modern", 37, []],
  ["2026-07-28", "session", 37, INHERENT],
];

/** What the suite says of each check that failed. */
const reasons = (results: readonly ScenarioResult[]): string =>
  results
    .flatMap(({ scenario, checks }) => checks.map((check) => ({ scenario, ...check })))
    .filter(({ status }) => status === "FAILURE")
    .map(({ scenario, id, errorMessage }) => `${scenario} ${id}: ${errorMessage}`)
    .join("\n");

async function expectAll(url: string, requirements: string, scored: number, missing: readonly string[]): Promise<void> {
  const { results } = await runConformance({ url, requirements, bearer: await gateway.token() });
  const through = new Set(passed(results));
  const lost = direct.get(requirements)?.filter((scenario) => !through.has(scenario));
  expect(lost, reasons(results)).toEqual(missing);
  expect(results.filter((result) => result.scored)).toHaveLength(scored);
}

test.each(CELLS)(
  "a %s client gets from a %s upstream what it would get directly",
  { timeout: 180_000 },
  async (...cell) => {
    const [requirements, era, scored, missing] = cell;
    const upstream = await FIXTURE[era]();
    const { url } = await gateway.bundle(`${requirements} ${era}`, upstream.url);
    await expectAll(url, requirements, scored, missing);
    await upstream.close();
  },
);

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

test.each(CELLS)(
  "a %s client gets all of it from two %s upstreams as one, the second renamed",
  {
    timeout: 180_000,
  },
  async (requirements, era, scored, missing) => {
    const upstreams = await Promise.all([FIXTURE[era](), FIXTURE[era]()]);
    const url = await aggregated(
      `${requirements.slice(0, 4)} ${era} twice`,
      upstreams.map((upstream) => upstream.url),
    );
    await expectAll(url, requirements, scored, missing);
    await Promise.all(upstreams.map((upstream) => upstream.close()));
  },
);
