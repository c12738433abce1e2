// `npm run bench -- --startup`: what `wrangler check startup` says of our Worker and of an empty Hono Worker, in turns.
// wrangler loads the uploaded form of the Worker into workerd under the inspector's profiler and writes a .cpuprofile.
// V8 samples it only every few milliseconds, so single readings are coarse: look at the medians. `window` is the wall
// time of the whole profile, the cost of asking included; it is finer, and its difference is our module evaluation.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { median } from "./stats.ts";

type Profile = {
  nodes: { id: number; callFrame: { functionName: string } }[];
  samples: number[];
  timeDeltas: number[];
  startTime: number;
  endTime: number;
};
type Startup = { cpuMs: number; windowMs: number };

const CPU_LIMIT_MS = 30;
const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const EMPTY = fileURLToPath(new URL("baseline/empty-hono.ts", import.meta.url));
const QUIET = { WRANGLER_SEND_METRICS: "false", WRANGLER_HIDE_BANNER: "true", WRANGLER_WRITE_LOGS: "false" };

/** Profiles both Workers `rounds` times in turns and prints the medians and their ratio. */
export async function compareStartup(rounds: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "bench-startup-"));
  try {
    const config = join(folder, "wrangler.toml");
    const ours = readFileSync(join(ROOT, "wrangler.toml"), "utf8");
    const runtime = ours.match(/^compatibility_(date|flags) = .*$/gm)?.join("\n"); // both on the same runtime
    writeFileSync(config, `name = "empty"\nmain = ${JSON.stringify(EMPTY)}\n${runtime}\n`);
    const sides = [
      { name: "empty Hono", bundle: upload(config, join(folder, "empty.bundle")), seen: [] as Startup[] },
      { name: "ours", bundle: upload(join(ROOT, "wrangler.toml"), join(folder, "ours.bundle")), seen: [] as Startup[] },
    ];
    for (let round = 0; round < rounds; round++) {
      for (const { bundle, seen } of round % 2 ? sides.toReversed() : sides) seen.push(profile(bundle, folder));
    }
    const medians = sides.map(({ name, seen }) => {
      const cpuMs = median(seen.map((startup) => startup.cpuMs));
      const windowMs = median(seen.map((startup) => startup.windowMs));
      const all = seen.map((startup) => startup.cpuMs.toFixed(1)).join(" ");
      console.log(`${name.padEnd(11)} CPU ${cpuMs.toFixed(1)} ms, window ${windowMs.toFixed(1)} ms   (CPU: ${all})`);
      return { cpuMs, windowMs };
    });
    const [base, own] = medians;
    if (!base || !own) return;
    const ratio = base.cpuMs > 0 ? `x${(own.cpuMs / base.cpuMs).toFixed(2)}` : "(below one sample)";
    const longer = (own.windowMs - base.windowMs).toFixed(1);
    console.log(`ours / empty Hono: CPU ${ratio}, window ${longer} ms longer; ${rounds} rounds`);
    console.log(`${own.cpuMs <= CPU_LIMIT_MS ? "holds" : "MISSES"}: CPU of start-up <= ${CPU_LIMIT_MS} ms`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Builds what a deploy would send, without sending it. */
function upload(config: string, outfile: string): string {
  wrangler("deploy", "--dry-run", "--minify", "--config", config, "--outfile", outfile);
  return outfile;
}

function profile(bundle: string, folder: string): Startup {
  const file = join(folder, "startup.cpuprofile");
  wrangler("check", "startup", "--worker", bundle, "--outfile", file);
  const { nodes, samples, timeDeltas, startTime, endTime } = JSON.parse(readFileSync(file, "utf8")) as Profile;
  const idle = new Set(nodes.filter(({ callFrame }) => callFrame.functionName === "(idle)").map(({ id }) => id));
  const cpuUs = timeDeltas.reduce((sum, us, i) => (idle.has(samples[i] ?? 0) ? sum : sum + us), 0);
  return { cpuMs: cpuUs / 1000, windowMs: (endTime - startTime) / 1000 };
}

function wrangler(...args: string[]): void {
  execFileSync("wrangler", args, {
    cwd: ROOT,
    stdio: ["ignore", "ignore", "inherit"],
    env: { ...process.env, ...QUIET },
  });
}
