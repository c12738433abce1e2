// Servers that tests inside workerd can reach, started in Node before the `worker` project.
import type { TestProject } from "vitest/node";
import { startHeld } from "./fakes/held.ts";
import { startVerbatim } from "./fakes/verbatim.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Address of fakes/verbatim.ts. */
    readonly verbatim: string;
    /** Address of fakes/held.ts. */
    readonly held: string;
  }
}

export default async function startUpstreams(project: TestProject): Promise<() => Promise<unknown>> {
  const [verbatim, held] = await Promise.all([startVerbatim(), startHeld()]);
  project.provide("verbatim", verbatim.url);
  project.provide("held", held.url);
  return () => Promise.all([verbatim.close(), held.close()]);
}
