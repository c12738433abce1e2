// Which era a server speaks (MCP 2026-07-28 basic/versioning, "Detecting the era"): ask for server/discover; a refusal
// that only an older server gives leads to initialize, and from there to HTTP+SSE. Credentials wanted and outages are
// never evidence of an era.
import type { Era, UpstreamRow } from "../db/tables/upstreams.ts";
import { GatewayError } from "../errors.ts";
import { MODERN_VERSION, RPC, SESSION_VERSIONS } from "../lib/mcp.ts";
import { connectorOf } from "./connect.ts";
import { NoDiscovery, supportedIn } from "./modern.ts";
import { asUpstreamFailure, RpcFailure } from "./read-answer.ts";
import { within } from "./safe-fetch.ts";
import { open } from "./session.ts";
import type { Introduction, Surroundings, Target, UpstreamSession } from "./upstream.ts";

/** What a server turned out to be. A session that was opened to find it out stays open: who asked ends it. */
export interface Detected extends Introduction {
  readonly era: Era;
  /** What showed it, in the order it was seen. Words of ours: nothing of what the server wrote is in them. */
  readonly evidence: readonly string[];
  readonly session?: UpstreamSession;
}

const TRIED: Readonly<Record<UpstreamRow["transport"], readonly Era[]>> = {
  auto: ["modern", "session", "sse"],
  modern: ["modern"],
  session: ["session"],
  sse: ["sse"],
  builtin: ["builtin"],
};

/**
 * Finds the era by asking, newest first, and introduces the gateway.
 * @throws GatewayError with `stage`: connect when nothing was understood, initialize when the server refused.
 */
export async function detect(
  target: Omit<Target, "era">,
  transport: UpstreamRow["transport"],
  around: Surroundings,
): Promise<Detected> {
  const eras = TRIED[transport];
  const evidence = eras.length === 1 && transport !== "builtin" ? ["pinned by the admin"] : [];
  for (const [at, era] of eras.entries()) {
    try {
      const found = await within(around.timeout, introduce({ ...target, era }, around));
      return { era, ...found, evidence: [...evidence, ANSWERED[era](found)] };
    } catch (error) {
      const last = at === eras.length - 1;
      if (last || !speaksOlder(error)) throw atStage(error);
      evidence.push(`${era === "modern" ? "server/discover" : "initialize"} ${refusalIn(error)}`);
    }
  }
  throw new GatewayError("internal", `No era to try for transport ${transport}`);
}

/** What a server of each era did to be taken for one. */
const ANSWERED: Readonly<Record<Era, (found: Introduction) => string>> = {
  modern: () => "server/discover answered",
  session: ({ protocolVersion, sessionful }) =>
    `initialize answered ${protocolVersion}, ${sessionful ? "with" : "without"} a session id`,
  sse: ({ protocolVersion }) => `endpoint event seen, initialize answered ${protocolVersion}`,
  builtin: () => "part of this Worker",
};

/** How a request of a newer era was refused. */
function refusalIn(error: unknown): string {
  if (error instanceof RpcFailure) return `refused with JSON-RPC error ${error.error.code}`;
  if (error instanceof NoDiscovery) return "answered without the versions supported";
  return `refused with ${String(error instanceof GatewayError ? error.details.status : error)}`;
}

const introduce = (target: Target, around: Surroundings): Promise<Omit<Detected, "era" | "evidence">> =>
  target.era === "session" ? open(target, around) : connectorOf(target.era).introduce(target, around);

const MODERN_REFUSALS: readonly number[] = [RPC.headerMismatch, RPC.missingClientCapability];
const isOlder = (version: unknown): boolean => SESSION_VERSIONS.some((known) => known === version);

/** Whether a refusal is what a server of an older era gives to a newer request. */
function speaksOlder(error: unknown): boolean {
  const offered = supportedIn(error);
  if (offered) return offered.some(isOlder) && !offered.includes(MODERN_VERSION);
  if (error instanceof NoDiscovery) return true;
  if (error instanceof RpcFailure) return !MODERN_REFUSALS.includes(error.error.code);
  if (!(error instanceof GatewayError)) return false;
  const status = Number(error.details.status);
  return error.code === "upstream_status" && status >= 400 && status < 500 && status !== 429 && status !== 408;
}

function atStage(error: unknown): GatewayError {
  const failure = asUpstreamFailure(error);
  const stage = failure.code === "upstream_nonsense" || failure.code === "upstream_status" ? "initialize" : "connect";
  return failure.with({ stage });
}
