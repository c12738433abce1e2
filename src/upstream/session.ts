// MCP of the session era towards a server: initialize, then one POST per message with the negotiated version and the
// server's session id (MCP 2025-03-26 … 2025-11-25 basic/lifecycle and basic/transports).
import { GatewayError } from "../errors.ts";
import { isObject, type JsonObject } from "../lib/json.ts";
import { SESSION_VERSIONS } from "../lib/mcp.ts";
import { present } from "./credentials.ts";
import { readAnswer, resultOf, tryParse } from "./read-answer.ts";
import type { Reply } from "./safe-fetch.ts";
import type {
  Answer,
  Connector,
  Introduction,
  Surroundings,
  Target,
  UpstreamRequest,
  UpstreamSession,
} from "./upstream.ts";

async function post(
  target: Target,
  session: UpstreamSession | undefined,
  message: JsonObject,
  around: Surroundings,
): Promise<Reply> {
  const { url, headers } =
    target.sealed === null ? { url: target.url, headers: {} } : await present(target, around.secrets);
  return await around.outbound.fetch(url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      ...(session ? { "mcp-protocol-version": session.protocolVersion } : {}),
      ...(session?.id ? { "mcp-session-id": session.id } : {}),
      ...headers,
    },
    body: JSON.stringify({ jsonrpc: "2.0", ...message }),
    timeout: around.timeout,
  });
}

async function send(target: Target, request: UpstreamRequest, around: Surroundings): Promise<Answer> {
  const { id, method, params } = request;
  const message = { id, method, params };
  let session = await sessionFor(target, around);
  let reply = await post(target, session, message, around);
  if (reply.status === 404 && session.id) {
    // 404 means the upstream did not look at the request, so a new session may send it again.
    await reply.discard();
    await around.sessions.forget(target, session);
    session = await sessionFor(target, around);
    reply = await post(target, session, message, around);
  }
  const answer = await readAnswer(reply, { id, mayStream: true, patience: around.timeout });
  if (answer.kind !== "stream") return answer;
  return { kind: "stream", messages: answeringRequests(answer.messages, target, session, around) };
}

const sessionFor = async (target: Target, around: Surroundings): Promise<UpstreamSession> =>
  target.sessionful ? await around.sessions.get(target) : { protocolVersion: target.protocolVersion };

/**
 * What the server asks in the middle of its answer goes to the client, and its reply back, while the answer goes on.
 * Where no client can be asked it was never offered, and is declined.
 */
async function* answeringRequests(
  messages: AsyncGenerator<string, void, void>,
  target: Target,
  session: UpstreamSession,
  around: Surroundings,
): AsyncGenerator<string, void, void> {
  try {
    for await (const text of messages) {
      const request = requestIn(text);
      if (!request) {
        yield text;
        continue;
      }
      const question = request.method === "ping" ? undefined : around.client?.ask(request);
      if (question) yield question.text;
      void replyTo(request, question?.reply, target, session, around);
    }
  } finally {
    around.client?.hangUp();
  }
}

/** The request in a message of the server, if it is one. */
export function requestIn(text: string): JsonObject | undefined {
  const message = text.includes('"method"') ? tryParse(text) : undefined;
  return isObject(message) && message.method !== undefined && message.id !== undefined ? message : undefined;
}

/** What a request that no client is asked gets: ping an answer, the rest a refusal. */
export const declined = ({ method }: JsonObject): JsonObject =>
  method === "ping" ? { result: {} } : { error: { code: -32601, message: "The client did not offer this" } };

async function replyTo(
  request: JsonObject,
  reply: Promise<JsonObject> | undefined,
  target: Target,
  session: UpstreamSession,
  around: Surroundings,
): Promise<void> {
  try {
    const outcome = (await reply) ?? declined(request);
    await (await post(target, session, { id: request.id ?? null, ...outcome }, around)).discard();
  } catch (error) {
    console.warn({ event: "reply not taken", upstream: target.name, reason: String(error) });
  }
}

async function notify(target: Target, method: string, params: JsonObject, around: Surroundings): Promise<void> {
  await (await post(target, await sessionFor(target, around), { method, params }, around)).discard();
}

/** What an upstream answered to `initialize`, and the session it opened. */
export interface Opened extends Introduction {
  readonly session: UpstreamSession;
}

/** Opens a session: initialize, then notifications/initialized. @throws GatewayError. */
export async function open(target: Target, around: Surroundings): Promise<Opened> {
  const params = {
    protocolVersion: SESSION_VERSIONS[0],
    capabilities: around.client?.capabilities ?? {},
    clientInfo: { ...around.clientInfo },
  };
  const reply = await post(target, undefined, { id: "initialize", method: "initialize", params }, around);
  const id = reply.headers.get("mcp-session-id") ?? undefined;
  const answer = await readAnswer(reply, { id: "initialize", mayStream: false, patience: around.timeout });
  const introduction = readInitialize(await resultOf(answer), id !== undefined);
  const session: UpstreamSession = {
    protocolVersion: introduction.protocolVersion,
    ...(id === undefined ? {} : { id }),
  };
  await (await post(target, session, { method: "notifications/initialized" }, around)).discard();
  return { ...introduction, session };
}

/** Reads an InitializeResult. @throws GatewayError `upstream_nonsense` for a version we don't speak. */
export function readInitialize(result: JsonObject, sessionful: boolean): Introduction {
  const version = SESSION_VERSIONS.find((known) => known === result.protocolVersion);
  if (!version)
    throw new GatewayError(
      "upstream_nonsense",
      `The upstream speaks protocol version ${String(result.protocolVersion)}, which is unknown here`,
    );
  return {
    protocolVersion: version,
    sessionful,
    capabilities: isObject(result.capabilities) ? result.capabilities : {},
    serverInfo: isObject(result.serverInfo) ? result.serverInfo : null,
    instructions: typeof result.instructions === "string" ? result.instructions : null,
  };
}

/** Ends a session at its upstream; servers that do not let clients do so answer 405, which is fine. */
export async function end(target: Target, session: UpstreamSession, around: Surroundings): Promise<void> {
  if (!session.id) return;
  const { url, headers } = await present(target, around.secrets);
  const reply = await around.outbound.fetch(url, {
    method: "DELETE",
    headers: { ...headers, "mcp-session-id": session.id, "mcp-protocol-version": session.protocolVersion },
    timeout: around.timeout,
  });
  await reply.discard();
}

async function introduce(target: Target, around: Surroundings): Promise<Introduction> {
  const { session, ...introduction } = await open(target, around);
  await end(target, session, around);
  return introduction;
}

export const session: Connector = { send, notify, introduce };
