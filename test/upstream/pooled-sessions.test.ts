// Sessions that principals without a session of their own share, as one isolate keeps them: the one that was not used
// for the longest time gives way when there are too many, and is ended at its upstream.
import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { expect, inject, it } from "vitest";
import type { Target } from "../../src/catalog/target.ts";
import { Outbound } from "../../src/upstream/safe-fetch.ts";
import { sessionsOfPrincipal } from "../../src/upstream/sessions.ts";
import type { Told } from "../fakes/directed.ts";

const LIMITS = { privateUpstreams: true, maxBodyBytes: 100_000, maxResultBytes: 100_000 } as const;
const KEPT = 1_000;

it("the least used one ends when there are more than an isolate keeps", { timeout: 60_000 }, async () => {
  const execution = createExecutionContext();
  const at = (name: string): Target => ({
    id: name,
    name,
    url: `${inject("directed")}/${name}/mcp`,
    era: "session",
    protocolVersion: "2025-11-25",
    sessionful: true,
    capabilities: {},
    sealed: null,
  });
  const around = {
    outbound: new Outbound(LIMITS),
    secrets: [],
    principal: "gateway",
    clientInfo: { name: "test", version: "1" },
    timeout: 5_000,
    signal: new AbortController().signal,
    background: (work: Promise<unknown>) => execution.waitUntil(work),
  };
  const use = (principal: string, name: string) => sessionsOfPrincipal(principal, around).get(at(name));
  const heard = async (name: string): Promise<Told[]> =>
    await (await fetch(`${inject("directed")}/${name}/heard/0`)).json();

  await use("ann", "kept");
  await use("ann", "dropped");
  await use("ann", "kept");
  for (let begun = 2; begun <= KEPT; begun += 111)
    await Promise.all(Array.from({ length: Math.min(111, KEPT + 1 - begun) }, (_, n) => use(`${begun + n}`, "crowd")));
  await waitOnExecutionContext(execution);
  expect((await heard("dropped")).map(({ method }) => method)).toEqual(["POST", "POST", "DELETE"]);
  expect((await heard("dropped")).at(-1)?.sessionId).toBe("session of dropped");
  await use("ann", "kept");
  expect((await heard("kept")).map(({ method }) => method)).toEqual(["POST", "POST"]);
  const crowd = await heard("crowd");
  expect(crowd.filter(({ method }) => method === "DELETE")).toEqual([]);
  expect(crowd.filter(({ message }) => message?.method === "initialize")).toHaveLength(KEPT - 1);
});
