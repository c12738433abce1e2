// The request log as the REST API takes and shows it. A request is a call (calls.ts); times of calls are milliseconds
// since 1970, those of filters ISO-8601 UTC.
import * as z from "zod";
import { call, OUTCOMES, outcome, TARGET_KINDS } from "./calls.ts";
import { commaList } from "./common.ts";

/** Which requests. All that is given has to hold. */
export const requestFilter = z.object({
  since: z.iso.datetime().optional().describe("Those that came then or later"),
  until: z.iso.datetime().optional().describe("The first moment that is out"),
  outcome: commaList
    .pipe(z.array(outcome))
    .optional()
    .describe(`One or several of ${Object.keys(OUTCOMES).join(", ")}, separated by commas`),
  errors_only: z.stringbool().optional().describe("Those whose outcome is not `ok`"),
  error: z.string().optional().describe("Code of the failure"),
  method: z.string().optional(),
  kind: commaList
    .pipe(z.array(z.enum(TARGET_KINDS)))
    .optional()
    .describe(`One or several of ${TARGET_KINDS.join(", ")}, separated by commas`),
  target: z.string().optional().describe("Id of the tool, prompt or resource"),
  name: z.string().optional().describe("Its name or URI"),
  server: z.string().optional().describe("Id of the virtual server"),
  upstream: z.string().optional().describe("Id of the gateway it went to"),
  client: z.string().optional().describe("The client's name, or its beginning: `claude` finds `claude-code 2.1`"),
  token: z.string().optional().describe("Id of the token"),
  user: z.string().optional(),
  request_id: z.string().optional(),
  min_ms: z.coerce.number().min(0).optional().describe("Those that took so long"),
  max_ms: z.coerce.number().min(0).optional().describe("Those that took no longer"),
  q: z.string().max(200).optional().describe("Part of method and name, error message or user; case does not matter"),
});
export type RequestFilter = z.infer<typeof requestFilter>;

/** `cursor` is that of the page before; newest first. */
export const requestQuery = z.object({
  cursor: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(500).default(50),
  ...requestFilter.shape,
});

/** One page searches so far and no further: with a `nextCursor`, however few it shows, there may be more. */
export const requestList = z
  .object({
    requests: z.array(call),
    nextCursor: z.string().nullable(),
    searchedUntil: z.number().describe("Everything since then was searched, milliseconds since 1970"),
    names: z
      .record(z.string(), z.string())
      .describe("Names of the virtual servers and gateways on this page, by id; not of those that are no more"),
  })
  .meta({ id: "RequestList" });
export type RequestList = z.infer<typeof requestList>;

/** All that fits, newest first. */
export const requestExportQuery = z.object({
  format: z.enum(["ndjson", "csv"]).default("ndjson"),
  ...requestFilter.shape,
});

/** One request: found at once with the time that the list shows for it. */
export const requestOneQuery = z.object({
  at: z.coerce.number().int().min(0).optional().describe("When it came, milliseconds since 1970"),
});

/** What was asked and answered, as it is kept. */
export const storedPayload = z.object({
  mode: z.enum(["redacted", "full"]),
  request: z.string().describe("The params, as JSON"),
  response: z
    .string()
    .describe("The messages of the answer, one a line; empty where they were too large, or passed on unread"),
  cut: z.boolean().describe("Some of it was too large to be kept"),
});
export type StoredPayload = z.infer<typeof storedPayload>;

export const requestDetail = z
  .object({
    request: call,
    names: requestList.shape.names,
    payload: storedPayload
      .nullable()
      .describe("For those who have `logs.inspect` for it, where its virtual server keeps any"),
  })
  .meta({ id: "Request" });
export type RequestDetail = z.infer<typeof requestDetail>;

/** What is sent of a live tail. `more` counts what was left out, as too much came at once. */
export const tailQuery = z.object({
  ...requestFilter.shape,
  max: z.coerce.number().int().min(1).max(1000).default(100).describe("Most requests shown per second"),
  seconds: z.coerce.number().int().min(0).max(86_400).optional().describe("End after this time; default: never"),
});

export type TailQuery = z.infer<typeof tailQuery>;

/** Events of a live tail, by name, with the JSON each carries. */
export const tailEvents = {
  call,
  more: z.object({ count: z.number().int() }),
};
export type TailEvents = { [Name in keyof typeof tailEvents]: z.infer<(typeof tailEvents)[Name]> };
