// Runs the client scenarios of a requirement set with a gateway as the client under test (as-client.ts).
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { type Gateway, startGateway } from "../harness.ts";
import { conformance } from "./run.ts";

/** A client scenario and the suite's verdict: passed without any failure or warning. */
export interface ClientResult {
  readonly scenario: string;
  readonly scored: boolean;
  readonly passed: boolean;
  /** What the suite says of it, for a report. */
  readonly said: string;
}

const DRIVER = fileURLToPath(new URL("as-client.ts", import.meta.url));

/** Runs them all, each with an upstream and a virtual server of its own. */
export async function runClientConformance(
  gateway: Pick<Gateway, "url" | "token">,
  requirements: string,
): Promise<ClientResult[]> {
  // The suite splits the command at its spaces, so the path has to have none.
  const command = `node ${relative(process.cwd(), DRIVER)}`;
  const environment = { GATEWAY_URL: gateway.url, GATEWAY_TOKEN: await gateway.token() };
  const args = ["client", "--command", command, "--requirements", requirements, "--verbose"];
  const { output, errors } = await conformance(args, environment);
  const summary = output.slice(output.indexOf("=== SUITE SUMMARY ==="));
  const results = [...summary.matchAll(/^([✓✗]) (\S+): (.*(?:\n {4}- .*)*)/gm)];
  if (results.length === 0) throw new Error(`The suite told of no scenario: ${output}${errors}`);
  const unscored = new Set([...summary.matchAll(/^ {2}[✓✗] (\S+) \(/gm)].map(([, scenario]) => scenario));
  return results.map(([, mark, scenario = "", said = ""]) => ({
    scenario,
    scored: !unscored.has(scenario),
    passed: mark === "✓",
    said,
  }));
}

if (import.meta.main) {
  const gateway = await startGateway();
  for (const requirements of process.argv.slice(2))
    for (const { scenario, scored, passed, said } of await runClientConformance(gateway, requirements))
      console.log(`${passed ? "pass" : "FAIL"}  ${scenario}${scored ? "" : " (not scored)"}: ${said}`);
  await gateway.dispose();
}
