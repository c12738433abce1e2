// How a client learns what is here: server/discover (2026-07-28) and initialize (before), both from the view; and the
// session era's ping and logging/setLevel.
import { isObject, type JsonObject } from "../lib/json.ts";
import { MODERN_VERSION, PROTOCOL_META, SESSION_VERSIONS } from "../lib/mcp.ts";
import { sessionObject } from "../upstream/sessions.ts";
import { type Answer, complete, type Exchange, invalidParams } from "./exchange.ts";
import { isLevel, LEVELS } from "./log-level.ts";
import { offeringTasks } from "./tasks.ts";

/** Revisions served here, newest first. */
export const SUPPORTED_VERSIONS: readonly string[] = [MODERN_VERSION, ...SESSION_VERSIONS];

/** Name and version of this server as clients see it; a virtual server shows its own name as title. */
export const serverInfo = ({ context, view }: Pick<Exchange, "context" | "view">): JsonObject => ({
  ...context.introduction,
  ...(view.data.server ? { title: view.data.server.name } : {}),
});

export const discover = (exchange: Exchange): Answer =>
  complete(exchange, {
    supportedVersions: [...SUPPORTED_VERSIONS],
    capabilities: offeringTasks(exchange.view, MODERN_VERSION, exchange.view.capabilities()),
    ...(exchange.view.instructions ? { instructions: exchange.view.instructions } : {}),
    ttlMs: 10_000,
    cacheScope: "private",
    _meta: { [PROTOCOL_META.serverInfo]: serverInfo(exchange) },
  });

/** The version to speak: the client's when it is one of the session era, else the newest of that era. */
export const negotiate = (asked: unknown): string =>
  SESSION_VERSIONS.find((version) => version === asked) ?? SESSION_VERSIONS[0];

/** An InitializeResult. */
export const initialized = (exchange: Pick<Exchange, "context" | "view">, protocolVersion: string): JsonObject => ({
  protocolVersion,
  capabilities: offeringTasks(exchange.view, protocolVersion, exchange.view.capabilities()),
  serverInfo: serverInfo(exchange),
  ...(exchange.view.instructions ? { instructions: exchange.view.instructions } : {}),
});

export const ping = (exchange: Exchange): Answer => complete(exchange, {});

/** logging/setLevel: for the whole session, its own sessions at upstreams included. */
export async function setLevel(exchange: Exchange): Promise<Answer> {
  const { context, session, params } = exchange;
  if (!isLevel(params.level)) return invalidParams(`params.level must be one of ${LEVELS.join(", ")}`);
  if (session) await sessionObject(context.env, session.id).setLevel(params.level);
  return complete(exchange, {});
}

/**
 * The capabilities of a client, as its initialize names them. Tasks that it would run itself are not among them: a
 * server would ask for them on a stream of its own, which belongs to no request (2025-11-25 basic/utilities/tasks).
 */
export function capabilitiesIn(value: unknown): JsonObject {
  if (!isObject(value as JsonObject)) return {};
  const { tasks: _tasks, ...capabilities } = value as JsonObject;
  return capabilities;
}
