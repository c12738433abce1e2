// `npm run bench`: how our Worker compares with two baseline Workers, as ratios with their span over the rounds.
// Each side runs in its own process and workerd, on Miniflare's direct socket, in the same configuration without assets,
// and takes its turns against the same fast upstream. Ends with an error only when an answer was wrong or lost: on a
// shared machine a ratio is a reading, not a verdict. The row `control` compares a Worker with itself: the noise floor.
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { type Child, startChild } from "./children.ts";
import { target } from "./client.ts";
import { compare, type Plan, type Side } from "./compare.ts";
import type { HostReady } from "./host.ts";
import { format, heading, type Row, rowsOf } from "./report.ts";
import { SCENARIOS, type Scenario, type SideName, UPSTREAMS } from "./scenarios.ts";
import { seedGateway } from "./seed.ts";
import { buildGateway, startBaseline, startGateway } from "./sides.ts";
import { compareStartup } from "./startup.ts";
import { holdStreams } from "./streams.ts";

const USAGE = `npm run bench -- [options]
  --quick             half a minute instead of ten: coarse readings
  --scenario a,b      only rows whose name begins so (${SCENARIOS.map(({ name }) => name).join(", ")})
  --only a,b          only these sides (bare, minimal, ours)
  --rounds N          rounds of each comparison (7)      --secs N   seconds of each slot (2)
  --out FILE          the table as JSON
  --startup           CPU of start-up instead: our Worker against an empty Hono Worker
  --streams           held streams instead: what is lost, and memory
    --count N         streams of each kind (1000)       --minutes M  how long they are held (10)`;
const FULL: Plan = { rounds: 7, secs: 2, warmupSecs: 2 };
const QUICK: Plan = { rounds: 3, secs: 0.2, warmupSecs: 0.2 };

/** A running side and where it answers MCP for each of the upstream's catalogs. */
type Running = { side: (upstream: keyof typeof UPSTREAMS) => Side; stop(): Promise<void> };

const { values: options } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    scenario: { type: "string", default: "" },
    only: { type: "string", default: "bare,minimal,ours" },
    rounds: { type: "string" },
    secs: { type: "string" },
    out: { type: "string" },
    startup: { type: "boolean", default: false },
    streams: { type: "boolean", default: false },
    count: { type: "string", default: "1000" },
    minutes: { type: "string", default: "10" },
    help: { type: "boolean", default: false },
  },
});

if (options.help) console.log(USAGE);
else if (options.startup) await compareStartup(options.quick ? 3 : 9);
else if (options.streams) process.exitCode = await holdStreams(Number(options.count), Number(options.minutes));
else process.exitCode = await benchmark();

/** Exit code: 0, or 2 when any answer was wrong or lost. */
async function benchmark(): Promise<number> {
  const defaults = options.quick ? QUICK : FULL;
  const plan = {
    ...defaults,
    rounds: Number(options.rounds ?? defaults.rounds),
    secs: Number(options.secs ?? defaults.secs),
  };
  const scenarios = chosen();
  if (scenarios.length === 0) throw new Error(`no scenario compares two of ${options.only}\n${USAGE}`);
  const wanted = new Set(scenarios.flatMap(({ sides }) => sides));
  const upstream = await startChild<{ url: string; pid: number }>("upstream.ts");
  const running = new Map<SideName, Running>();
  const rows: Row[] = [];
  try {
    for (const name of wanted) running.set(name, await startSide(name, upstream.ready.url));
    console.log(`${plan.rounds} rounds of ${plan.secs} s; pairs are side / yardstick\n\n${heading()}`);
    for (const scenario of scenarios) {
      const sides = scenario.sides.flatMap((name) => running.get(name)?.side(scenario.upstream) ?? []);
      const compared = await compare(sides, scenario, plan, [upstream.ready.pid]);
      for (const row of rowsOf(scenario, scenario.sides, compared)) {
        rows.push(row);
        console.log(format(row));
      }
    }
  } finally {
    await Promise.all([...running.values()].map((side) => side.stop()));
    await upstream.stop();
  }
  if (options.out)
    writeFileSync(options.out, JSON.stringify({ at: new Date(), node: process.version, plan, rows }, null, 1));
  const lost = rows.reduce((sum, { errors }) => sum + errors, 0);
  console.log(lost > 0 ? `\n${lost} answers were wrong or lost` : "\nno answer was wrong or lost");
  return lost > 0 ? 2 : 0;
}

/** The scenarios asked for, with the sides asked for; one needs two sides to compare. */
function chosen(): Scenario[] {
  const only = new Set(options.only.split(","));
  const prefixes = options.scenario.split(",");
  const named = SCENARIOS.filter(({ name }) => prefixes.some((prefix) => name.startsWith(prefix)));
  if (named.length === 0) throw new Error(`no scenario begins with ${options.scenario}\n${USAGE}`);
  return named.flatMap((scenario) => {
    const [yardstick, ...others] = scenario.sides.filter((side) => only.has(side.replace("2", "")));
    return yardstick && others.length > 0 ? [{ ...scenario, sides: [yardstick, ...others] }] : [];
  });
}

async function startSide(name: SideName, upstream: string): Promise<Running> {
  if (name === "ours") return startOurs(upstream);
  const minimal = name === "minimal";
  const { host, headers } = await startBaseline(minimal ? "minimal.mjs" : "bare.mjs", upstream);
  return runningOn(name, host, minimal ? headers : {}, (path) => host.ready.url + UPSTREAMS[path].path);
}

async function startOurs(upstream: string): Promise<Running> {
  buildGateway();
  const { host, secret } = await startGateway();
  try {
    const urls = Object.entries(UPSTREAMS).map(([key, { path, transport }]) => [
      key,
      { url: upstream + path, transport },
    ]);
    const { token, mcp } = await seedGateway(host.ready.url, secret, Object.fromEntries(urls));
    return runningOn("ours", host, { authorization: `Bearer ${token}` }, (path) => mcp[path] ?? "");
  } catch (error) {
    await host.stop();
    throw error;
  }
}

function runningOn(
  name: SideName,
  host: Child<HostReady>,
  headers: Record<string, string>,
  urlOf: (upstream: keyof typeof UPSTREAMS) => string,
): Running {
  const { workerdPid: pid } = host.ready;
  return { side: (upstream) => ({ name, target: target(urlOf(upstream), headers), pid }), stop: () => host.stop() };
}
