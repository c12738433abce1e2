// MCP of the session era towards a server: initialize, then one POST per message with the negotiated version and the
// server's session id (MCP 2025-03-26 … 2025-11-25 basic/lifecycle and basic/transports).
import { GatewayError } from "../errors.ts";
import { isObject, type JsonObject } from "../lib/json.ts";
import { RELATED_TASK, SESSION_VERSIONS } from "../lib/mcp.ts";
import { type Call, maySpeak, withBeside } from "./beside.ts";
import { present } from "./credentials.ts";
import { questionFor, withdrawnBy } from "./questions.ts";
import { type Asked, readAnswer, resultOf, tryParse } from "./read-answer.ts";
import { isRepeatable } from "./repeatable.ts";
import type { Reply } from "./safe-fetch.ts";
import { headersOf, namesSession, openStanding, resume } from "./session-stream.ts";
import { lastThought, whileThinking } from "./thinking.ts";
import type {
  Answer,
  Connector,
  Introduction,
  Surroundings,
  Target,
  UpstreamRequest,
  UpstreamSession,
} from "./upstream.ts";

type Messages = AsyncGenerator<string, void, void>;

async function post(
  target: Target,
  session: UpstreamSession | undefined,
  message: JsonObject,
  around: Surroundings,
): Promise<Reply> {
  const { url, headers } = target.sealed === null ? { url: target.url, headers: {} } : await present(target, around);
  return await around.outbound.fetch(url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      ...headersOf(session),
      ...headers,
    },
    body: JSON.stringify({ jsonrpc: "2.0", ...message }),
    repeatable: isRepeatable(message),
    timeout: around.timeout,
    onSlow: around.onSlow,
  });
}

async function send(target: Target, request: UpstreamRequest, around: Surroundings): Promise<Answer> {
  let session = await sessionFor(target, around);
  let answer = await ask(target, session, request, around);
  if (answer === "session lost") {
    // The upstream did not look at the request, so a new session may send it again.
    await around.sessions.forget(target, session);
    session = await sessionFor(target, around);
    answer = await ask(target, session, request, around);
  }
  if (answer === "session lost") throw new GatewayError("upstream_status", "The upstream forgets sessions at once");
  return answer;
}

/** One attempt. What the server asks meanwhile, on whatever stream, goes to the client. */
async function ask(
  target: Target,
  session: UpstreamSession,
  request: UpstreamRequest,
  around: Surroundings,
): Promise<Answer | "session lost"> {
  const asked: Asked = {
    id: request.id,
    mayStream: !around.sessions.shared,
    patience: around.timeout,
    lastAsked: () => lastThought(session.id),
    continuation: {
      standing: false,
      connect: (lastEventId, signal) => resume(target, session, lastEventId, around, signal),
    },
  };
  const alone = (within: Surroundings) => answerOf(target, session, request, asked, within);
  const beside = callWithBeside(target, session, request, around);
  const answer = beside ? await withBeside(beside, () => alone({ ...around, timeout: FOR_EVER })) : await alone(around);
  if (answer === "session lost" || answer.kind !== "stream") return answer;
  const onQuestion = () => {
    asked.patience = undefined; // a person may take their time, and the server waits with them
  };
  return { kind: "stream", messages: answeringRequests(answer.messages, target, session, around, onQuestion) };
}

/** The longest a timer can be told to wait. Milliseconds. */
const FOR_EVER = 2 ** 31 - 1;
const INTERACTIVE: readonly string[] = ["tools/call", "prompts/get", "resources/read"];

/**
 * The call with the stream beside it, where the client can be asked something that the server may not tie to the call.
 * Who shares a session hears it for all of its calls.
 */
function callWithBeside(
  target: Target,
  session: UpstreamSession,
  { id, method }: UpstreamRequest,
  around: Surroundings,
): Call | undefined {
  const { url } = target;
  const { client, timeout: patience } = around;
  if (session.id === undefined || !client || around.sessions.shared || !INTERACTIVE.includes(method)) return undefined;
  const { elicitation, sampling, roots } = client.capabilities;
  if ((elicitation ?? sampling ?? roots) === undefined || !maySpeak(url)) return undefined;
  const open = (signal: AbortSignal) =>
    openStanding(target, session, { ...around, signal: AbortSignal.any([signal, around.signal]) });
  return { id, url, sessionId: session.id, patience, lastAsked: () => lastThought(session.id), open };
}

