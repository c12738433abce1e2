// The suite's scenarios of the tasks extension: what an upstream passes when it is asked directly, it passes through the
// gateway too.
import { afterAll, beforeAll, expect, test } from "vitest";
import { startModernTasks } from "../fakes/tasks/modern.ts";
import { startSessionTasks } from "../fakes/tasks/session.ts";
import { type Gateway, startGateway } from "../harness.ts";
import { runConformance, type ScenarioResult } from "./run.ts";

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.dispose());

const tasksIn = (results: readonly ScenarioResult[]) => results.filter(({ scenario }) => scenario.startsWith("tasks-"));
const passed = (results: readonly ScenarioResult[]) =>
  tasksIn(results).flatMap(({ scenario, checks }) =>
    checks.filter(({ status }) => status === "SUCCESS").map(({ id }) => `${scenario}: ${id}`),
  );
const failed = (results: readonly ScenarioResult[]) =>
  tasksIn(results).flatMap(({ scenario, checks }) =>
    checks
      .filter(({ status }) => status === "FAILURE")
      .map(({ id, errorMessage }) => `${scenario}: ${id}: ${errorMessage}`),
  );

test("every check of every tasks scenario that an upstream passes, it passes through the gateway", {
  timeout: 300_000,
}, async () => {
  const upstream = await startModernTasks();
  const { url } = await gateway.bundle("tasks", upstream.url);
  const bearer = await gateway.token();
  const [direct, through] = await Promise.all([
    runConformance({ url: upstream.url, requirements: "2026-07-28" }),
    runConformance({ url, requirements: "2026-07-28", bearer }),
  ]);
  await upstream.close();
  expect(failed(direct.results)).toEqual([]);
  expect(failed(through.results)).toEqual([]);
  expect(passed(through.results)).toEqual(passed(direct.results));
  expect(tasksIn(direct.results)).toHaveLength(10);
});

test("an upstream of 2025-11-25 with its own form of tasks passes every tasks scenario through the gateway", {
  timeout: 300_000,
}, async () => {
  const upstream = await startSessionTasks();
  const { url } = await gateway.bundle("session tasks", upstream.url);
  const { results } = await runConformance({ url, requirements: "2026-07-28", bearer: await gateway.token() });
  await upstream.close();
  expect(failed(results)).toEqual([]);
  expect(tasksIn(results)).toHaveLength(10);
  expect(passed(results).length).toBeGreaterThan(40);
});
