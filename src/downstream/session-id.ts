// The sealed session id: it carries its facts, so no storage knows the session. Bound to the virtual server, the
// principal and what its credential is narrowed to; somebody else's id answers like an unknown one (MCP 2025-11-25 basic/transports, "Session Management").
import { isRevoked } from "../catalog/stamp.ts";
import type { Context } from "../context.ts";
import { GatewayError } from "../errors.ts";
import type { ClientSession } from "../gateway/exchange.ts";
import type { Caller } from "../identity/caller.ts";
import { newId } from "../lib/ids.ts";
import { isObject, type JsonObject, type JsonValue } from "../lib/json.ts";
import { sealer } from "../lib/seal.ts";

const LIFETIME = 24 * 3600;

/** Most characters of the facts; beyond it only the names of the capabilities are kept. */
const MOST = 700;

const seal = (context: Context) => sealer(context.config.sealingSecrets, "session-id");
const place = ({ caller }: Context, scope: string): string => `${scope}|${caller.id}${narrowing(caller)}`;

/** What a session of somebody's narrower token is not for: what a wider one was answered in it is kept there. */
function narrowing({ scope }: Caller): string {
  const { toolNames, permissions } = scope ?? {};
  return toolNames || permissions ? `|${JSON.stringify([toolNames ?? null, permissions ?? null])}` : "";
}

/** A new session's id. `scope` names the view it is for. */
export async function sealSession(
  context: Context,
  scope: string,
  facts: Omit<ClientSession, "id" | "expiresAt">,
): Promise<string> {
  const { name = "unknown", version = "0" } = facts.clientInfo;
  const expiresAt = Math.floor(
    Math.min(Date.now() / 1000 + LIFETIME, context.caller.expiresAt ?? Number.POSITIVE_INFINITY),
  );
  const body: JsonObject = {
    id: newId(),
    v: facts.protocolVersion,
    c: brief(facts.capabilities),
    n: String(name).slice(0, 80),
    w: String(version).slice(0, 40),
    e: expiresAt,
  };
  return await seal(context).seal(body, place(context, scope));
}

const brief = (capabilities: JsonObject): JsonValue =>
  JSON.stringify(capabilities).length <= MOST
    ? capabilities
    : Object.fromEntries(
        Object.keys(capabilities)
          .slice(0, 10)
          .map((name) => [name.slice(0, 40), {}]),
      );

/** The session behind an id. @throws GatewayError `session_not_found` for any id that is not valid here and now. */
export async function openSession(context: Context, scope: string, sealed: string): Promise<ClientSession> {
  const at = place(context, scope);
  const key = `${at}|${sealed}`;
  const session = opened.get(key) ?? (await open(context, at, sealed));
  if (session.expiresAt * 1000 <= Date.now() || isRevoked(session.id)) throw gone();
  if (opened.size >= MOST_OPENED) opened.clear();
  opened.set(key, session);
  return session;
}

/** Sessions this isolate has opened, by seal and place: opening one costs a twentieth of a call. */
const opened = new Map<string, ClientSession>();
const MOST_OPENED = 5_000;

async function open(context: Context, at: string, sealed: string): Promise<ClientSession> {
  const facts = await seal(context).open(sealed, at);
  if (!isObject(facts) || typeof facts.id !== "string" || typeof facts.e !== "number") throw gone();
  return {
    id: facts.id,
    protocolVersion: String(facts.v),
    capabilities: isObject(facts.c) ? facts.c : {},
    clientInfo: { name: facts.n ?? "unknown", version: facts.w ?? "0" },
    expiresAt: facts.e,
  };
}

const gone = () => new GatewayError("session_not_found", "Session not found; begin again with initialize");
