// Log levels (MCP server/utilities/logging): a session client sets one for its session, a 2026-07-28 client names one with
// each request and hears nothing without. Upstreams are asked for what the client wants; what they say beyond it is
// dropped here.

import { newId } from "../lib/ids.ts";
import { isObject, type JsonObject } from "../lib/json.ts";
import { PROTOCOL_META } from "../lib/mcp.ts";
import { send } from "../upstream/connect.ts";
import { tryParse } from "../upstream/read-answer.ts";
import { sessionObject } from "../upstream/sessions.ts";
import type { Surroundings, Target, UpstreamSession } from "../upstream/upstream.ts";
import type { Exchange } from "./exchange.ts";

/** Levels of RFC 5424 as MCP names them, from everything to the worst. */
export const LEVELS = ["debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"] as const;
export type Level = (typeof LEVELS)[number];

export const isLevel = (value: unknown): value is Level => LEVELS.some((level) => level === value);

/** The level a 2026-07-28 request names. */
export function requestedLevel({ params }: Pick<Exchange, "params">): Level | undefined {
  const level = isObject(params._meta) ? params._meta[PROTOCOL_META.logLevel] : undefined;
  return isLevel(level) ? level : undefined;
}

/** What to ask an upstream for with one request: of a session everything, as its own level is looked up only when needed. */
export const levelFor = (exchange: Exchange, target: Target): Level | undefined =>
  target.capabilities.logging === undefined
    ? undefined
    : exchange.era === "modern"
      ? requestedLevel(exchange)
      : exchange.session && "debug";

/** The messages without the log messages that the client does not want. */
export async function* audible(
  exchange: Exchange,
  messages: AsyncGenerator<string, void, void>,
): AsyncGenerator<string, void, void> {
  let least: Promise<Level | null | undefined> | undefined;
  for await (const text of messages) {
    const level = levelOf(text);
    if (level !== undefined) least ??= leastLevel(exchange); // asked for only when there is something to drop
    if (level === undefined || reaches(level, await least)) yield text;
  }
}

/** What the client wants to hear; null when its session never said: then the server decides. */
async function leastLevel(exchange: Exchange): Promise<Level | null | undefined> {
  const { era, session, context } = exchange;
  if (era === "modern") return requestedLevel(exchange);
  const level = session && (await sessionObject(context.env, session.id).level());
  return isLevel(level) ? level : null;
}

const reaches = (level: string, least: Level | null | undefined): boolean =>
  least === null || (least !== undefined && (LEVELS as readonly string[]).indexOf(level) >= LEVELS.indexOf(least));

/** The level of a log message; undefined for any other message. */
function levelOf(text: string): string | undefined {
  const message = text.includes('"notifications/message"') ? tryParse(text) : undefined;
  if (!isObject(message) || message.method !== "notifications/message") return undefined;
  return String((message.params as JsonObject | undefined)?.level);
}

/** The lowest level that was set on a shared session at an upstream. */
const levels = new WeakMap<UpstreamSession, Level>();

/** Makes a session that several requests share log what this request wants to hear; what others did not ask for is dropped. */
export async function lowerLevel(exchange: Exchange, target: Target, around: Surroundings): Promise<void> {
  const level = requestedLevel(exchange);
  if (level === undefined || !target.sessionful || target.capabilities.logging === undefined) return;
  const session = await around.sessions.get(target);
  const lowest = levels.get(session);
  if (lowest && LEVELS.indexOf(lowest) <= LEVELS.indexOf(level)) return;
  levels.set(session, level);
  await send(target, { id: `level-${newId()}`, method: "logging/setLevel", params: { level } }, around);
}
