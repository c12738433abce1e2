// Programs from npm as processes of their own: servers that run until closed, commands that run to their end. Each gets
// a home of its own, so that nothing of the person at the keyboard is read or written.
import { type ChildProcess, execFile, fork } from "node:child_process";
import { once } from "node:events";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import type { Running } from "../fakes/http.ts";

const HERE = import.meta.dirname;

/** The path of a file in an installed package, such as `mcp-remote`, `dist/proxy.js`. */
export const fileOf = (name: string, path: string): string => join(HERE, "node_modules", name, path);

/** The environment of a program: its home, and nothing that leads it to somebody's settings. */
export const environment = (home: string, more: Record<string, string> = {}): Record<string, string> => ({
  PATH: `${dirname(process.execPath)}:/usr/bin:/bin`,
  HOME: home,
  XDG_CONFIG_HOME: join(home, ".config"),
  XDG_CACHE_HOME: join(home, ".cache"),
  NO_COLOR: "1",
  ...more,
});

/** Starts a server with `--import loopback-only` and resolves once it listens; `path` completes its URL. */
export async function startServer(home: string, path: string, file: string, args: readonly string[]): Promise<Running> {
  const child = fork(file, args, {
    cwd: home,
    env: environment(home, { PORT: "0" }),
    execArgv: ["--import", join(HERE, "loopback-only.ts")],
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  const port = await portOf(child);
  const close = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill();
    await gone;
  };
  return { url: `http://127.0.0.1:${port}${path}`, close };
}

function portOf(child: ChildProcess): Promise<number> {
  const complaints: string[] = [];
  child.stderr?.setEncoding("utf8").on("data", (text: string) => complaints.push(text));
  return new Promise((resolve, reject) => {
    child.once("message", (message: { port: number }) => resolve(message.port));
    child.once("exit", (code) => reject(new Error(`ended with ${code} before it listened: ${complaints.join("")}`)));
  });
}

const run = promisify(execFile);

/** Runs a command of a package to its end and gives what it wrote to stdout. @throws with its stderr when it fails. */
export async function runCommand(
  home: string,
  file: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<string> {
  const { stdout } = await run(process.execPath, [file, ...args], {
    cwd: home,
    env: environment(home, env),
    maxBuffer: 1 << 24,
  });
  return stdout;
}
