// An answer that begins as an event stream: its events have ids and are kept by the session's object, so that a client
// whose connection drops comes back with Last-Event-ID, to any isolate (MCP 2025-11-25 basic/transports, "Resumability
// and Redelivery"). The call goes on without the client: for as long as the platform lets a request outlive its
// connection, which in the cloud is 30 s.
import type { Context } from "../context.ts";
import { GatewayError } from "../errors.ts";
import type { ClientSession } from "../gateway/exchange.ts";
import { Mailbox } from "../gateway/mailbox.ts";
import { NoSuchAnswer, SessionLine } from "../gateway/session-line.ts";
import { RPC } from "../lib/mcp.ts";
import type { SseEvent } from "../lib/sse.ts";
import { streamResponse } from "./answer.ts";
import { Refusal } from "./json-rpc.ts";
import type { KeptStream } from "./kept-stream.ts";

/** What an id of an event says: the answer, and the number of the event in it. */
const EVENT_ID = /^([0-9a-f]{16})_(\d{1,9})$/;

const eventId = (stream: string, n: number): string => `${stream}_${n}`;

/** Revisions whose clients can do with an event that has an id and no data (SEP-1699). */
export const primed = (version: string): boolean => version === "2025-11-25";

/** Whose answer it is, and where it is kept. */
interface Kept {
  readonly context: Context;
  readonly session: ClientSession;
  readonly kept: KeptStream;
}

/** Writes messages, of which none fails, as a stream whose events are kept. */
export function writeKept(around: Kept, messages: AsyncIterable<string>): Response {
  const { context } = around;
  const events = keeping(around, messages);
  const goOn = async (): Promise<void> => {
    while (!(await events.next()).done);
  };
  return streamResponse(context, events, {}, () => context.store.waitUntil(goOn()));
}

async function* keeping(
  { kept: { line, name }, session, context }: Kept,
  messages: AsyncIterable<string>,
): AsyncGenerator<SseEvent, void, void> {
  context.store.waitUntil(line.open().catch(() => {})); // without its object the answer still reaches who stays
  let n = 0;
  if (primed(session.protocolVersion)) yield { id: eventId(name, 0), data: "" };
  for await (const data of messages) {
    n += 1;
    line.say({ keep: { n, data } });
    yield { event: "message", id: eventId(name, n), data };
  }
  line.say({ last: n });
  line.close();
}

/**
 * GET with Last-Event-ID: the events after that one, from wherever the answer is being made; undefined for an id of
 * another kind. @throws Refusal 400 for an answer that is no longer kept: who asks again gets no other answer.
 */
export async function resume(
  context: Context,
  session: ClientSession,
  lastEventId: string,
): Promise<Response | undefined> {
  const [, stream, n] = EVENT_ID.exec(lastEventId) ?? [];
  if (stream === undefined) return undefined;
  const post = new Mailbox<SseEvent>();
  let newest = Number(n);
  const line = new SessionLine(context.env, session.id, { resume: stream, after: newest }, (told) => {
    if ("last" in told || "over" in told) post.close();
    if (!("event" in told) || told.event.n <= newest) return;
    newest = told.event.n;
    post.put({ event: "message", id: eventId(stream, newest), data: told.event.data });
  });
  await line.open().catch((error: unknown) => {
    throw error instanceof NoSuchAnswer ? notKept() : unreachable(error);
  });
  return streamResponse(context, closing(line, post), {}, () => {
    post.close();
    line.close();
  });
}

const notKept = (): Refusal =>
  new Refusal(400, { code: RPC.invalidRequest, message: "Last-Event-ID names no answer that is kept" });
const unreachable = (cause: unknown): GatewayError =>
  new GatewayError("unavailable", "The session's answers can't be reached right now; try again shortly", { cause });

async function* closing(line: SessionLine, post: Mailbox<SseEvent>): AsyncGenerator<SseEvent, void, void> {
  yield* post;
  line.close();
}
