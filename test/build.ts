// Builds the Worker and the dashboard once before the tests that talk to them over HTTP.
import { execFileSync } from "node:child_process";
import { ROOT } from "../src/cli/local-vars.ts";

export default function build(): void {
  if (process.env.CAUSEWAY_BUILT) return;
  execFileSync("npm", ["run", "-s", "build"], { cwd: ROOT, stdio: ["ignore", "ignore", "inherit"] });
  process.env.CAUSEWAY_BUILT = "1";
}
