// Which connector speaks to which kind of upstream.
import type { Era } from "../db/tables/upstreams.ts";
import type { GatewayError } from "../errors.ts";
import { builtin } from "./builtin.ts";
import { modern } from "./modern.ts";
import { asUpstreamFailure } from "./read-answer.ts";
import { session } from "./session.ts";
import { sse } from "./sse.ts";
import {
  type Answer,
  type Connector,
  type Surroundings,
  shownUrl,
  type Target,
  type UpstreamRequest,
} from "./upstream.ts";

type Messages = AsyncGenerator<string, void, void>;

const CONNECTORS: Readonly<Record<Era, Connector>> = { modern, session, sse, builtin };

/** The connector of an era. */
export const connectorOf = (era: Era): Connector => CONNECTORS[era];

/** Sends a client's request upstream. Every failure names the upstream, its URL without query, and the stage. */
export async function send(target: Target, request: UpstreamRequest, around: Surroundings): Promise<Answer> {
  try {
    const answer = await CONNECTORS[target.era].send(target, request, around);
    return answer.kind === "stream" ? { kind: "stream", messages: naming(target, answer.messages) } : answer;
  } catch (error) {
    throw failureAt(target, error);
  }
}

/** A failure that names the upstream of a call. */
export const failureAt = (target: Target, error: unknown): GatewayError =>
  asUpstreamFailure(error).with({ upstream: target.name, url: shownUrl(target.url), stage: "call" });

async function* naming(target: Target, messages: Messages): Messages {
  try {
    yield* messages;
  } catch (error) {
    throw failureAt(target, error);
  }
}