/** The answer by itself. A session the upstream no longer knows is answered 404, by some servers 400 (2025-11-25 transports). */
async function answerOf(
  target: Target,
  session: UpstreamSession,
  { id, method, params }: UpstreamRequest,
  asked: Asked,
  around: Surroundings,
): Promise<Answer | "session lost"> {
  const reply = await post(target, session, { id, method, params }, around);
  if (reply.status === 404 && session.id) {
    reply.discard();
    return "session lost";
  }
  const answer = await readAnswer(reply, asked);
  const lost = reply.status === 400 && session.id && answer.kind === "error" && namesSession(answer.error);
  return lost ? "session lost" : answer;
}

const sessionFor = async (target: Target, around: Surroundings): Promise<UpstreamSession> =>
  target.sessionful ? await around.sessions.get(target) : { protocolVersion: target.protocolVersion };

/**
 * What the server asks in the middle of its answer goes to the client, and its reply back, while the answer goes on.
 * What no client offered is declined.
 */
export async function* answeringRequests(
  messages: Messages,
  target: Target,
  session: UpstreamSession,
  around: Surroundings,
  onQuestion: () => void,
): Messages {
  try {
    for await (const text of messages) {
      const request = requestIn(text);
      if (!request) {
        yield withdrawnBy(around.client, text);
        continue;
      }
      const question = questionFor(around.client, request);
      if (question) {
        onQuestion();
        yield question.text;
      }
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

/** Sends the reply to a server's request: the client's, or where none is asked a refusal. */
export async function replyTo(
  request: JsonObject,
  reply: Promise<JsonObject> | undefined,
  target: Target,
  session: UpstreamSession,
  around: Surroundings,
): Promise<void> {
  try {
    const outcome = ofSameTask(request, (await (reply && whileThinking(session.id, reply))) ?? declined(request));
    (await post(target, session, { id: request.id ?? null, ...outcome }, around)).discard();
  } catch (error) {
    console.warn({ event: "reply not taken", upstream: target.name, reason: String(error) });
  }
}

/** Replies to a request that a server made on an earlier stream. @throws GatewayError. */
export async function reply(
  target: Target,
  request: JsonObject,
  outcome: JsonObject,
  around: Surroundings,
): Promise<void> {
  const message = { id: request.id ?? null, ...ofSameTask(request, outcome) };
  (await post(target, await sessionFor(target, around), message, around)).discard();
}

/** What belongs to a task says so, in the words of whose task it is (2025-11-25 basic/utilities/tasks). */
function ofSameTask({ params }: JsonObject, outcome: JsonObject): JsonObject {
  const { result } = outcome;
  const task = isObject(params) && isObject(params._meta) ? params._meta[RELATED_TASK] : undefined;
  if (task === undefined || !isObject(result)) return outcome;
  return {
    ...outcome,
    result: { ...result, _meta: { ...(isObject(result._meta) ? result._meta : {}), [RELATED_TASK]: task } },
  };
}

async function notify(target: Target, method: string, params: JsonObject, around: Surroundings): Promise<void> {
  (await post(target, await sessionFor(target, around), { method, params }, around)).discard();
}

/** What an upstream answered to `initialize`, and the session it opened. */
export interface Opened extends Introduction {
  readonly session: UpstreamSession;
}

/** Opens a session: initialize, then notifications/initialized. @throws GatewayError. */
export async function open(target: Target, around: Surroundings): Promise<Opened> {
  const params = {
    protocolVersion: SESSION_VERSIONS[0],
    capabilities: around.client?.capabilities ?? around.declared ?? {},
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
  (await post(target, session, { method: "notifications/initialized" }, around)).discard();
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
  const { url, headers } = await present(target, around);
  const reply = await around.outbound.fetch(url, {
    method: "DELETE",
    headers: { ...headers, ...headersOf(session) },
    timeout: around.timeout,
  });
  reply.discard();
}

export const session: Connector = { send, notify, introduce: open };
