// The outbox: what happened is told to those who want it, in the batch of what happened or not at all, and sent once,
// however many runs there are at the same time.
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { commit, deskOf } from "../../src/catalog/change.ts";
import { tables } from "../../src/db/client.ts";
import { configOf } from "../../src/env.ts";
import { newId } from "../../src/lib/ids.ts";
import { tell } from "../../src/observability/outbox.ts";
import type { EventType } from "../../src/schemas/events.ts";
import { sealSecret } from "../../src/upstream/webhook-keys.ts";
import { bindings } from "../inside.ts";

const config = configOf(bindings());
const author = { email: "admin@example.com", requestId: "r", ip: null, via: "api", userAgent: null };
const background: Promise<unknown>[] = [];
const store = { d1: env.DB, kv: env.VIEWS, waitUntil: (work: Promise<unknown>) => void background.push(work) };
const desk = deskOf(store, author, { name: "Causeway", url: "https://gateway.example.com" });
const sender = { config, desk };

beforeEach(async () => {
  await env.DB.prepare("DELETE FROM webhooks").run();
});

/** A webhook that wants these events. */
async function webhook(events: EventType[], enabled = true): Promise<string> {
  const id = newId();
  const now = new Date().toISOString();
  const secretSealed = await sealSecret(config.sealingSecrets, id, `whsec_${btoa("x".repeat(24))}`);
  const about = { name: id, url: `http://127.0.0.1:9/${id}`, createdBy: author.email, createdAt: now, updatedAt: now };
  await desk.db.insert(tables.webhooks).values({ id, events, enabled, secretSealed, version: 1, ...about });
  return id;
}

const up = { upstream: { id: "u", name: "Weather", url: "https://weather.example.com/mcp" } };
const down = { ...up, error: "It is gone" };
const told = () => desk.db.select().from(tables.webhookDeliveries);

/** Answers every request with a status, when it is let go; tells how many were sent. */
function network(status: number) {
  const sent: string[] = [];
  const gate = Promise.withResolvers<void>();
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    sent.push(`${String(input)} ${new Headers(init?.headers).get("webhook-id")}`);
    await gate.promise;
    return new Response(null, { status });
  });
  return { sent, letGo: () => gate.resolve() };
}

/** `deliverDue` of an isolate of its own. */
async function isolate() {
  vi.resetModules();
  return await import("../../src/upstream/webhooks.ts");
}

describe("an event", () => {
  it("is told to every webhook that is on and wants it, in one statement", async () => {
    const [some, all] = [await webhook(["upstream.down", "upstream.up"]), await webhook([])];
    await webhook(["upstream.up"]);
    await webhook([], false);
    await desk.db.batch([tell(desk, "upstream.down", down)] as const);
    const rows = await told();
    expect(rows.map(({ webhookId }) => webhookId).sort()).toEqual([some, all].sort());
    for (const row of rows) {
      expect(row).toMatchObject({ event: "upstream.down", status: "waiting", attempts: 0, deliveredAt: null });
      const { id, ...body } = JSON.parse(row.body) as { id: string };
      expect(row.id).toBe(`${id}-${row.webhookId}`);
      expect(body).toEqual({ type: "upstream.down", timestamp: row.createdAt, gateway: desk.gateway, data: down });
    }
  });

  it("that did not happen after all is told to nobody", async () => {
    await webhook([]);
    const gone = { table: tables.webhooks, version: 7 };
    const deed = { action: "webhook.update", targetType: "webhook", targetId: "gone", from: gone, moves: [] };
    await expect(commit(desk, deed, [tell(desk, "upstream.up", up)])).rejects.toMatchObject({ code: "stale_version" });
    expect(await told()).toEqual([]);
  });

  it("with an id of its own is told once", async () => {
    await webhook([]);
    for (let time = 0; time < 3; time++) await tell(desk, "upstream.up", up, { once: "the-event" });
    expect(await told()).toHaveLength(1);
  });
});

describe("what is due", () => {
  it("is sent once by many runs of many isolates at the same time", async () => {
    for (let n = 0; n < 3; n++) await webhook([]);
    for (let n = 0; n < 8; n++) await tell(desk, "upstream.up", up);
    const { sent, letGo } = network(200);
    const isolates = [await isolate(), await isolate(), await isolate()];
    const runs = isolates.flatMap(({ deliverDue }) => [deliverDue(sender), deliverDue(sender)]);
    letGo();
    await Promise.all(runs);
    expect(sent).toHaveLength(24);
    expect(new Set(sent).size).toBe(24);
    expect((await told()).every(({ status, attempts }) => status === "delivered" && attempts === 1)).toBe(true);
  });

  it("is left alone while it is under way, and anybody's a minute later when that run was ended", async () => {
    await webhook([]);
    await tell(desk, "upstream.up", up);
    const first = network(200);
    const slow = (await isolate()).deliverDue(sender);
    await vi.waitUntil(() => first.sent.length === 1);
    const second = network(200);
    const { deliverDue } = await isolate();
    await deliverDue(sender);
    expect(second.sent).toEqual([]);
    await env.DB.prepare("UPDATE webhook_deliveries SET next_at = next_at - 60").run();
    second.letGo();
    await deliverDue(sender);
    expect(second.sent).toHaveLength(1);
    first.letGo();
    await slow;
    expect(await told()).toMatchObject([{ status: "delivered", attempts: 2 }]);
  });

  it("and fails is for the next attempt; a run that comes too late changes nothing", async () => {
    await webhook([]);
    await tell(desk, "upstream.up", up);
    const failing = network(500);
    const slow = (await isolate()).deliverDue(sender);
    await vi.waitUntil(() => failing.sent.length === 1);
    await env.DB.prepare("UPDATE webhook_deliveries SET next_at = 1").run();
    const good = network(200);
    good.letGo();
    await (await isolate()).deliverDue(sender);
    failing.letGo();
    await slow;
    expect(await told()).toMatchObject([{ status: "delivered", attempts: 2, lastResult: "200", nextAt: null }]);
  });

  it("is sent in bounded numbers: what is left is for the next run", async () => {
    await webhook([]);
    for (let n = 0; n < 105; n++) await tell(desk, "upstream.up", up);
    const { sent, letGo } = network(200);
    letGo();
    const { deliverDue } = await isolate();
    await deliverDue(sender);
    expect(sent).toHaveLength(100);
    await deliverDue(sender);
    expect(sent).toHaveLength(105);
  });

  it("and can't be signed any more says what to do", async () => {
    await webhook([]);
    await tell(desk, "upstream.up", up);
    await env.DB.prepare("UPDATE webhooks SET secret_sealed = 'v1.a.b'").run();
    const { sent } = network(200);
    await (await isolate()).deliverDue(sender);
    expect(sent).toEqual([]);
    expect(await told()).toMatchObject([{ status: "waiting", lastResult: expect.stringContaining("rotate it") }]);
  });
});
