// Upstreams that tests inside workerd can reach, started in Node before the `worker` project.
import type { TestProject } from "vitest/node";
import { startVerbatim } from "./fakes/verbatim.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Address of fakes/verbatim.ts. */
    readonly verbatim: string;
  }
}

export default async function startUpstreams(project: TestProject): Promise<() => Promise<void>> {
  const verbatim = await startVerbatim();
  project.provide("verbatim", verbatim.url);
  return verbatim.close;
}
