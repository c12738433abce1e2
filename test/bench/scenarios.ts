// What the bench compares: each row is one kind of load, the sides that take it, and what we promise about the ratio of
// ours to its yardstick. The yardsticks are Workers too: `bare` passes bytes on, `minimal` does the least a gateway must.
import type { Operation } from "./drive.ts";
import type { Metric } from "./stats.ts";

export type SideName = "bare" | "bare2" | "minimal" | "ours";

/** The fast upstream under the names the gateway knows it by: its path, and the era to speak where it is not detected. */
export const UPSTREAMS = {
  ten: { path: "/mcp", transport: "auto" },
  sessions: { path: "/mcp", transport: "session" },
  thousand: { path: "/tools/1000/mcp", transport: "auto" },
  slow: { path: "/delay/500/mcp", transport: "auto" },
} as const;

/** `median` of the ratios of all rounds, or the `worst` of them, has to stay within the limit. */
export type Gate = { metric: Metric; of: "median" | "worst"; atLeast?: number; atMost?: number };

export type Scenario = {
  name: string;
  operation: Operation;
  concurrency: number;
  upstream: keyof typeof UPSTREAMS;
  messageBytes?: number;
  resultBytes?: number;
  /** The first is the yardstick of the others. */
  sides: [SideName, ...SideName[]];
  gates: Gate[];
};

const throughput: Gate = { metric: "rps", of: "worst", atLeast: 0.65 };
const cpu: Gate = { metric: "cpuUs", of: "median", atMost: 1.6 };
const latency: Gate[] = [
  { metric: "p50", of: "median", atMost: 1.5 },
  { metric: "p99", of: "median", atMost: 2 },
];
const list: Gate = { metric: "cpuUs", of: "median", atMost: 1.3 };
const large: Gate = { metric: "rps", of: "median", atLeast: 0.75 };
const QUARTER_MIB = 256 * 1024;
const all: [SideName, ...SideName[]] = ["bare", "minimal", "ours"];

export const SCENARIOS: Scenario[] = [
  { name: "control", operation: "modern-call", concurrency: 8, upstream: "ten", sides: ["bare", "bare2"], gates: [] },
  { name: "call-1", operation: "modern-call", concurrency: 1, upstream: "ten", sides: all, gates: latency },
  { name: "call-8", operation: "modern-call", concurrency: 8, upstream: "ten", sides: all, gates: [throughput, cpu] },
  { name: "call-32", operation: "modern-call", concurrency: 32, upstream: "ten", sides: all, gates: [throughput, cpu] },
  {
    name: "session",
    operation: "session-call",
    concurrency: 8,
    upstream: "sessions",
    sides: all,
    gates: [throughput, cpu],
  },
  { name: "crossed", operation: "session-call", concurrency: 8, upstream: "ten", sides: all, gates: [] }, // results are rewritten
  { name: "churn", operation: "session-churn", concurrency: 8, upstream: "sessions", sides: all, gates: [] }, // each end is written down
  {
    name: "list-10",
    operation: "modern-list",
    concurrency: 8,
    upstream: "ten",
    sides: ["minimal", "ours"],
    gates: [list],
  },
  {
    name: "list-1000",
    operation: "modern-list",
    concurrency: 4,
    upstream: "thousand",
    sides: ["minimal", "ours"],
    gates: [list],
  },
  {
    name: "result-256k",
    operation: "modern-call",
    concurrency: 8,
    upstream: "ten",
    resultBytes: QUARTER_MIB,
    sides: all,
    gates: [large],
  },
  {
    name: "echo-256k", // the request is as large as the result, and policy has to read it
    operation: "modern-call",
    concurrency: 8,
    upstream: "ten",
    messageBytes: QUARTER_MIB,
    sides: all,
    gates: [large],
  },
  {
    name: "slow-200", // 500 ms upstream: 200 callers should get their 400 calls a second
    operation: "modern-call",
    concurrency: 200,
    upstream: "slow",
    sides: ["bare", "ours"],
    gates: [{ metric: "rps", of: "median", atLeast: 0.97 }],
  },
];
