// `npm test`: everything that is checked, in order, with its own set-up: lint, types, dead code, configuration, tests in
// workerd and over HTTP, conformance, real clients, a real browser, the bundle gate. Ends with "N passed, N failed".
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "../src/cli/local-vars.ts";
import { findChromium } from "./e2e/chromium.ts";

/** A step. It counts as one check, unless its report tells how many tests ran. */
interface Step {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  /** A file this step writes with vitest's JSON reporter. */
  readonly report?: string;
  /** The step runs node:test, whose summary is read. */
  readonly nodeTest?: true;
}

const reports = mkdtempSync(join(tmpdir(), "causeway-tests-"));
const vitest = (name: string, config: string, ...more: string[]): Step => {
  const report = join(reports, `${name}.json`);
  return {
    name,
    report,
    command: [
      "vitest",
      "run",
      "--config",
      config,
      "--reporter=default",
      "--reporter=json",
      `--outputFile.json=${report}`,
      ...more,
    ],
  };
};

const STEPS: readonly Step[] = [
  { name: "lint", command: ["biome", "ci"] },
  { name: "types", command: ["tsc", "--noEmit"] },
  { name: "dead code", command: ["knip"] },
  { name: "build", command: ["npm", "run", "-s", "build"] },
  { name: "bundle size", command: ["node", "test/bundle-size.ts"] },
  vitest("unit and gateway", "test/vitest.config.ts"),
  { name: "runners", command: ["node", "--test", "--test-reporter=tap", "test/**/*.node.ts"], nodeTest: true },
  { name: "clients: install", command: ["npm", "ci", "--prefix", "test/clients", "--no-fund", "--no-audit"] },
  { name: "clients: types", command: ["tsc", "--noEmit", "-p", "test/clients"] },
  vitest("clients", "test/clients/vitest.config.ts"),
];

interface Count {
  readonly passed: number;
  readonly failed: number;
}

/** What a step counts for: the tests of its report, or itself. A step that broke always counts a failure. */
function count(step: Step, ok: boolean, output: string): Count {
  const whole: Count = ok ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
  if (step.report) {
    if (!existsSync(step.report)) return { passed: 0, failed: 1 };
    const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(step.report, "utf8"));
    return { passed: numPassedTests, failed: ok ? numFailedTests : Math.max(1, numFailedTests) };
  }
  if (step.nodeTest) {
    const passed = Number(/^# pass (\d+)$/m.exec(output)?.[1] ?? 0);
    const failed = Number(/^# fail (\d+)$/m.exec(output)?.[1] ?? 0);
    return { passed, failed: ok && passed > 0 ? failed : Math.max(1, failed) };
  }
  return whole;
}

function run(step: Step): Count {
  const [file, ...args] = step.command;
  const began = Date.now();
  console.log(`\n── ${step.name} ──`);
  const { status, stdout } = spawnSync(file, args, {
    cwd: ROOT,
    env: { ...process.env, CAUSEWAY_BUILT: "1", CI: "1" },
    stdio: ["ignore", step.nodeTest ? "pipe" : "inherit", "inherit"],
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  const counted = count(step, status === 0, stdout ?? "");
  if (step.nodeTest && counted.failed > 0) console.log(stdout);
  console.log(
    `${step.name}: ${counted.passed} passed, ${counted.failed} failed (${Math.round((Date.now() - began) / 1000)} s)`,
  );
  return counted;
}

process.env.CHROMIUM_PATH = findChromium();
const counts: Count[] = [];
for (const step of STEPS) {
  const counted = run(step);
  counts.push(counted);
  if (step.name === "build" && counted.failed > 0) break;
}
const total = (key: keyof Count) => counts.reduce((sum, counted) => sum + counted[key], 0);
console.log(`\n${total("passed")} passed, ${total("failed")} failed`);
process.exit(total("failed") === 0 ? 0 : 1);
