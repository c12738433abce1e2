// startMiniflare on a Worker that uses what ours uses: D1, KV, a SQLite object, cron, assets. Miniflare ignores options
// it does not know, so state is proven by a restart and reading back. Run with `node --test`.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type LogLine, type MiniflareHost, type MiniflareSettings, startMiniflare } from "../../src/cli/miniflare.ts";

const CONFIG = `
name = "probe"
main = "index.js"
compatibility_date = "2026-10-23"
[vars]
ENVIRONMENT = "production"
PLAIN = "from the file"
[secrets]
required = ["SECRET"]
[assets]
directory = "./assets"
binding = "ASSETS"
not_found_handling = "none"
run_worker_first = ["/*", "!/assets/*"]
[[d1_databases]]
binding = "DB"
database_name = "probe"
migrations_dir = "migrations"
[[kv_namespaces]]
binding = "VIEWS"
[[durable_objects.bindings]]
name = "SESSION"
class_name = "Session"
[exports.Session]
type = "durable-object"
storage = "sqlite"
`;

const WORKER = `
import { DurableObject } from "cloudflare:workers";
let crons = [];
export class Session extends DurableObject {
  async next() { const n = (await this.ctx.storage.get("n") ?? 0) + 1; await this.ctx.storage.put("n", n); return n; }
}
export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (pathname === "/next") {
      await env.DB.prepare("INSERT INTO notes (text) VALUES ('a')").run();
      await env.VIEWS.put("n", String(Number(await env.VIEWS.get("n") ?? 0) + 1));
      const { n, text } = await env.DB.prepare("SELECT count(*) AS n, max(text) AS text FROM notes").first();
      return Response.json({ d1: n, kv: Number(await env.VIEWS.get("n")), object: await env.SESSION.getByName("x").next(), text });
    }
    if (pathname === "/env") return Response.json({ ...env, DB: undefined, VIEWS: undefined, SESSION: undefined, ASSETS: "ASSETS" in env });
    if (pathname === "/crons") return Response.json(crons);
    if (pathname === "/page") return env.ASSETS.fetch(new URL("/index.html", request.url));
    if (pathname === "/stream") {
      const { readable, writable } = new TransformStream();
      const writer = writable.getWriter();
      const beat = () => writer.write(new TextEncoder().encode(":\\n\\n")).catch(() => clearInterval(timer));
      const timer = setInterval(beat, 100);
      return new Response(readable, { headers: { "content-type": "text/event-stream" } });
    }
    console.log("asked for " + pathname);
    return new Response("the worker");
  },
  async scheduled(event) { crons.push(event.cron); if (event.cron === "fails") throw new Error("on purpose"); },
};
`;

// A trigger's body holds semicolons, as does a string: neither ends the statement.
const FIRST = `CREATE TABLE notes (text text DEFAULT 'a;b');
--> statement-breakpoint
CREATE TRIGGER mark AFTER INSERT ON notes BEGIN UPDATE notes SET text = NEW.text || ';' WHERE rowid = NEW.rowid; END;
--> statement-breakpoint
`;
const SECOND = "CREATE TABLE more (id integer);\n";

let folder: string;
let settings: MiniflareSettings;
const running = new Set<MiniflareHost>();

