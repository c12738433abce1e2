// One Worker on Miniflare's direct socket, in a process of its own, so that its workerd can be measured by itself.
// Reads one line of JSON (HostSettings) from standard input, prints one line {"url": …, "workerdPid": …}, and lives
// until its standard input ends: it never outlives the run that started it.
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { readWranglerConfig, startMiniflare } from "../../src/cli/miniflare.ts";

export type HostSettings = {
  bundlePath: string;
  vars: Record<string, string>;
  /** false for a baseline: it gets our bindings, and stand-ins for the objects they name. */
  isGateway: boolean;
};
export type HostReady = { url: string; workerdPid?: number };

/** A baseline runs in the same configuration as ours, so it has to export the classes that wrangler.toml binds. */
function withObjectClasses(bundlePath: string): string {
  const classes = readWranglerConfig().durable_objects.bindings.map(
    ({ class_name }) => `export class ${class_name} extends Base {}`,
  );
  return `import { DurableObject as Base } from "cloudflare:workers";\n${classes.join("\n")}\n${readFileSync(bundlePath, "utf8")}`;
}

const input = createInterface({ input: process.stdin });
const ended = once(input, "close");
const [first] = await once(input, "line");
const { bundlePath, vars, isGateway } = JSON.parse(first) as HostSettings;

const source = isGateway ? { bundlePath } : { script: withObjectClasses(bundlePath) };
const host = await startMiniflare({ ...source, vars, direct: true });
if (isGateway) await host.migrate();
console.log(JSON.stringify({ url: host.url, workerdPid: host.workerdPid } satisfies HostReady));

await ended;
await host.dispose();
process.exit(0);
