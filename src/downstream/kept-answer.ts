// An answer that begins as an event stream: its events have ids and are kept by the session's object, so that a client
// whose connection drops comes back with Last-Event-ID, to any isolate (MCP 2025-11-25 basic/transports, "Resumability
// and Redelivery"). The call goes on without the client: for as long as the platform lets a request outlive its
// connection, which in the cloud is 30 s.
import type { Context } from "../context.ts";
import type { ClientSession } from "../gateway/exchange.ts";
import { Mailbox } from "../gateway/mailbox.ts";
import { SessionLine } from "../gateway/session-line.ts";
import type { SseEvent } from "../lib/sse.ts";
import { streamResponse, untilFailure } from "./answer.ts";
import type { SessionRequest } from "./session-request.ts";

/** What an id of an event says: the answer, and the number of the event in it. */
const EVENT_ID = /^([0-9a-f]{16})_(\d{1,9})$/;

const eventId = (stream: string, n: number): string => `${stream}_${n}`;

/** Revisions whose clients can do with an event that has an id and no data (SEP-1699). */
export const primed = (version: string): boolean => version === "2025-11-25";

/** Writes an answer whose events are kept. */
export function writeKept(request: SessionRequest, messages: AsyncIterable<string>): Response {
  const { context } = request;
  const events = keeping(request, untilFailure(context, messages, request.id));
  const goOn = async (): Promise<void> => {
    while (!(await events.next()).done);
  };
  return streamResponse(context, events, {}, () => context.store.waitUntil(goOn()));
}

async function* keeping(
  request: SessionRequest,
  messages: AsyncIterable<string>,
): AsyncGenerator<SseEvent, void, void> {
  const { line, stream, session, context } = request;
  context.store.waitUntil(line.open().catch(() => {})); // without its object the answer still reaches who stays
  let n = 0;
  if (primed(session.protocolVersion)) yield { id: eventId(stream, 0), data: "" };
  for await (const data of messages) {
    n += 1;
    line.say({ keep: { n, data } });
    yield { event: "message", id: eventId(stream, n), data };
  }
  line.say({ last: n });
  line.close();
}

/** GET with Last-Event-ID: the events after that one, from wherever the answer is being made; undefined for another id. */
export function resume(context: Context, session: ClientSession, lastEventId: string): Response | undefined {
  const [, stream, n] = EVENT_ID.exec(lastEventId) ?? [];
  if (stream === undefined) return undefined;
  const post = new Mailbox<SseEvent>();
  let newest = Number(n);
  const line = new SessionLine(context.env, session.id, { resume: stream, after: newest }, (told) => {
    if ("last" in told) post.close();
    if (!("event" in told) || told.event.n <= newest) return;
    newest = told.event.n;
    post.put({ event: "message", id: eventId(stream, newest), data: told.event.data });
  });
  context.store.waitUntil(line.open().catch(() => post.close()));
  return streamResponse(context, closing(line, post), {}, () => post.close());
}

async function* closing(line: SessionLine, post: Mailbox<SseEvent>): AsyncGenerator<SseEvent, void, void> {
  yield* post;
  line.close();
}
