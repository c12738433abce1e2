// REST: /webhooks, who is told of what happens, and what became of each delivery. Shapes in schemas/webhooks.ts. Secrets
// are shown once, when they are made.
import * as z from "zod";
import { defined, persistently, requireVersion } from "../catalog/change.ts";
import {
  createWebhook,
  deleteWebhook,
  deliveryOf,
  listDeliveries,
  listWebhooks,
  recentDeliveries,
  updateWebhook,
  webhookOf,
} from "../catalog/webhooks.ts";
import type { Context } from "../context.ts";
import type { DeliveryRow, WebhookRow } from "../db/tables/webhooks.ts";
import { GatewayError } from "../errors.ts";
import { newId } from "../lib/ids.ts";
import { encodeCursor } from "../lib/paginate.ts";
import { tellTest } from "../observability/outbox.ts";
import { deleted } from "../schemas/common.ts";
import {
  type Delivery,
  delivery,
  deliveryList,
  deliveryQuery,
  type WebhookRead,
  webhookCreate,
  webhookList,
  webhookQuery,
  webhookRead,
  webhookRotate,
  webhookUpdate,
  webhookWithSecret,
} from "../schemas/webhooks.ts";
import { sealNext, sealSecret, secretFrom } from "../upstream/webhook-keys.ts";
import { deliverNow } from "../upstream/webhooks.ts";
import { positionIn } from "./cursor.ts";
import { type Call, type Route, route } from "./route.ts";

const tag = "Webhooks";

type Asking = Pick<Call<undefined, undefined>, "context" | "params" | "headers">;

const show = (row: WebhookRow, recent: readonly DeliveryRow[] = []): WebhookRead => ({
  id: row.id,
  name: row.name,
  url: row.url,
  events: row.events,
  enabled: row.enabled,
  recent: recent.map(({ status, attempts, event, createdAt }) => ({ status, attempts, event, created_at: createdAt })),
  created_by: row.createdBy,
  created_at: row.createdAt,
  updated_at: row.updatedAt,
  version: row.version,
});

const showDelivery = (row: DeliveryRow): Delivery => ({
  id: row.id,
  webhook_id: row.webhookId,
  event: row.event,
  status: row.status,
  attempts: row.attempts,
  next_at: row.nextAt === null ? null : new Date(row.nextAt * 1000).toISOString(),
  last_result: row.lastResult,
  created_at: row.createdAt,
  delivered_at: row.deliveredAt,
  body: row.body,
});

async function shown({ context: { desk }, params, headers }: Asking, id = params.id ?? ""): Promise<WebhookRead> {
  const [row, recent] = await Promise.all([webhookOf(desk, id), recentDeliveries(desk, [id])]);
  headers.set("etag", String(row.version));
  return show(row, recent.get(id));
}

/** Changes a webhook that is read first; without If-Match, anew when somebody was faster. */
async function changing(
  { context: { desk }, params, version }: Pick<Call<undefined, undefined>, "context" | "params" | "version">,
  change: (row: WebhookRow) => Promise<void>,
): Promise<void> {
  const once = async (): Promise<void> => {
    const row = await webhookOf(desk, params.id ?? "");
    requireVersion(row.version, version);
    await change(row);
  };
  await (version === undefined ? persistently(once) : once());
}

/** Refuses an address that nothing is sent to. @throws GatewayError `upstream_blocked` naming the field. */
function requireReachable({ outbound }: Context, url: string | undefined): void {
  try {
    if (url !== undefined) outbound.guard(url);
  } catch (error) {
    throw error instanceof GatewayError ? error.with({ field: "url" }) : error;
  }
}

/** Sends a delivery now and shows what came of it. */
async function sent(context: Context, id: string): Promise<Delivery> {
  const row = await deliverNow(context, id);
  if (!row) throw new GatewayError("conflict", "Somebody has sent or deleted this delivery meanwhile. Load it again");
  return showDelivery(row);
}

const aName = z.string();
const aPlace = z
  .string()
  .transform((text) => text.split(" "))
  .pipe(z.tuple([z.string(), z.string()]));
const nextCursor = (after: string | null): string | null => (after === null ? null : encodeCursor({ after }));

