// Event streams of a session that are asked for with GET (MCP 2025-03-26 … 2025-11-25 basic/transports): the rest of an
// answer whose stream broke off, and what belongs to no request.
import { GatewayError } from "../errors.ts";
import { present } from "./credentials.ts";
import { Events } from "./events.ts";
import { brokenStream, RpcFailure, refusal, rpcErrorIn } from "./read-answer.ts";
import type { Reply } from "./safe-fetch.ts";
import type { RpcError, Surroundings, Target, UpstreamSession } from "./upstream.ts";

type Messages = AsyncGenerator<string, void, void>;

/** What every request of a session carries. */
export const headersOf = (session: UpstreamSession | undefined): Record<string, string> => ({
  ...(session ? { "mcp-protocol-version": session.protocolVersion } : {}),
  ...(session?.id ? { "mcp-session-id": session.id } : {}),
});

/** Asks for an event stream: one that goes on after an event, else the one of what belongs to no request. */
async function get(
  target: Target,
  session: UpstreamSession,
  lastEventId: string | undefined,
  around: Surroundings,
  signal: AbortSignal,
): Promise<Reply> {
  around.signal.throwIfAborted();
  const { url, headers } = await present(target, around);
  return await around.outbound.fetch(url, {
    method: "GET",
    headers: {
      accept: "text/event-stream",
      ...headersOf(session),
      ...(lastEventId === undefined ? {} : { "last-event-id": lastEventId }),
      ...headers,
    },
    timeout: around.timeout,
    signal: AbortSignal.any([signal, around.signal]),
  });
}

const eventsIn = (reply: Reply): ReadableStream<Uint8Array> | null =>
  reply.status === 200 && reply.type.startsWith("text/event-stream") ? reply.stream() : null;

/** The rest of an answer, from a server that ended its stream before it was done (2025-11-25 basic/transports). */
export async function resume(
  target: Target,
  session: UpstreamSession,
  lastEventId: string | undefined,
  around: Surroundings,
  signal: AbortSignal,
): Promise<ReadableStream<Uint8Array>> {
  const reply = await get(target, session, lastEventId, around, signal);
  const body = eventsIn(reply);
  if (body) return body;
  reply.discard();
  throw new GatewayError(
    "upstream_refused",
    `The upstream closed the connection before it answered; asked to go on, it answered ${reply.status}`,
    { details: { status: reply.status } },
  );
}

/** A server's answer to who asks for the stream of what belongs to no request: that there is none to be had. */
class NotOffered extends Error {
  override readonly name = "NotOffered";
  readonly status: number;
  constructor(status: number) {
    super(`answered ${status}`);
    this.status = status;
  }
}

/** A session has one such stream; who asks for a second one gets this from the official SDK's servers. */
const TAKEN = 409;
/** Milliseconds until a stream that another has is asked for again. */
const TAKEN_FOR = 1_000;

/**
 * The messages of a session that belong to no request (2025-11-25 basic/transports, "Listening for Messages from the
 * Server"), over as many connections as it takes, until `around.signal` aborts. Ends at once where the server offers
 * none. @throws GatewayError, which `tellsOfLoss` when the server no longer knows the session.
 */
export async function* standing(target: Target, session: UpstreamSession, around: Surroundings): Messages {
  for (;;) {
    const messages = await openStanding(target, session, around);
    if (messages !== "taken") return messages && (yield* messages);
    await scheduler.wait(TAKEN_FOR, { signal: around.signal }).catch(() => {});
  }
}

/** What `standing` yields, once the server has opened the stream; undefined where it offers none, "taken" by another. */
export async function openStanding(
  target: Target,
  session: UpstreamSession,
  around: Surroundings,
): Promise<Messages | "taken" | undefined> {
  let maxBytes = 0;
  const connect = async (lastEventId: string | undefined, signal: AbortSignal) => {
    const reply = await get(target, session, lastEventId, around, signal);
    maxBytes = reply.maxBytes;
    return eventsIn(reply) ?? (await notStanding(reply, session));
  };
  try {
    const body = await connect(undefined, around.signal);
    return standingIn(new Events(body, maxBytes, { standing: true, connect }), around.signal);
  } catch (error) {
    if (around.signal.aborted) return undefined;
    if (error instanceof NotOffered) return error.status === TAKEN ? "taken" : undefined;
    throw error;
  }
}

async function* standingIn(events: Events, signal: AbortSignal): Messages {
  const close = () => events.close();
  signal.addEventListener("abort", close, { once: true });
  if (signal.aborted) close();
  try {
    for (let event = await events.next(); event; event = await events.next()) if (event.data !== "") yield event.data;
  } catch (error) {
    if (!(error instanceof NotOffered)) brokenStream(error);
  } finally {
    signal.removeEventListener("abort", close);
    close();
  }
}

/** Why there is no such stream. @throws NotOffered, or a GatewayError for what is no answer to that question. */
async function notStanding(reply: Reply, session: UpstreamSession): Promise<never> {
  const { status } = reply;
  const isOutage = status >= 500 || status === 401 || status === 403 || status === 408 || status === 429;
  const refused = isOutage ? await refusal(reply) : undefined;
  const error = refused?.error ?? rpcErrorIn(await reply.text());
  if (session.id && (status === 404 || (status === 400 && error && namesSession(error))))
    throw new GatewayError("upstream_status", "The upstream no longer knows the session", {
      details: { status, session: "lost" },
    });
  throw refused ? new RpcFailure(refused.error) : new NotOffered(status);
}

/** Whether a failure is that an upstream has forgotten the session. */
export const tellsOfLoss = (error: unknown): boolean =>
  error instanceof GatewayError && error.details.session === "lost";

/** -32000 and -32001 are what the SDKs' transports refuse an unknown session with. */
export const namesSession = ({ code, message }: RpcError): boolean =>
  (code === -32000 || code === -32001) && /session/i.test(message);
