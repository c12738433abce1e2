// Runs wrangler, which knows how to reach the Cloudflare account.
import { spawnSync } from "node:child_process";
import { ROOT } from "./local-vars.ts";

export interface Outcome {
  readonly ok: boolean;
  /** What it printed; what it complained of too, when it failed. Empty when it was shown instead. */
  readonly output: string;
}

/** Runs wrangler, found on the PATH that npm sets. `read` takes what it prints instead of showing it. */
export function wrangler(args: readonly string[], how: "show" | "read"): Outcome {
  const { status, stdout, stderr, error } = spawnSync("wrangler", args, {
    cwd: ROOT,
    encoding: "utf8",
    stdio: how === "show" ? "inherit" : ["inherit", "pipe", "pipe"],
    shell: process.platform === "win32",
  });
  if (error) throw new Error(`wrangler can't be started: ${error.message}`);
  return { ok: status === 0, output: status === 0 ? (stdout ?? "") : `${stdout ?? ""}${stderr ?? ""}` };
}
