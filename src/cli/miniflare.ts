// One way to run the Worker on this machine: Miniflare, with bindings read from wrangler.toml so that a new binding
// needs no second list. `npm start`, the black-box tests and the bench all come through here.
// Miniflare ignores options it does not know without a word: what is set here is checked by test/cli/miniflare.node.ts.
import { randomUUID } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import {
  type Unstable_Config,
  unstable_getMiniflareWorkerOptions,
  unstable_readConfig,
  unstable_splitSqlQuery,
} from "wrangler";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const KILL_AFTER_MS = 2000;
const MARK = "CAUSEWAY_MINIFLARE";

export type LogLine = { timestamp: number; level: string; message: string };

export type MiniflareSettings = {
  /** The bundled Worker as a file (`dist/worker/index.js`), or as source text in `script`. Exactly one of the two. */
  bundlePath?: string;
  script?: string;
  /** Address to listen on; port 0 picks a free one. */
  host?: string;
  port?: number;
  /** true: the Worker's own socket, without Miniflare's entry Worker (half the CPU a request). */
  direct?: boolean;
  /** Directory that keeps D1, KV and objects; without it all state is lost on dispose. wrangler's own is `.wrangler/state/v3`. */
  persistTo?: string;
  /** Variables and secrets; they win over `[vars]`. `.dev.vars` and the process environment are not read. */
  vars?: Record<string, string>;
  /** The built dashboard. Without it the ASSETS binding is left out. */
  assetsDirectory?: string;
  /** Where the Worker's console and the runtime's messages go; standard error when absent. */
  log?: (line: LogLine) => void;
  /** Another wrangler.toml, for tests. */
  configPath?: string;
};

/** What we read of wrangler.toml (wrangler's own type is not among what it publishes). */
export type WranglerConfig = {
  configPath: string;
  name: string;
  vars: Record<string, string>;
  assets?: { run_worker_first?: string[] };
  d1_databases: { binding: string; database_name?: string; migrations_dir?: string; migrations_table?: string }[];
  secrets?: { required?: string[] };
  durable_objects: { bindings: { name: string; class_name: string }[] };
};

export type MiniflareHost = {
  mf: Miniflare;
  /** Origin without a trailing slash. */
  url: string;
  /** Process id of the runtime, for CPU readings; undefined where there is no /proc. */
  workerdPid: number | undefined;
  /** Applies the migrations that are not in yet, in order, and returns their file names. Recorded as wrangler does. */
  migrate(): Promise<string[]>;
  /** Fires the cron handler once; throws unless it ends well. */
  scheduled(cron?: string): Promise<void>;
  /** Ends the runtime, by force after two seconds: with streams open it would drain without end. */
  dispose(): Promise<void>;
};

/**
 * Starts the Worker and resolves once it listens.
 * Throws when the port is taken, the script does not load, or the configuration is wrong.
 */