export const webhookRoutes: readonly Route[] = [
  route("GET", "/webhooks", {
    summary: "Webhooks, by name",
    tag,
    permission: "webhooks.read",
    query: webhookQuery,
    answer: webhookList,
    async run({ context: { desk }, query: { cursor, ...query } }) {
      const { rows, total, after } = await listWebhooks(desk, query, positionIn(cursor, aName));
      const recent = await recentDeliveries(
        desk,
        rows.map(({ id }) => id),
      );
      return { webhooks: rows.map((row) => show(row, recent.get(row.id))), nextCursor: nextCursor(after), total };
    },
  }),
  route("POST", "/webhooks", {
    summary: "Tell an address of what happens: the answer holds the signing secret, once",
    tag,
    permission: "webhooks.create",
    body: webhookCreate,
    answer: webhookWithSecret,
    status: 201,
    async run(call) {
      const { context, body } = call;
      const { secret: given, ...fields } = body;
      requireReachable(context, fields.url);
      const secret = secretFrom(given);
      const id = newId();
      const now = new Date().toISOString();
      const secretSealed = await sealSecret(context.config.sealingSecrets, id, secret);
      const made = { createdBy: context.caller.id, createdAt: now, updatedAt: now, version: 1 };
      await createWebhook(context.desk, { id, ...fields, secretSealed, ...made });
      return { webhook: await shown(call, id), secret };
    },
  }),
  route("GET", "/webhooks/:id", {
    summary: "One webhook",
    tag,
    permission: "webhooks.read",
    answer: webhookRead,
    run: (call) => shown(call),
  }),
  route("PUT", "/webhooks/:id", {
    summary: "Change a webhook, or switch it on or off",
    tag,
    permission: "webhooks.update",
    body: webhookUpdate,
    answer: webhookRead,
    async run(call) {
      requireReachable(call.context, call.body.url);
      await changing(call, (row) => updateWebhook(call.context.desk, row, defined(call.body)));
      return await shown(call);
    },
  }),
  route("DELETE", "/webhooks/:id", {
    summary: "Delete a webhook with its deliveries",
    tag,
    permission: "webhooks.delete",
    answer: deleted,
    async run(call) {
      await changing(call, (row) => deleteWebhook(call.context.desk, row));
      return { status: "success", message: `Webhook ${call.params.id} deleted` };
    },
  }),
  route("POST", "/webhooks/:id/rotate", {
    summary: "Sign with another secret: the answer holds it, once",
    tag,
    permission: "webhooks.update",
    body: webhookRotate,
    answer: webhookWithSecret,
    async run(call) {
      const { context, body } = call;
      const secret = secretFrom(body.secret);
      const overlap = Math.floor(body.overlap_hours * 3600);
      await changing(call, async (row) => {
        const secretSealed = await sealNext(context.config.sealingSecrets, row, secret, overlap);
        await updateWebhook(context.desk, row, { secretSealed }, "webhook.rotate");
      });
      return { webhook: await shown(call), secret };
    },
  }),
  route("POST", "/webhooks/:id/test", {
    summary: "Send a `test` event now, once, and show what came of it",
    tag,
    permission: "webhooks.update",
    answer: delivery,
    async run({ context, params }) {
      const { desk } = context;
      const { id, statement } = tellTest(desk, await webhookOf(desk, params.id ?? ""));
      await statement;
      return await sent(context, id);
    },
  }),
  route("GET", "/webhooks/:id/deliveries", {
    summary: "What a webhook was sent, newest first",
    tag,
    permission: "webhooks.read",
    query: deliveryQuery,
    answer: deliveryList,
    async run({ context: { desk }, params, query: { cursor, ...filter } }) {
      const { id } = await webhookOf(desk, params.id ?? "");
      const { rows, total, after } = await listDeliveries(desk, id, filter, positionIn(cursor, aPlace));
      return { deliveries: rows.map(showDelivery), nextCursor: nextCursor(after), total };
    },
  }),
  route("POST", "/webhooks/:id/deliveries/:did/retry", {
    summary: "Send a delivery again now, and show what came of it",
    tag,
    permission: "webhooks.update",
    answer: delivery,
    async run({ context, params }) {
      const { id } = await deliveryOf(context.desk, params.id ?? "", params.did ?? "");
      return await sent(context, id);
    },
  }),
];
