// REST: /requests, the log of calls that went through, and its live tail. Shapes in schemas/requests.ts; everybody reads
// their own, and policy/logs.ts says what else.
import * as z from "zod";
import { commit } from "../catalog/change.ts";
import { namesOf } from "../catalog/seen.ts";
import type { Context } from "../context.ts";
import { GatewayError } from "../errors.ts";
import { csvRecord } from "../lib/csv.ts";
import { encodeCursor } from "../lib/paginate.ts";
import { mayRead } from "../observability/call-filter.ts";
import { type Found, type Place, search } from "../observability/call-log.ts";
import { payloadOf } from "../observability/payloads.ts";
import { writeCalls } from "../observability/recorder.ts";
import { logEyes } from "../policy/logs.ts";
import { CALL_FIELDS, type Call, call } from "../schemas/calls.ts";
import {
  type RequestDetail,
  type RequestFilter,
  type RequestList,
  requestDetail,
  requestExportQuery,
  requestList,
  requestOneQuery,
  requestQuery,
  type StoredPayload,
  tailEvents,
  tailQuery,
} from "../schemas/requests.ts";
import { positionIn } from "./cursor.ts";
import { fileOf } from "./file.ts";
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

/** Pages of the log as the caller sees it, from a place on. What this isolate has not written yet is written first. */
export async function* searchLog(
  context: Context,
  filter: RequestFilter,
  limit: number,
  from?: Place,
): AsyncGenerator<Found, void, void> {
  const { store, desk, caller, config } = context;
  await writeCalls(store);
  const eyes = await logEyes(desk, caller);
  const oldest = Date.now() - config.recording.callDays * DAY;
  for (let place = from; ; ) {
    const found = await search(store.d1, { filter, eyes, limit, from: place, oldest });
    yield found;
    place = found.next;
    if (!place) return;
  }
}

/** One such page. */
export async function pageOfLog(context: Context, filter: RequestFilter, limit: number, from?: Place): Promise<Found> {
  for await (const found of searchLog(context, filter, limit, from)) return found;
  throw new Error("a search has a first page");
}

const AT_ONCE = 500;

/** All calls that fit, in pages. */
export async function* callsOf(context: Context, filter: RequestFilter): AsyncGenerator<Call[], void, void> {
  for await (const { calls } of searchLog(context, filter, AT_ONCE)) yield calls;
}

const FORMATS = {
  ndjson: { type: "application/x-ndjson", head: "", line: (call: Call) => `${JSON.stringify(call)}\n` },
  csv: {
    type: "text/csv; charset=utf-8; header=present",
    head: csvRecord(CALL_FIELDS),
    line: (call: Call) =>
      csvRecord(CALL_FIELDS.map((field) => (field === "at" ? new Date(call.at).toISOString() : call[field]))),
  },
};

/** Searches that looking for one request may take when nobody says when it came. */
export const MOST_SEARCHES = 5;

interface Located {
  readonly request: Call;
  readonly segment: number;
}

/** The request of this id, and where it is kept. @throws GatewayError `not_found`. */
async function requestOf(context: Context, id: string, at: number | undefined): Promise<Located> {
  const when = at === undefined ? {} : { since: timeText(at), until: timeText(at + 1) };
  let searches = 0;
  for await (const { calls, segments, searchedUntil, next } of searchLog(context, { request_id: id, ...when }, 1)) {
    const [[request], [segment]] = [calls, segments];
    if (request && segment !== undefined) return { request, segment };
    if (next && ++searches === MOST_SEARCHES)
      throw new GatewayError("not_found", `Request not found since ${timeText(searchedUntil)}; say when it came (at)`);
  }
  throw new GatewayError("not_found", "Request not found");
}

/** What was asked and answered, for those who may look into it: that they did is told in the audit trail. */
async function payloadFor(context: Context, { request, segment }: Located): Promise<StoredPayload | null> {
  const { desk, caller, store } = context;
  const eyes = await logEyes(desk, caller, "logs.inspect");
  if (!mayRead(request, eyes)) return null;
  const payload = await payloadOf(store.d1, segment, request);
  if (!payload) return null;
  const detail = { server: request.server, user: request.user, name: request.name };
  const deed = { action: "payload.read", targetType: "request", targetId: request.id, detail, moves: [] };
  await commit(desk, deed, []);
  return payload;
}

const timeText = (ms: number): string => new Date(ms).toISOString();
const placesOf = (calls: readonly Call[]): string[] => calls.flatMap(({ server, upstream }) => [server, upstream]);

export const requestRoutes: readonly Route[] = [
  route("GET", "/requests", {
    ...common,
    summary: "Calls that went through, newest first: your own, and those you may read",
    query: requestQuery,
    answer: requestList,
    async run({ context, query: { cursor, limit, ...filter } }): Promise<RequestList> {
      const { calls, next, searchedUntil } = await pageOfLog(context, filter, limit, positionIn(cursor, aPlace));
      return {
        requests: calls,
        nextCursor: next ? cursorOf(next) : null,
        searchedUntil,
        names: await namesOf(context.desk, placesOf(calls), context.caller.sight),
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
  route("GET", "/requests/export", {
    ...common,
    summary: "The log as a file, newest first: a JSON object like this in each line, or CSV",
    query: requestExportQuery,
    answer: call,
    run: async ({ context, query: { format, ...filter } }) =>
      await fileOf("requests", format, FORMATS[format], callsOf(context, filter)),
  }),
  route("GET", "/requests/:id", {
    ...common,
    summary: "One request",
    query: requestOneQuery,
    answer: requestDetail,
    async run({ context, params, query: { at } }): Promise<RequestDetail> {
      const located = await requestOf(context, params.id ?? "", at);
      const { request } = located;
      return {
        request,
        names: await namesOf(context.desk, placesOf([request]), context.caller.sight),
        payload: await payloadFor(context, located),
      };
    },
  }),
];
