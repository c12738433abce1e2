// A copy of the project in a folder of its own, as a fresh clone would be: no settings, no state, nothing built.
// Packages are shared with the working tree.
import { type ChildProcess, spawn } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { ROOT } from "../../src/cli/local-vars.ts";

const PARTS = ["package.json", "wrangler.toml", "tsconfig.json", "src", "admin", "migrations"];

/** What tests and whoever runs them have set, that a user's shell would not. */
const NOT_OURS = /^(CAUSEWAY_|VITEST|NODE_ENV|NODE_OPTIONS|npm_|MCP|JWT_|PORT$|HOST$)/i;

export interface Copy {
  readonly directory: string;
  /** Starts a program in it, with these variables and none of the tests' own, as the leader of a process group. */
  run(file: string, args: readonly string[], vars?: Record<string, string>): Running;
  remove(): void;
}

export interface Running {
  /** What it has printed so far. */
  readonly out: () => string;
  readonly err: () => string;
  /** Resolves with its exit code. */
  readonly ended: Promise<number | null>;
  /** Resolves when standard output matches. @throws Error with all it printed when it ends before. */
  says(pattern: RegExp): Promise<RegExpExecArray>;
  /** Asks it to end, as Ctrl-C does, and waits until it has. */
  interrupt(): Promise<number | null>;
  /** Ends it and everything it started, at once. */
  kill(): Promise<void>;
}

/** Makes a copy. */
export function copyProject(): Copy {
  const directory = mkdtempSync(join(tmpdir(), "causeway-copy-"));
  for (const part of PARTS) cpSync(join(ROOT, part), join(directory, part), { recursive: true });
  symlinkSync(join(ROOT, "node_modules"), join(directory, "node_modules"));
  const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !NOT_OURS.test(name)));
  const path = [join(directory, "node_modules/.bin"), process.env.PATH].join(delimiter);
  return {
    directory,
    run: (file, args, vars = {}) =>
      follow(spawn(file, args, { cwd: directory, env: { ...environment, PATH: path, ...vars }, detached: true })),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

function follow(child: ChildProcess): Running {
  let out = "";
  let err = "";
  child.stdout?.on("data", (chunk) => (out += chunk));
  child.stderr?.on("data", (chunk) => (err += chunk));
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  const says = (pattern: RegExp) =>
    new Promise<RegExpExecArray>((resolve, reject) => {
      const look = () => {
        const found = pattern.exec(out);
        if (found) resolve(found);
      };
      child.stdout?.on("data", look);
      look();
      void ended.then((code) => reject(new Error(`it ended with ${code} before it said ${pattern}:\n${out}${err}`)));
    });
  const signal = (name: "SIGINT" | "SIGKILL") => {
    if (child.exitCode === null && child.signalCode === null && child.pid !== undefined) process.kill(-child.pid, name);
    return ended;
  };
  const interrupt = () => signal("SIGINT");
  const kill = async () => void (await signal("SIGKILL"));
  return { out: () => out, err: () => err, ended, says, interrupt, kill };
}

/** A port that is free right now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("a TCP server has an address and a port");
  return address.port;
}
