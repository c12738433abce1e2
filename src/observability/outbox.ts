// What happened and whom it is told: rows of deliveries, written in the batch of what happened, so that nothing that
// happened is untold and nothing untrue is told. upstream/webhooks.ts sends them.
import { and, eq, type SQL, sql } from "drizzle-orm";
import type { BatchItem } from "drizzle-orm/batch";
import { type Database, tables } from "../db/client.ts";
import { MOST_SWEPT } from "../db/sweep.ts";
import { newId } from "../lib/ids.ts";
import type { EventType } from "../schemas/events.ts";
import type { EventData } from "../schemas/webhooks.ts";

const { webhooks, webhookDeliveries } = tables;

/** How the gateway is called in what it sends. `url`: its origin, null where nobody has said it. */
export interface GatewayName {
  readonly name: string;
  readonly url: string | null;
}

/** Where events are written: a desk (catalog/change.ts) is such a place. */
export interface Place {
  readonly db: Database;
  readonly gateway: GatewayName;
}

/** `once`: an id of its own for the event; written again under it, it is not told again. `when`: a condition it holds under. */
export interface Terms {
  readonly once?: string;
  readonly when?: SQL;
}

/** Whether a webhook is on and wants an event, as a condition. */
export const wants = (type: EventType): SQL =>
  sql`(${webhooks.enabled} AND (${webhooks.events} = '[]'
    OR EXISTS (SELECT 1 FROM json_each(${webhooks.events}) WHERE json_each.value = ${type})))`;

/** The id of an event's delivery to a webhook, as an expression. */
export const deliveryId = (eventId: SQL | string): SQL => sql`${eventId} || '-' || ${webhooks.id}`;

/** The statement that tells an event to every webhook that wants it. Goes into the batch of what happened. */
export function tell<Type extends EventType>(
  place: Place,
  type: Type,
  data: EventData<Type>,
  { once = newId(), when = sql`true` }: Terms = {},
): BatchItem<"sqlite"> {
  return write(place, type, data, once, sql`${wants(type)} AND ${when}`);
}

/** The statement that tells one webhook that it is tried out, and the id of that delivery. */
export function tellTest(place: Place, webhook: { readonly id: string; readonly name: string }) {
  const id = newId();
  const statement = write(place, "test", { webhook: webhook.name }, id, sql`${webhooks.id} = ${webhook.id}`);
  return { id: `${id}-${webhook.id}`, statement };
}

function write<Type extends EventType>(
  { db, gateway }: Place,
  type: Type,
  data: EventData<Type>,
  id: string,
  where: SQL,
): BatchItem<"sqlite"> {
  const now = new Date();
  const timestamp = now.toISOString();
  const body = JSON.stringify({ id, type, timestamp, gateway, data });
  const nextAt = Math.floor(now.getTime() / 1000);
  return db
    .insert(webhookDeliveries)
    .select(
      sql`SELECT ${deliveryId(id)}, ${webhooks.id}, ${type}, ${body}, ${timestamp}, 0, ${nextAt}, 'waiting', NULL, NULL
        FROM ${webhooks} WHERE ${where}`,
    )
    .onConflictDoNothing();
}

/** The statement that ends what is still to be sent to a webhook: it was switched off. */
export const endWaiting = ({ db }: Pick<Place, "db">, webhookId: string): BatchItem<"sqlite"> =>
  db
    .update(webhookDeliveries)
    .set({ status: "failed", nextAt: null, lastResult: "The webhook was switched off" })
    .where(and(eq(webhookDeliveries.webhookId, webhookId), eq(webhookDeliveries.status, "waiting")));

const KEPT_DAYS = 30;

/** Deletes deliveries of long ago, the oldest first, so many at a time. Called by the schedule. */
export async function sweepDeliveries({ d1 }: { readonly d1: D1Database }): Promise<void> {
  await d1
    .prepare(
      `DELETE FROM webhook_deliveries WHERE created_at < ?
       AND rowid IN (SELECT rowid FROM webhook_deliveries ORDER BY rowid LIMIT ?)`,
    )
    .bind(new Date(Date.now() - KEPT_DAYS * 24 * 3600_000).toISOString(), MOST_SWEPT)
    .run();
}
