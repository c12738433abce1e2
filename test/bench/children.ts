// Child processes that say when they are ready in one line of JSON and end when their standard input does.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export type Child<Ready> = { ready: Ready; pid: number | undefined; stop(): Promise<void> };

const STOP_AFTER_MS = 5000;

/** Starts a script of this folder. Throws when it ends before it is ready. Its standard error is shown. */
export async function startChild<Ready>(script: string, settings?: object): Promise<Child<Ready>> {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const child = spawn(process.execPath, [path], { stdio: ["pipe", "pipe", "inherit"] });
  const exited = once(child, "exit");
  if (settings) child.stdin.write(`${JSON.stringify(settings)}\n`);
  const line = once(createInterface({ input: child.stdout }), "line");
  const early = exited.then(([code]) => Promise.reject(new Error(`${script} ended with ${code} before it was ready`)));
  const [text] = await Promise.race([line, early]);
  return {
    ready: JSON.parse(text) as Ready,
    pid: child.pid,
    async stop() {
      const killer = setTimeout(() => child.kill("SIGKILL"), STOP_AFTER_MS);
      child.stdin.end();
      await exited;
      clearTimeout(killer);
    },
  };
}
