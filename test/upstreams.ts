// Servers that tests inside workerd can reach, started in Node before the `worker` project.
import type { TestProject } from "vitest/node";
import { startDirected } from "./fakes/directed.ts";
import { startModernEverything } from "./fakes/everything/modern.ts";
import { startSessionEverything } from "./fakes/everything/session.ts";
import { startHeld } from "./fakes/held.ts";
import { startLanes } from "./fakes/lanes.ts";
import { startVerbatim } from "./fakes/verbatim.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Address of fakes/verbatim.ts. */
    readonly verbatim: string;
    /** Address of fakes/held.ts. */
    readonly held: string;
    /** Address of fakes/directed.ts. */
    readonly directed: string;
    /** Address of fakes/lanes.ts. */
    readonly lanes: string;
    /** Addresses of fakes/everything/. */
    readonly everything: { readonly session: string; readonly modern: string };
  }
}

export default async function startUpstreams(project: TestProject): Promise<() => Promise<unknown>> {
  const started = await Promise.all([
    startVerbatim(),
    startHeld(),
    startDirected(),
    startLanes(),
    startSessionEverything(),
    startModernEverything(),
  ]);
  const [verbatim, held, directed, lanes, session, modern] = started;
  project.provide("verbatim", verbatim.url);
  project.provide("held", held.url);
  project.provide("directed", directed.url);
  project.provide("lanes", lanes.url);
  project.provide("everything", { session: session.url, modern: modern.url });
  return () => Promise.all(started.map(({ close }) => close()));
}
