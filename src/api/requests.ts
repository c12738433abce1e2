// REST: /requests, the log of calls that went through, and its live tail. Shapes in schemas/requests.ts; everybody reads
// their own, and policy/logs.ts says what else.
import * as z from "zod";
import { namesOf } from "../catalog/seen.ts";
import type { Context } from "../context.ts";
import { encodeCursor } from "../lib/paginate.ts";
import { type Found, type Place, search } from "../observability/call-log.ts";
import { writeCalls } from "../observability/recorder.ts";
import { logEyes } from "../policy/logs.ts";
import {
  type RequestFilter,
  type RequestList,
  requestList,
  requestQuery,
  tailEvents,
  tailQuery,
} from "../schemas/requests.ts";
import { positionIn } from "./cursor.ts";
import { tailResponse } from "./request-tail.ts";
import { type Route, route } from "./route.ts";

const common = { tag: "Requests", permission: "logs.read" } as const;
const DAY = 86_400_000;

const aPlace = z
  .string()
  .regex(/^\d{1,16}:\d{1,16}$/)
  .transform((text): Place => {
    const [segment = 0, position = 0] = text.split(":").map(Number);
    return { segment, position };
  });
const cursorOf = ({ segment, position }: Place): string => encodeCursor({ after: `${segment}:${position}` });

/** One search of the log as the caller sees it, from a place on. What this isolate has not written yet is written first. */
export async function searchLog(context: Context, filter: RequestFilter, limit: number, from?: Place): Promise<Found> {
  const { store, desk, caller, config } = context;
  await writeCalls(store);
  const eyes = await logEyes(desk, caller);
  return await search(store.d1, { filter, eyes, limit, from, oldest: Date.now() - config.recording.callDays * DAY });
}

export const requestRoutes: readonly Route[] = [
  route("GET", "/requests", {
    ...common,
    summary: "Calls that went through, newest first: your own, and those you may read",
    query: requestQuery,
    answer: requestList,
    async run({ context, query: { cursor, limit, ...filter } }): Promise<RequestList> {
      const { calls, next, searchedUntil } = await searchLog(context, filter, limit, positionIn(cursor, aPlace));
      const ids = calls.flatMap(({ server, upstream }) => [server, upstream]);
      return {
        requests: calls,
        nextCursor: next ? cursorOf(next) : null,
        searchedUntil,
        names: await namesOf(context.desk, ids, context.caller.sight),
      };
    },
  }),
  route("GET", "/requests/stream", {
    ...common,
    summary:
      "Calls as they go through, as server-sent events: `call` with one like this, `more` with how many were left out",
    query: tailQuery,
    answer: tailEvents.call,
    run: ({ context, query }) => tailResponse(context, query),
  }),
];
