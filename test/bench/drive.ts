// One timed slot of load against one MCP endpoint: N clients in a closed loop, each answer checked.
// Bounded in time (60 s), operations (1 M), clients (1,024) and errors (a client stops after 20 in a row).
import { performance } from "node:perf_hooks";
import { Client, type Era, type Target } from "./client.ts";

/** What one operation is. `session-churn`: initialize, initialized, tools/call and DELETE together. */
export type Operation = "modern-call" | "modern-list" | "session-call" | "session-list" | "session-churn";

export type Load = {
  operation: Operation;
  concurrency: number;
  secs: number;
  /** Name of the echo tool and size of the catalog, as `probe` found them. */
  tool: string;
  tools: number;
  /** Bytes added to the message of each call, and bytes the tool adds to its answer. */
  messageBytes?: number;
  resultBytes?: number;
  maxOps?: number;
};

export type Slot = {
  ops: number;
  secs: number;
  rps: number;
  p50: number;
  p99: number;
  errors: number;
  errorKinds: Record<string, number>;
};

const MAX_ERRORS_IN_A_ROW = 20;

const eraOf = (operation: Operation): Era => (operation.startsWith("modern") ? "modern" : "legacy");

/** Finds the echo tool by its name and the size of the catalog. Throws when the endpoint does not answer rightly. */
export async function probe(to: Target, operation: Operation): Promise<{ tool: string; tools: number }> {
  const era = eraOf(operation);
  const client = new Client(to);
  try {
    if (era === "legacy") await client.initialize();
    const tools = await client.list(era, 0);
    const tool = tools.find(({ name }) => /(^|[^a-z0-9])echo$/i.test(name))?.name;
    if (!tool) throw new Error(`no tool named …echo at ${to.url}`);
    await client.call(era, tool, "probe");
    if (era === "legacy") await client.endSession();
    return { tool, tools: tools.length };
  } finally {
    client.close();
  }
}

/** Latencies in milliseconds. Errors are counted by kind and never end up among the latencies. */
export async function drive(to: Target, load: Load): Promise<Slot> {
  const { operation, tool, tools, resultBytes = 0 } = load;
  const era = eraOf(operation);
  const maxOps = Math.min(1_000_000, load.maxOps ?? 300_000);
  const padding = "x".repeat(Math.min(1 << 20, load.messageBytes ?? 0));
  const clients = Array.from({ length: Math.min(1024, load.concurrency) }, () => new Client(to));
  const latencies: number[] = [];
  const errorKinds: Record<string, number> = {};
  let errors = 0;

  const operate: Record<Operation, (client: Client, message: string) => Promise<unknown>> = {
    "modern-call": (client, message) => client.call(era, tool, message, resultBytes),
    "session-call": (client, message) => client.call(era, tool, message, resultBytes),
    "modern-list": (client) => client.list(era, tools),
    "session-list": (client) => client.list(era, tools),
    "session-churn": async (client, message) => {
      await client.initialize();
      await client.call(era, tool, message, resultBytes);
      await client.endSession();
    },
  };
  const keepsSession = operation === "session-call" || operation === "session-list";
  if (keepsSession) for (const client of clients) await client.initialize(); // before the clock starts

  const begin = performance.now();
  const end = begin + Math.min(60, load.secs) * 1000;
  const loop = async (client: Client, worker: number) => {
    let inRow = 0;
    for (let n = 0; performance.now() < end && latencies.length + errors < maxOps; n++) {
      const started = performance.now();
      try {
        await operate[operation](client, `m${worker}-${n}-${padding}`);
        latencies.push(performance.now() - started);
        inRow = 0;
      } catch (error) {
        const kind = (error instanceof Error ? error.message : String(error)).replace(/\d{4,}/g, "N").slice(0, 160);
        errorKinds[kind] = (errorKinds[kind] ?? 0) + 1;
        errors++;
        if (++inRow >= MAX_ERRORS_IN_A_ROW) return;
      }
    }
  };
  await Promise.all(clients.map(loop));
  const secs = (performance.now() - begin) / 1000;

  for (const client of clients) {
    if (keepsSession && errors === 0) await client.endSession();
    client.close();
  }
  latencies.sort((a, b) => a - b);
  const quantile = (q: number) => latencies[Math.min(latencies.length - 1, Math.floor(q * latencies.length))] ?? NaN;
  const ops = latencies.length;
  return { ops, secs, rps: ops / secs, p50: quantile(0.5), p99: quantile(0.99), errors, errorKinds };
}
