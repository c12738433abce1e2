// GET of a session: the stream on which a client is told unasked, or, with Last-Event-ID, the rest of an answer whose
// connection dropped (MCP 2025-11-25 basic/transports, "Listening for Messages from the Server", "Resumability").
import { catalogVersion } from "../catalog/stamp.ts";
import type { View } from "../catalog/view.ts";
import type { Context } from "../context.ts";
import { GatewayError } from "../errors.ts";
import { Standing } from "../gateway/standing.ts";
import type { SseEvent } from "../lib/sse.ts";
import { streamResponse } from "./answer.ts";
import { primed, resume } from "./kept-answer.ts";
import { sessionOf } from "./session.ts";

/** Events of this stream carry the catalog's version: who comes back after a change is told that lists changed. */
const EVENT_ID = /^g_(\d{1,16})$/;
const eventId = (): string => `g_${catalogVersion()}`;

/** Answers a GET with a session id. @throws Refusal, GatewayError. */
export async function handleGet(context: Context, request: Request, view: View): Promise<Response> {
  const accept = request.headers.get("accept") ?? "";
  if (!/text\/(?:event-stream|\*)|\*\/\*/i.test(accept))
    throw new GatewayError("not_acceptable", "Accept must name text/event-stream");
  const session = await sessionOf(context, request, view);
  const lastEventId = request.headers.get("last-event-id");
  const rest = lastEventId === null ? undefined : await resume(context, session, lastEventId);
  if (rest) return rest;

  const standing = new Standing({ context, view, headers: request.headers, session });
  request.signal.addEventListener("abort", () => standing.close(), { once: true });
  const [, version] = EVENT_ID.exec(lastEventId ?? "") ?? [];
  const back = version !== undefined;
  standing.begin({ back, missed: back && Number(version) !== catalogVersion() });
  return streamResponse(context, events(standing, primed(session.protocolVersion)), {}, () => standing.close());
}

async function* events(standing: Standing, priming: boolean): AsyncGenerator<SseEvent, void, void> {
  if (priming) yield { id: eventId(), data: "" };
  for await (const data of standing.post) yield { event: "message", id: eventId(), data };
}
