// `npm run dev`: wrangler dev on the same data as `npm start`, reloading the Worker and rebuilding the dashboard on change.
import { spawn, spawnSync } from "node:child_process";
import { ensureVars, ROOT, readVars } from "./local-vars.ts";

const VITE = ["vite", "build", "--config", "admin/vite.config.ts", "--logLevel", "warn"];

/** Runs a command to its end; a failure ends us. */
function step(...[file = "", ...args]: string[]): void {
  const { status } = spawnSync(file, args, { cwd: ROOT, stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}

if (ensureVars()) console.error("Made .dev.vars with new random secrets.");
step(...VITE);
step("wrangler", "d1", "migrations", "apply", "DB", "--local");

const { HOST = "127.0.0.1", PORT = "8787" } = readVars();
const watcher = spawn(VITE[0] ?? "", [...VITE.slice(1), "--watch"], { cwd: ROOT, stdio: "inherit" });
const server = spawn("wrangler", ["dev", "--ip", HOST, "--port", PORT, "--inspector-port", "9230"], {
  cwd: ROOT,
  stdio: "inherit",
});
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => server.kill(signal));
server.once("exit", (code) => {
  watcher.kill();
  process.exit(code ?? 0);
});
