// Webhooks and their deliveries as records. Nothing that isolates remember depends on them, so that no stamp moves.
import { and, asc, count, desc, eq, gt, inArray, lt, or, type SQL, sql } from "drizzle-orm";
import type { BatchItem } from "drizzle-orm/batch";
import { contains, tables } from "../db/client.ts";
import type { DeliveryRow, WebhookRow } from "../db/tables/webhooks.ts";
import { GatewayError } from "../errors.ts";
import { endWaiting } from "../observability/outbox.ts";
import { commit, type Desk } from "./change.ts";

const { webhooks, webhookDeliveries } = tables;

/** A page of a list; `after` is the position that the next one goes on from, null at the end. */
interface Page<Row> {
  readonly rows: Row[];
  readonly total: number;
  readonly after: string | null;
}

function pageOf<Row>(found: Row[], total: number, limit: number, positionOf: (row: Row) => string): Page<Row> {
  const rows = found.slice(0, limit);
  const last = found.length > limit ? rows.at(-1) : undefined;
  return { rows, total, after: last ? positionOf(last) : null };
}

/** Webhooks by name. */
export async function listWebhooks(
  { db }: Desk,
  query: { readonly limit: number; readonly q?: string | undefined; readonly enabled?: boolean | undefined },
  after: string | undefined,
): Promise<Page<WebhookRow>> {
  const where = and(
    query.enabled === undefined ? undefined : eq(webhooks.enabled, query.enabled),
    query.q ? or(contains(webhooks.name, query.q), contains(webhooks.url, query.q)) : undefined,
  );
  const [rows, [totals]] = await db.batch([
    db
      .select()
      .from(webhooks)
      .where(and(where, after === undefined ? undefined : gt(webhooks.name, after)))
      .orderBy(asc(webhooks.name))
      .limit(query.limit + 1),
    db.select({ total: count() }).from(webhooks).where(where),
  ]);
  return pageOf(rows, totals?.total ?? 0, query.limit, ({ name }) => name);
}

/** @throws GatewayError `not_found`. */
export async function webhookOf({ db }: Desk, id: string): Promise<WebhookRow> {
  const [row] = await db.select().from(webhooks).where(eq(webhooks.id, id));
  if (!row) throw new GatewayError("not_found", "Webhook not found");
  return row;
}

const RECENT = 10;

/** The latest deliveries of some webhooks, by webhook, newest first. */
export async function recentDeliveries({ db }: Desk, ids: readonly string[]): Promise<Map<string, DeliveryRow[]>> {
  if (ids.length === 0) return new Map();
  const newest = sql`SELECT id FROM (SELECT id, row_number() OVER (PARTITION BY webhook_id ORDER BY created_at DESC, id DESC) AS place
    FROM webhook_deliveries WHERE webhook_id IN (SELECT value FROM json_each(${JSON.stringify(ids)}))) WHERE place <= ${RECENT}`;
  const rows = await db
    .select()
    .from(webhookDeliveries)
    .where(inArray(webhookDeliveries.id, sql`(${newest})`))
    .orderBy(desc(webhookDeliveries.createdAt), desc(webhookDeliveries.id));
  return Map.groupBy(rows, (row) => row.webhookId);
}

type Change = { readonly action: string; readonly row: WebhookRow; readonly fields?: readonly string[] };

/** Commits a change of a webhook. Its address may hold a key, so that only the host is written down. */
function commitWebhook(desk: Desk, { action, row, fields }: Change, statements: readonly BatchItem<"sqlite">[]) {
  const detail = { name: row.name, host: URL.parse(row.url)?.host, ...(fields ? { fields } : {}) };
  const from = action === "webhook.create" ? {} : { from: { table: webhooks, version: row.version } };
  return commit(desk, { action, targetType: "webhook", targetId: row.id, ...from, detail, moves: [] }, statements);
}

/** @throws GatewayError `conflict` when the name is taken. */
export const createWebhook = (desk: Desk, row: WebhookRow): Promise<void> =>
  commitWebhook(desk, { action: "webhook.create", row }, [desk.db.insert(webhooks).values(row)]);

/** Changes a webhook; one that is switched off is sent nothing more. @throws GatewayError `conflict`, `stale_version`. */
export const updateWebhook = (
  desk: Desk,
  row: WebhookRow,
  change: Partial<Pick<WebhookRow, "name" | "url" | "events" | "enabled" | "secretSealed">>,
  action: "webhook.update" | "webhook.rotate" = "webhook.update",
): Promise<void> =>
  commitWebhook(desk, { action, row, fields: Object.keys(change).filter((field) => field !== "secretSealed") }, [
    desk.db
      .update(webhooks)
      .set({ ...change, updatedAt: new Date().toISOString(), version: row.version + 1 })
      .where(eq(webhooks.id, row.id)),
    ...(change.enabled === false ? [endWaiting(desk, row.id)] : []),
  ]);

/** Deletes a webhook and its deliveries. */
export const deleteWebhook = (desk: Desk, row: WebhookRow): Promise<void> =>
  commitWebhook(desk, { action: "webhook.delete", row }, [desk.db.delete(webhooks).where(eq(webhooks.id, row.id))]);

/** Which deliveries of a webhook. */
export interface DeliveryFilter {
  readonly status?: DeliveryRow["status"] | undefined;
  readonly event?: string | undefined;
}

/** Deliveries of a webhook, newest first. `after`: the time and id of the last one before. */
export async function listDeliveries(
  { db }: Desk,
  webhookId: string,
  { status, event, limit }: DeliveryFilter & { readonly limit: number },
  after: readonly [at: string, id: string] | undefined,
): Promise<Page<DeliveryRow>> {
  const { createdAt, id } = webhookDeliveries;
  const where = and(
    eq(webhookDeliveries.webhookId, webhookId),
    status && eq(webhookDeliveries.status, status),
    event ? eq(webhookDeliveries.event, event) : undefined,
  );
  const further: SQL | undefined = after && or(lt(createdAt, after[0]), and(eq(createdAt, after[0]), lt(id, after[1])));
  const [rows, [totals]] = await db.batch([
    db
      .select()
      .from(webhookDeliveries)
      .where(and(where, further))
      .orderBy(desc(createdAt), desc(id))
      .limit(limit + 1),
    db.select({ total: count() }).from(webhookDeliveries).where(where),
  ]);
  return pageOf(rows, totals?.total ?? 0, limit, (row) => `${row.createdAt} ${row.id}`);
}

/** A delivery of a webhook. @throws GatewayError `not_found`. */
export async function deliveryOf({ db }: Desk, webhookId: string, id: string): Promise<DeliveryRow> {
  const [row] = await db
    .select()
    .from(webhookDeliveries)
    .where(and(eq(webhookDeliveries.id, id), eq(webhookDeliveries.webhookId, webhookId)));
  if (!row) throw new GatewayError("not_found", "Delivery not found");
  return row;
}
