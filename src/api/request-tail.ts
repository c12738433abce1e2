// The live tail of the request log, as server-sent events. It looks about once a second, only while somebody watches, and
// ends with the right to be there.
import { accessVersion, catalogVersion } from "../catalog/stamp.ts";
import type { Context } from "../context.ts";
import { callerNow } from "../gateway/list-changes.ts";
import { eventStream, STREAM_HEADERS } from "../lib/event-stream.ts";
import type { SseEvent } from "../lib/sse.ts";
import { asSeen, type Eyes, matching } from "../observability/call-filter.ts";
import { Tail } from "../observability/call-tail.ts";
import { writeCalls } from "../observability/recorder.ts";
import { can } from "../policy/can.ts";
import { logEyes } from "../policy/logs.ts";
import type { Call } from "../schemas/calls.ts";
import type { TailEvents, TailQuery } from "../schemas/requests.ts";

const PACE = 1_000;

/** How what is found is told. */
export interface Voice {
  call(call: Call): SseEvent;
  more(count: number): SseEvent;
}

const told = <Name extends keyof TailEvents>(event: Name, data: TailEvents[Name]): SseEvent => ({
  event,
  data: JSON.stringify(data),
});
export const PLAIN: Voice = { call: (call) => told("call", call), more: (count) => told("more", { count }) };

/** The tail from now on. */
export async function tailResponse(context: Context, query: TailQuery, voice = PLAIN): Promise<Response> {
  await writeCalls(context.store);
  const tail = await Tail.fromNow(context.store.d1);
  return new Response(eventStream(untilFailure(events(context, tail, query, voice))), { headers: STREAM_HEADERS });
}

/** Events up to a failure: whoever watches comes again, and is told then what is the matter. */
async function* untilFailure(events: AsyncGenerator<SseEvent, void, void>): typeof events {
  try {
    yield* events;
  } catch (error) {
    console.warn({ event: "a live tail ended", reason: String(error) });
  }
}

async function* events(
  context: Context,
  tail: Tail,
  { max, seconds = Number.POSITIVE_INFINITY, ...filter }: TailQuery,
  voice: Voice,
): AsyncGenerator<SseEvent, void, void> {
  const fits = matching(filter);
  const end = Date.now() + seconds * 1000;
  let eyes: Promise<Eyes> | undefined;
  let asOf = "";
  for (; Date.now() < end; await scheduler.wait(PACE)) {
    const caller = await callerNow(context);
    if (!caller || can(caller, "logs.read") !== "yes") return;
    const now = `${catalogVersion()} ${accessVersion()}`;
    if (!eyes || now !== asOf) eyes = logEyes(context.desk, caller);
    asOf = now;
    const sees = await eyes;
    const calls = (await tail.more()).flatMap((call) => asSeen(call, sees) ?? []).filter(fits);
    for (const call of calls.slice(0, max)) yield voice.call(call);
    if (calls.length > max) yield voice.more(calls.length - max);
  }
}