export async function startMiniflare(settings: MiniflareSettings): Promise<MiniflareHost> {
  const config = readWranglerConfig(settings.configPath);
  const worker = workerOptions(config, settings);
  const mark = randomUUID();
  const address = { host: settings.host ?? "127.0.0.1", port: settings.port ?? 0 };
  const mf = new Miniflare(
    convertV4MiniflareOptions({
      ...(settings.direct ? { host: "127.0.0.1", port: 0 } : address),
      cf: false, // no look-up of this machine's place in the world
      telemetry: { enabled: false },
      logRequests: false,
      handleStructuredLogs: settings.log ?? ((line) => console.error(line.message)),
      unsafeRuntimeEnv: { [MARK]: mark },
      ...(settings.persistTo && { resourcePersistencePath: resolve(settings.persistTo) }),
      workers: [{ ...worker, ...(settings.direct && { unsafeDirectSockets: [address] }) }],
    }),
  );
  const dispose = () => disposeWithin(mf, mark, KILL_AFTER_MS);
  try {
    const entry = await mf.ready;
    const url = settings.direct ? await mf.unsafeGetDirectURL() : entry;
    return {
      mf,
      url: url.origin,
      workerdPid: findRuntime(mark),
      migrate: () => migrateAll(mf, config),
      scheduled: (cron) => fireCron(mf, cron),
      dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** Reads wrangler.toml, the project's own unless another is named. Throws when it is missing or wrong. */
export function readWranglerConfig(path = join(ROOT, "wrangler.toml")): WranglerConfig {
  return withQuietWrangler(() => unstable_readConfig({ config: resolve(path) }) as WranglerConfig);
}

/** wrangler.toml as Miniflare's options for one Worker, with our script, variables and assets put in. */
function workerOptions(config: WranglerConfig, settings: MiniflareSettings) {
  if ((settings.bundlePath === undefined) === (settings.script === undefined))
    throw new Error("startMiniflare needs a bundlePath or a script, and not both");
  const read = withQuietWrangler(() =>
    unstable_getMiniflareWorkerOptions({ ...config, secrets: undefined } as Unstable_Config),
  );
  const { modulesRules: _rejected, ...options } = read.workerOptions;
  return {
    ...options,
    name: config.name,
    modules: true,
    script: settings.script ?? readFileSync(resolve(settings.bundlePath ?? ""), "utf8"),
    bindings: { ...config.vars, ...settings.vars },
    assets: settings.assetsDirectory
      ? {
          ...(options.assets as object),
          directory: resolve(settings.assetsDirectory),
          run_worker_first: config.assets?.run_worker_first,
          routerConfig: { has_user_worker: true },
        }
      : undefined,
  };
}

/** wrangler announces where it looked for secrets and writes a log file; we pass the secrets ourselves. */
function withQuietWrangler<T>(read: () => T): T {
  const quiet = { WRANGLER_LOG: "error", WRANGLER_WRITE_LOGS: "false" };
  const before = Object.keys(quiet).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, quiet);
  try {
    return read();
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
}

async function migrateAll(mf: Miniflare, config: WranglerConfig): Promise<string[]> {
  const applied: string[] = [];
  for (const { binding, migrations_dir, migrations_table = "d1_migrations" } of config.d1_databases) {
    if (!migrations_dir) continue;
    const directory = resolve(dirname(config.configPath), migrations_dir);
    const db = await mf.getD1Database(binding);
    // The same table, to the letter, as `wrangler d1 migrations apply` makes: either may go first.
    await db
      .prepare(
        `CREATE TABLE IF NOT EXISTS "${migrations_table}"(id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL)`,
      )
      .run();
    const { results } = await db.prepare(`SELECT name FROM "${migrations_table}"`).all<{ name: string }>();
    const done = new Set(results.map((row) => row.name));
    for (const name of migrationNames(directory)) {
      if (done.has(name)) continue;
      const statements = unstable_splitSqlQuery(readFileSync(join(directory, name), "utf8")).filter(hasSql);
      const record = db.prepare(`INSERT INTO "${migrations_table}" (name) VALUES (?)`).bind(name);
      try {
        await db.batch([...statements.map((sql) => db.prepare(sql)), record]); // all or nothing
      } catch (cause) {
        throw new Error(`migration ${name} failed; nothing of it was applied`, { cause });
      }
      applied.push(name);
    }
  }
  return applied;
}

/** `NNNN_name.sql` files of a directory in the order of their numbers. */
function migrationNames(directory: string): string[] {
  const files = readdirSync(directory).filter((name) => name.endsWith(".sql"));
  return files.sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10) || (a < b ? -1 : 1));
}

/** False for what is only comments, such as the `--> statement-breakpoint` after the last statement. */
const hasSql = (statement: string) => statement.replace(/--.*$/gm, "").trim() !== "";

async function fireCron(mf: Miniflare, cron?: string): Promise<void> {
  const worker = await mf.getWorker();
  const { outcome } = await worker.scheduled(cron === undefined ? {} : { cron });
  if (outcome !== "ok") throw new Error(`the cron handler ended with ${outcome}`);
}

async function disposeWithin(mf: Miniflare, mark: string, limitMs: number): Promise<void> {
  const pid = findRuntime(mark);
  const killer = setTimeout(() => pid !== undefined && kill(pid), limitMs);
  const { promise: late, resolve: giveUp } = Promise.withResolvers<void>();
  const limit = setTimeout(giveUp, limitMs + 500);
  try {
    await Promise.race([mf.dispose(), late]);
  } finally {
    clearTimeout(killer);
    clearTimeout(limit);
  }
}

function kill(pid: number) {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error; // already gone
  }
}

/** The runtime we started carries a mark in its environment: several may run at a time. */
function findRuntime(mark: string): number | undefined {
  for (const pid of processIds()) {
    try {
      if (readFileSync(`/proc/${pid}/environ`, "latin1").includes(`${MARK}=${mark}`)) return pid;
    } catch {
      // ended meanwhile, or another user's: not ours in either case
    }
  }
  return undefined;
}

function processIds(): number[] {
  try {
    return readdirSync("/proc").map(Number).filter(Number.isInteger);
  } catch {
    return []; // no /proc on this system
  }
}
