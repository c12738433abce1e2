// What events tell, and webhooks as the REST API shows and takes them. Names in snake_case; times are ISO-8601 UTC.
import * as z from "zod";
import { CHOICES, EVENTS, type EventType } from "./events.ts";

const upstream = z.object({ id: z.string(), name: z.string(), url: z.string().describe("Without its query") });
const token = z.object({ id: z.string(), name: z.string().nullable(), user: z.string() });

/** What the `data` of each event holds. */
const DATA = {
  "upstream.down": z.object({ upstream, error: z.string().describe("Why, in a sentence") }),
  "upstream.up": z.object({ upstream }),
  "auth.expiring": z.object({ token, expires_at: z.string().describe("ISO-8601 UTC") }),
  "change.pending": z.object({ upstream, changes: z.number().int().describe("How many definitions wait") }),
  "errors.high": z.object({
    upstream: upstream.pick({ id: true, name: true }),
    calls: z.number().int(),
    errors: z.number().int(),
    rate: z.number().describe("Share of calls that failed, 0 to 1"),
    threshold: z.number(),
    window_minutes: z.number().int(),
  }),
  "limit.reached": z.object({
    token,
    most: z.number().int().describe("So many requests are allowed"),
    per_seconds: z.number().int().describe("in any span of so many seconds"),
    retry_after: z.number().int().describe("Seconds until there is room again"),
  }),
  test: z.object({ webhook: z.string().describe("Its name") }),
} as const satisfies Record<EventType, z.ZodType>;

export type EventData<Type extends EventType> = z.infer<(typeof DATA)[Type]>;

/** What is sent: `id` is the same for every receiver and every attempt, so that what comes twice is known. */
export const eventBody = z
  .object({
    id: z.string(),
    type: z.enum(Object.keys(EVENTS) as [EventType, ...EventType[]]),
    timestamp: z.string().describe("When it happened"),
    gateway: z.object({ name: z.string(), url: z.string().nullable() }),
    data: z.record(z.string(), z.unknown()),
  })
  .meta({ id: "WebhookEvent" });
export type EventBody = z.infer<typeof eventBody>;

const name = z.string().trim().min(1).max(100);
const url = z.string().trim().max(2000).describe("Where events are sent, as a POST; https, unless the host is allowed");
const events = z
  .array(z.enum(CHOICES as [EventType, ...EventType[]]))
  .max(CHOICES.length)
  .describe("The events it wants; none: all of them, also what is yet to come");
const secret = z
  .string()
  .max(200)
  .optional()
  .describe("`whsec_` and 24 to 64 bytes in base64, to sign with; one is made when none is given");

export const webhookCreate = z
  .strictObject({ name, url, events: events.default([]), enabled: z.boolean().default(true), secret })
  .meta({ id: "WebhookCreate" });

export const webhookUpdate = z
  .strictObject({
    name: name.optional(),
    url: url.optional(),
    events: events.optional(),
    enabled: z.boolean().optional().describe("`false` also ends what is still to be sent"),
  })
  .meta({ id: "WebhookUpdate" });

export const webhookRotate = z.strictObject({
  secret,
  overlap_hours: z.number().min(0).max(168).default(24).describe("How long the old secret signs along"),
});

const status = z.enum(["waiting", "delivered", "failed"]);

export const webhookRead = z
  .object({
    id: z.string(),
    name: z.string(),
    url: z.string(),
    events: z.array(z.string()),
    enabled: z.boolean(),
    recent: z
      .array(z.object({ status, attempts: z.number().int(), event: z.string(), created_at: z.string() }))
      .describe("The latest ten deliveries, newest first"),
    created_by: z.string(),
    created_at: z.string(),
    updated_at: z.string(),
    version: z.number().int(),
  })
  .meta({ id: "Webhook" });
export type WebhookRead = z.infer<typeof webhookRead>;

export const webhookWithSecret = z
  .object({ webhook: webhookRead, secret: z.string().describe("To verify signatures with: shown this once") })
  .meta({ id: "WebhookWithSecret" });

export const delivery = z
  .object({
    id: z.string(),
    webhook_id: z.string(),
    event: z.string(),
    status,
    attempts: z.number().int(),
    next_at: z.string().nullable().describe("When it is tried next; null: not any more"),
    last_result: z.string().nullable().describe("What came of the last attempt: an HTTP status, or why there was none"),
    created_at: z.string(),
    delivered_at: z.string().nullable(),
    body: z.string().describe("The JSON text that is sent"),
  })
  .meta({ id: "WebhookDelivery" });
export type Delivery = z.infer<typeof delivery>;

/** `cursor` is that of the page before. */
const paged = {
  cursor: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(500).default(50),
};

export const webhookQuery = z.object({
  ...paged,
  q: z.string().max(200).optional().describe("Part of the name or the URL"),
  enabled: z.stringbool().optional(),
});
export const webhookList = z.object({
  webhooks: z.array(webhookRead),
  nextCursor: z.string().nullable(),
  total: z.number().int(),
});

export const deliveryQuery = z.object({ ...paged, status: status.optional(), event: z.string().optional() });
export const deliveryList = z.object({
  deliveries: z.array(delivery),
  nextCursor: z.string().nullable(),
  total: z.number().int(),
});
