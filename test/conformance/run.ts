// Runs the conformance suite of a protocol revision against an MCP endpoint and reports each scenario.
// node test/conformance/run.ts --url U --requirements 2026-07-28 [--bearer T] [--expect 37] [--expected-failures F]
// What there is to run and what counts comes from @modelcontextprotocol/conformance, and so does the verdict.

import { spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { withBearer } from "./with-bearer.ts";

/** One check of a scenario, as the suite reports it. */
export interface Check {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly status: "SUCCESS" | "FAILURE" | "WARNING" | "SKIPPED" | "INFO";
  readonly errorMessage?: string;
}

/** One scenario: whether its revision requires it, and whether none of its checks failed. */
export interface ScenarioResult {
  readonly scenario: string;
  readonly scored: boolean;
  readonly passed: boolean;
  readonly checks: readonly Check[];
}

export interface ConformanceRun {
  /** An http: URL on this machine. */
  readonly url: string;
  /** A revision that has a requirement set, such as 2026-07-28. */
  readonly requirements: string;
  /** Presented as `Authorization: Bearer`, through a local proxy. */
  readonly bearer?: string | undefined;
  /** A YAML file of known failures; then the suite also refuses warnings and entries that have come to pass. */
  readonly expectedFailures?: string | undefined;
}

export interface ConformanceReport {
  /** In the order of the requirement set. */
  readonly results: readonly ScenarioResult[];
  /** The suite's own verdict: no scored failure beyond the expected ones. */
  readonly conforms: boolean;
  /** The suite's summary, with the reasons of its verdict. */
  readonly verdict: string;
  /** What broke inside the suite, such as scenarios that ended without any check. */
  readonly errors: string;
}

const COMMAND = join(
  dirname(fileURLToPath(import.meta.resolve("@modelcontextprotocol/conformance/package.json"))),
  "dist/index.js",
);

/** Runs the server scenarios of a requirement set against an endpoint. */
export async function runConformance(run: ConformanceRun): Promise<ConformanceReport> {
  const planned = await plan(run.requirements);
  const proxy = run.bearer === undefined ? undefined : await withBearer(run.url, run.bearer);
  const directory = await mkdtemp(join(tmpdir(), "conformance-"));
  try {
    const baseline = run.expectedFailures === undefined ? [] : ["--expected-failures", run.expectedFailures];
    const target = ["--url", proxy?.url ?? run.url, "--requirements", run.requirements];
    const { code, output, errors } = await conformance(["server", ...target, "--output-dir", directory, ...baseline]);
    const checks = await checksIn(directory);
    const results = planned.map(({ scenario, scored }): ScenarioResult => {
      const found = checks.get(scenario) ?? [];
      return { scenario, scored, passed: found.length > 0 && !found.some(failed), checks: found };
    });
    return { results, conforms: code === 0, verdict: output.slice(output.indexOf("=== SUMMARY ===")), errors };
  } finally {
    await rm(directory, { recursive: true });
    await proxy?.close();
  }
}

const failed = ({ status }: Check): boolean => status === "FAILURE";

/** The server scenarios of a requirement set, read from what `conformance list` prints. */
async function plan(requirements: string): Promise<{ scenario: string; scored: boolean }[]> {
  const { code, output, errors } = await conformance(["list", "--requirements", requirements]);
  if (code !== 0) throw new Error(`no requirement set ${requirements}: ${errors}`);
  const section = /^Server scenarios.*:\n((?: {2}- .*\n)+)/m.exec(output)?.[1] ?? "";
  const scored = [...section.matchAll(/- (\S+)/g)].map(([, scenario = ""]) => ({ scenario, scored: true }));
  const unscored = [...output.matchAll(/^ {4}- (\S+) \[server\]$/gm)];
  if (scored.length === 0) throw new Error(`the listing of ${requirements} has another form than expected: ${output}`);
  return [...scored, ...unscored.map(([, scenario = ""]) => ({ scenario, scored: false }))];
}

/** The checks of each scenario, from the directories `server-<scenario>-<time>` the suite leaves. */
async function checksIn(directory: string): Promise<Map<string, Check[]>> {
  const found = new Map<string, Check[]>();
  for (const name of await readdir(directory)) {
    const scenario = /^server-(.+)-\d{4}-\d\d-\d\dT[\d-]+Z$/.exec(name)?.[1];
    if (scenario === undefined) throw new Error(`the suite left ${name}, which names no scenario`);
    const checks = await readFile(join(directory, name, "checks.json"), "utf8").catch(
      (cause: NodeJS.ErrnoException) => {
        if (cause.code === "ENOENT") return "[]"; // The scenario itself broke: no checks, so not passed.
        throw cause;
      },
    );
    found.set(scenario, JSON.parse(checks));
  }
  return found;
}

/** Runs the suite's command, and what it starts with this same Node. */
export async function conformance(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<{ code: number | null; output: string; errors: string }> {
  const PATH = `${dirname(process.execPath)}${delimiter}${process.env.PATH ?? ""}`;
  const env = { ...process.env, PATH, ...environment };
  const child = spawn(process.execPath, [COMMAND, ...args], { stdio: ["ignore", "pipe", "pipe"], env });
  const exited = new Promise<number | null>((resolve, reject) => child.once("error", reject).once("close", resolve));
  const [output, errors, code] = await Promise.all([text(child.stdout), text(child.stderr), exited]);
  return { code, output, errors };
}

/** The results as lines: a mark, the scenario, its checks that count, and every complaint. */
export function table(results: readonly ScenarioResult[]): string {
  const width = Math.max(...results.map(({ scenario }) => scenario.length));
  return results
    .flatMap(({ scenario, scored, passed, checks }) => [
      `${passed ? "pass" : "FAIL"}  ${scenario.padEnd(width)}  ${tally(checks)}${scored ? "" : "  (not scored)"}`,
      ...checks
        .filter(({ status }) => status === "FAILURE" || status === "WARNING")
        .map(({ id, status, errorMessage }) => `        ${status} ${id}: ${errorMessage ?? "no message"}`),
    ])
    .join("\n");
}

/** Scenarios and checks passed of those that count (warnings and information do not). */
export function summary(results: readonly ScenarioResult[]): string {
  const passed = results.filter((result) => result.passed).length;
  return `${passed}/${results.length} scenarios, ${tally(results.flatMap(({ checks }) => checks))} checks`;
}

function tally(checks: readonly Check[]): string {
  const passed = checks.filter(({ status }) => status === "SUCCESS").length;
  return `${passed}/${passed + checks.filter(failed).length}`;
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      url: { type: "string" },
      requirements: { type: "string" },
      bearer: { type: "string" },
      expect: { type: "string" },
      "expected-failures": { type: "string" },
    },
  });
  const { url, requirements, bearer, expect } = values;
  if (url === undefined || requirements === undefined) throw new Error("--url and --requirements are needed");
  const report = await runConformance({ url, requirements, bearer, expectedFailures: values["expected-failures"] });
  const scored = report.results.filter((result) => result.scored);
  const passed = scored.filter((result) => result.passed).length;
  console.log(table(report.results));
  console.log(`\nscored:     ${summary(scored)}`);
  console.log(`not scored: ${summary(report.results.filter((result) => !result.scored))}`);
  if (!report.conforms) console.log(`\n${report.verdict}`);
  if (report.results.some(({ checks }) => checks.length === 0)) console.error(report.errors);
  if (expect !== undefined && passed !== Number(expect)) console.log(`\nexpected ${expect} scored scenarios to pass`);
  process.exitCode = report.conforms && (expect === undefined || passed === Number(expect)) ? 0 : 1;
}
