// Runs one load against several endpoints in turns (ABC CBA ABC …), so that all see the same weather on the machine.
import type { Target } from "./client.ts";
import { drive, type Load, probe } from "./drive.ts";
import { cpuSeconds, machineSeconds } from "./proc.ts";
import { median, type Reading } from "./stats.ts";

export type Side = { name: string; target: Target; pid: number | undefined };
export type Plan = { rounds: number; secs: number; warmupSecs: number };
export type Comparison = {
  /** Readings by side, in the order of the sides given, one a round. */
  readings: Reading[][];
  /** Share of the machine that processes other than ours took, median of the slots. */
  foreign: number;
};

type Counted = { reading: Reading; foreign: number };

/** `bystanders`: processes that serve all sides (the upstream), so that they do not count as foreign. */
export async function compare(
  sides: Side[],
  load: Omit<Load, "secs" | "tool" | "tools">,
  plan: Plan,
  bystanders: number[],
): Promise<Comparison> {
  const known = [process.pid, ...bystanders, ...sides.flatMap(({ pid }) => pid ?? [])];
  const found = await Promise.all(sides.map(({ target }) => probe(target, load.operation)));
  const takes = sides.map((side, i) => (secs: number) => {
    const { tool, tools } = found[i] ?? { tool: "", tools: 0 };
    return takeSlot(side, { ...load, tool, tools, secs }, known);
  });
  for (const take of takes) await take(plan.warmupSecs);
  const counted: Counted[][] = sides.map(() => []);
  for (let round = 0; round < plan.rounds; round++) {
    const order = [...takes.entries()];
    for (const [i, take] of round % 2 === 0 ? order : order.reverse()) counted[i]?.push(await take(plan.secs));
  }
  return {
    readings: counted.map((slots) => slots.map(({ reading }) => reading)),
    foreign: median(counted.flat().map(({ foreign }) => foreign)),
  };
}

async function takeSlot({ target, pid }: Side, load: Load, known: number[]): Promise<Counted> {
  const knownSeconds = () => known.reduce((sum, each) => sum + (cpuSeconds(each) || 0), 0);
  const before = { side: cpuSeconds(pid), known: knownSeconds(), machine: machineSeconds() };
  const slot = await drive(target, load);
  const machine = machineSeconds();
  const busy = machine.busy - before.machine.busy - (knownSeconds() - before.known);
  return {
    reading: { ...slot, cpuUs: ((cpuSeconds(pid) - before.side) * 1e6) / slot.ops },
    foreign: Math.max(0, busy) / (machine.total - before.machine.total),
  };
}
