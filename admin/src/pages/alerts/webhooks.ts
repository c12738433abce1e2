// What the dashboard asks and tells the gateway about webhooks and what they were sent.
import type { z } from "zod";
import { EVENTS, type EventType } from "../../../../src/schemas/events.ts";
import type {
  Delivery,
  deliveryList,
  WebhookRead,
  webhookCreate,
  webhookRotate,
  webhookUpdate,
  webhookWithSecret,
} from "../../../../src/schemas/webhooks.ts";
import { get, type Query, send, withFields } from "../../api.ts";
import type { Entity } from "../../parts/table.tsx";
import { source } from "../access/source.ts";

export type { Delivery };
export type Webhook = WebhookRead & Entity;
export type WithSecret = z.infer<typeof webhookWithSecret>;

const WEBHOOKS = "/webhooks";

const below = (id: string, rest = ""): string => `${WEBHOOKS}/${encodeURIComponent(id)}${rest}`;

export const ALL_WEBHOOKS = source({
  kind: "webhooks",
  path: WEBHOOKS,
  under: "webhooks",
  row: (raw: WebhookRead): Webhook => raw,
});

export const getWebhook = (id: string, signal: AbortSignal): Promise<Webhook> => get(below(id), signal);

/** Makes a webhook; the answer holds its secret, once. */
export const addWebhook = (body: z.input<typeof webhookCreate>): Promise<WithSecret> =>
  send("POST", WEBHOOKS, { body });

export const changeWebhook = (
  id: string,
  body: z.input<typeof webhookUpdate>,
  ifMatch?: number,
): Promise<WebhookRead> => send("PUT", below(id), { body, ifMatch });

export const deleteWebhook = (id: string): Promise<unknown> => send("DELETE", below(id));

export const rotateSecret = (id: string, body: z.input<typeof webhookRotate>): Promise<WithSecret> =>
  send("POST", below(id, "/rotate"), { body });

/** Sends a test event and tells what came of it. */
export const testWebhook = (id: string): Promise<Delivery> => send("POST", below(id, "/test"));

export const deliveriesOf = (id: string, query: Query, signal: AbortSignal): Promise<z.infer<typeof deliveryList>> =>
  get(withFields(below(id, "/deliveries"), query), signal);

/** Sends a delivery again and tells what came of it. */
export const retryDelivery = ({ webhook_id, id }: Delivery): Promise<Delivery> =>
  send("POST", below(webhook_id, `/deliveries/${encodeURIComponent(id)}/retry`));

/** What an event says, in a sentence. */
export const saysOf = (type: string): string => (type in EVENTS ? EVENTS[type as EventType] : type);
