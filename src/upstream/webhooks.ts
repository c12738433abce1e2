// Sending what the outbox (observability/outbox.ts) holds: signed, and tried again with growing pauses until it is taken.
// A run claims what it sends by moving the next attempt on, so that no other run sends it meanwhile.
import { and, eq, type SQL, sql } from "drizzle-orm";
import { commit, type Desk, isStale } from "../catalog/change.ts";
import { anyOf, tables } from "../db/client.ts";
import type { DeliveryRow, WebhookRow } from "../db/tables/webhooks.ts";
import type { Config } from "../env.ts";
import { GatewayError } from "../errors.ts";
import { nowInSeconds } from "../lib/now.ts";
import { VERSION } from "../lib/version.ts";
import { signatureHeaders } from "../lib/webhook-signature.ts";
import { endWaiting } from "../observability/outbox.ts";
import { Outbound } from "./safe-fetch.ts";
import { signingSecrets } from "./webhook-keys.ts";

const { webhooks, webhookDeliveries } = tables;

/** Who sends: a Context is one. */
export interface Sender {
  readonly config: Config;
  readonly desk: Desk;
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
/** Seconds after which a delivery is tried again, by the number of attempts that failed; after the last it is given up. */
const PAUSES = [10, MINUTE, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 8 * HOUR, 24 * HOUR];

/** Milliseconds a receiver may take. */
const TIMEOUT = 10_000;
/** Deliveries claimed together: they are sent within 20 s, five at a time. */
const AT_ONCE = 10;
/** Seconds after which what a run has claimed and not settled is anybody's: the run was ended. */
const LEASE = 60;
/** Claims of one run. */
const CLAIMS = 10;

/** What came of an attempt: `result` as it is shown, an HTTP status or why there was none. */
interface Outcome {
  readonly delivered: boolean;
  readonly gone: boolean;
  readonly result: string;
}

/**
 * Sends what happened, right after it happened. What fails for the first time is tried once more, ten seconds later;
 * everything else is left to the schedule. Never throws.
 */
export function deliverSoon(sender: Sender): void {
  const work = async (): Promise<void> => {
    if (!(await deliverDue(sender))) return;
    await scheduler.wait((PAUSES[0] ?? 0) * 1000);
    await deliverDue(sender);
  };
  sender.desk.store.waitUntil(
    work().catch((error: unknown) => console.error({ event: "webhooks not delivered", reason: String(error) })),
  );
}

/** Sends what is due, so much at a time. Resolves with whether something failed for the first time. */
export async function deliverDue(sender: Sender): Promise<boolean> {
  let failed = false;
  for (let claims = 0; claims < CLAIMS; claims++) {
    const rows = await claim(sender, DUE());
    const receivers = await receiversOf(sender, rows);
    const settled = await Promise.all(rows.map((row) => send(sender, row, receivers.get(row.webhookId))));
    failed ||= settled.some((row) => row?.status === "waiting" && row.attempts === 1);
    if (rows.length < AT_ONCE) break;
  }
  return failed;
}

/** Sends one delivery now, whatever has become of it. Gives it as it is then; undefined when it is gone. */
export async function deliverNow(sender: Sender, id: string): Promise<DeliveryRow | undefined> {
  const [row] = await claim(sender, eq(webhookDeliveries.id, id));
  if (!row) return undefined;
  return await send(sender, row, (await receiversOf(sender, [row])).get(row.webhookId));
}

const DUE = (): SQL =>
  sql`${webhookDeliveries.id} IN (SELECT due.id FROM webhook_deliveries AS due
    JOIN webhooks ON webhooks.id = due.webhook_id AND webhooks.enabled
    WHERE due.next_at <= ${nowInSeconds()} ORDER BY due.next_at LIMIT ${AT_ONCE})`;

const claim = ({ desk }: Sender, which: SQL): Promise<DeliveryRow[]> =>
  desk.db
    .update(webhookDeliveries)
    .set({ attempts: sql`${webhookDeliveries.attempts} + 1`, nextAt: nowInSeconds() + LEASE })
    .where(which)
    .returning();

async function receiversOf({ desk }: Sender, rows: readonly DeliveryRow[]): Promise<Map<string, WebhookRow>> {
  if (rows.length === 0) return new Map();
  const ids = [...new Set(rows.map((row) => row.webhookId))];
  const found = await desk.db.select().from(webhooks).where(anyOf(webhooks.id, ids));
  return new Map(found.map((webhook) => [webhook.id, webhook]));
}

/** Sends a claimed delivery and writes down what came of it, unless somebody has claimed it since. */
async function send(sender: Sender, row: DeliveryRow, webhook: WebhookRow | undefined) {
  if (!webhook) return undefined; // deleted meanwhile, and the delivery with it
  const outcome = await attempt(sender, row, webhook);
  const [settled] = await sender.desk.db
    .update(webhookDeliveries)
    .set({ ...stateAfter(row, outcome), lastResult: outcome.result })
    .where(and(eq(webhookDeliveries.id, row.id), eq(webhookDeliveries.attempts, row.attempts)))
    .returning();
  if (outcome.gone && webhook.enabled) await switchOff(sender.desk, webhook);
  return settled;
}

async function attempt({ config }: Sender, row: DeliveryRow, webhook: WebhookRow): Promise<Outcome> {
  try {
    const message = { id: eventIdOf(row), timestamp: nowInSeconds(), body: row.body };
    const signature = await signatureHeaders(message, await signingSecrets(config.sealingSecrets, webhook));
    const reply = await new Outbound(config).fetch(webhook.url, {
      method: "POST",
      headers: { "content-type": "application/json", "user-agent": `Causeway/${VERSION}`, ...signature },
      body: row.body,
      timeout: TIMEOUT,
    });
    reply.discard();
    return { delivered: reply.ok, gone: reply.status === 410, result: String(reply.status) };
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    return { delivered: false, gone: false, result: error.message.replace(/^The upstream/, "The receiver") };
  }
}

/** A delivery's id is that of its event, with the webhook's behind it. */
const eventIdOf = ({ id, webhookId }: DeliveryRow): string => id.slice(0, -webhookId.length - 1);

function stateAfter({ attempts, event }: DeliveryRow, { delivered, gone }: Outcome) {
  if (delivered) return { status: "delivered", nextAt: null, deliveredAt: new Date().toISOString() } as const;
  const pause = gone || event === "test" ? undefined : PAUSES[attempts - 1];
  if (pause === undefined) return { status: "failed", nextAt: null } as const;
  return { status: "waiting", nextAt: nowInSeconds() + pause } as const;
}

/** The receiver says that it is gone for good. */
async function switchOff(desk: Desk, webhook: WebhookRow): Promise<void> {
  const author = { ...desk.author, email: "gateway", via: "schedule", ip: null, userAgent: null };
  await commit(
    { ...desk, author },
    {
      action: "webhook.gone",
      targetType: "webhook",
      targetId: webhook.id,
      from: { table: webhooks, version: webhook.version },
      detail: { name: webhook.name, host: URL.parse(webhook.url)?.host },
      moves: [],
    },
    [
      desk.db
        .update(webhooks)
        .set({ enabled: false, updatedAt: new Date().toISOString(), version: webhook.version + 1 })
        .where(eq(webhooks.id, webhook.id)),
      endWaiting(desk, webhook.id),
    ],
  ).catch((error: unknown) => {
    if (!isStale(error)) throw error; // somebody has just changed it, or was told the same: the next delivery finds out
  });
}
