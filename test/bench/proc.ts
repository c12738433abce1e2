// CPU seconds of processes and of the machine, and memory of processes, from /proc. Elsewhere than on Linux there is none: readings are NaN and
// the report shows a dash.
import { readFileSync } from "node:fs";

const TICKS_PER_SECOND = 100; // USER_HZ, fixed at 100 on Linux whatever the kernel's own clock

/** User and system time of one process so far, in seconds, in steps of 10 ms. */
export function cpuSeconds(pid: number | undefined): number {
  if (pid === undefined) return Number.NaN;
  const text = readProc(`/proc/${pid}/stat`);
  if (text === undefined) return Number.NaN;
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** Resident memory of one process, in bytes. */
export function residentBytes(pid: number | undefined): number {
  const kib = pid === undefined ? undefined : readProc(`/proc/${pid}/status`)?.match(/^VmRSS:\s+(\d+) kB$/m)?.[1];
  return kib === undefined ? Number.NaN : Number(kib) * 1024;
}

/** Busy and total CPU seconds of the machine so far, all cores added. */
export function machineSeconds(): { busy: number; total: number } {
  const line = readProc("/proc/stat")?.match(/^cpu +(.*)/)?.[1];
  if (line === undefined) return { busy: Number.NaN, total: Number.NaN };
  const ticks = line.split(/ +/).slice(0, 8).map(Number);
  const total = ticks.reduce((sum, n) => sum + n, 0);
  const idle = (ticks[3] ?? 0) + (ticks[4] ?? 0);
  return { busy: (total - idle) / TICKS_PER_SECOND, total: total / TICKS_PER_SECOND };
}

function readProc(path: string): string | undefined {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return undefined; // not Linux, or the process has ended
  }
}