before(() => {
  folder = mkdtempSync(join(tmpdir(), "miniflare-"));
  for (const name of ["migrations", "assets", "assets/assets"]) mkdirSync(join(folder, name));
  const files = {
    "wrangler.toml": CONFIG,
    "index.js": WORKER,
    "migrations/0000_first.sql": FIRST,
    "migrations/0001_second.sql": SECOND,
    "assets/index.html": "the page",
    "assets/assets/app.js": "the script",
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const vars = { SECRET: "sealed", ENVIRONMENT: "local" };
  settings = { configPath: join(folder, "wrangler.toml"), bundlePath: join(folder, "index.js"), vars, direct: true };
});
after(async () => {
  await Promise.all([...running].map((host) => host.dispose()));
  rmSync(folder, { recursive: true });
});

async function start(more: MiniflareSettings = {}): Promise<MiniflareHost> {
  const host = await startMiniflare({ ...settings, ...more });
  running.add(host);
  return host;
}
async function stop(host: MiniflareHost): Promise<void> {
  running.delete(host);
  await host.dispose();
}
const get = async (host: MiniflareHost, path: string) => (await fetch(host.url + path)).text();
const json = async (host: MiniflareHost, path: string) => JSON.parse(await get(host, path)) as unknown;

for (const direct of [true, false])
  test(`state survives a restart when a directory is given (direct: ${direct})`, async () => {
    const persistTo = join(folder, `state-${direct}`);
    const first = await start({ direct, persistTo });
    assert.deepEqual(await first.migrate(), ["0000_first.sql", "0001_second.sql"]);
    assert.deepEqual(await json(first, "/next"), { d1: 1, kv: 1, object: 1, text: "a;" });
    await stop(first);
    const second = await start({ direct, persistTo });
    assert.deepEqual(await second.migrate(), []);
    assert.deepEqual(await json(second, "/next"), { d1: 2, kv: 2, object: 2, text: "a;" });
    await stop(second);
  });

test("without a directory nothing is kept", async () => {
  for (let i = 0; i < 2; i++) {
    const host = await start();
    await host.migrate();
    assert.deepEqual(await json(host, "/next"), { d1: 1, kv: 1, object: 1, text: "a;" });
    await stop(host);
  }
});

test("wrangler and migrate() agree on what is applied", async () => {
  const state = join(folder, ".wrangler/state");
  const wrangler = (...args: string[]) =>
    execFileSync("wrangler", ["d1", "migrations", ...args, "DB", "--local", "--persist-to", state], {
      cwd: folder,
      encoding: "utf8",
      env: { ...process.env, WRANGLER_SEND_METRICS: "false", WRANGLER_WRITE_LOGS: "false" },
    });
  const ours = await start({ persistTo: join(state, "v3") });
  assert.equal((await ours.migrate()).length, 2);
  await stop(ours);
  assert.match(wrangler("list"), /No migrations to apply/);
  writeFileSync(join(folder, "migrations/0002_third.sql"), "CREATE TABLE third (id integer);\n");
  assert.match(wrangler("apply"), /0002_third\.sql/);
  const again = await start({ persistTo: join(state, "v3") });
  assert.deepEqual(await again.migrate(), []);
  await stop(again);
});

test("a failing migration leaves nothing of itself behind and is named", async () => {
  const host = await start();
  const bad = join(folder, "migrations/0009_bad.sql");
  writeFileSync(bad, "CREATE TABLE half (id integer);\nINSERT INTO nowhere VALUES (1);\n");
  await assert.rejects(host.migrate(), /0009_bad\.sql/);
  const db = await host.mf.getD1Database("DB");
  assert.deepEqual((await db.prepare("SELECT name FROM sqlite_master WHERE name = 'half'").all()).results, []);
  rmSync(bad);
  await stop(host);
});

test("variables given win over the file's, and only they and the file's reach the Worker", async () => {
  process.env.SECRET = "from the environment";
  writeFileSync(join(folder, ".dev.vars"), 'STRAY="x"\n');
  const host = await start();
  assert.deepEqual(await json(host, "/env"), {
    ENVIRONMENT: "local",
    PLAIN: "from the file",
    SECRET: "sealed",
    ASSETS: false,
  });
  await stop(host);
  delete process.env.SECRET;
  rmSync(join(folder, ".dev.vars"));
});

for (const direct of [true, false])
  test(`with assets the Worker comes first except under /assets/ (direct: ${direct})`, async () => {
    const host = await start({ direct, assetsDirectory: join(folder, "assets") });
    assert.equal(await get(host, "/assets/app.js"), "the script");
    assert.equal(await get(host, "/index.html"), "the worker");
    assert.equal(await get(host, "/page"), "the page");
    await stop(host);
  });

test("scheduled() fires the cron handler and tells when it fails", async () => {
  const host = await start();
  await host.scheduled("* * * * *");
  await assert.rejects(host.scheduled("fails"), /exception/);
  assert.deepEqual(await json(host, "/crons"), ["* * * * *", "fails"]);
  await stop(host);
});

test("what the Worker logs reaches `log`", async () => {
  const { promise, resolve } = Promise.withResolvers<LogLine>();
  const host = await start({ log: resolve });
  await get(host, "/something");
  assert.equal((await promise).message, "asked for /something");
  await stop(host);
});

test("dispose ends the runtime although a stream is open", async () => {
  const host = await start();
  const stream = await fetch(`${host.url}/stream`);
  const reader = stream.body?.getReader();
  await reader?.read();
  await stop(host);
  await assert.rejects(fetch(`${host.url}/`));
  await assert.rejects(async () => {
    while (!(await reader?.read())?.done);
  });
  if (host.workerdPid !== undefined) assert.throws(() => process.kill(host.workerdPid ?? 0, 0), /ESRCH/);
});

test("a taken port and a script that does not load are errors", async () => {
  const host = await start();
  await assert.rejects(start({ port: Number(new URL(host.url).port) }), /in use/i);
  await stop(host);
  await assert.rejects(start({ bundlePath: undefined, script: "export default {", log: () => {} }), /failed to start/);
  await assert.rejects(start({ script: WORKER }), /not both/);
});
