// /webhooks: who is told of what, signed so that receivers can tell, and what becomes of it when they don't answer.
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { Delivery, WebhookRead } from "../../src/schemas/webhooks.ts";
import { addUser, as } from "../auth/users.ts";
import { type Answer, type Receiver, startReceiver, verified } from "../fakes/receiver.ts";
import { type Gateway, startGateway } from "../harness.ts";

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway({ PUBLIC_URL: "https://gateway.example.com", APP_NAME: "Harbour" });
});
afterAll(() => gateway.dispose());

type Made = { webhook: WebhookRead; secret: string };
type Listed = { deliveries: Delivery[]; nextCursor: string | null; total: number };

let count = 0;
async function receiver(...answers: Answer[]): Promise<Receiver> {
  const started = await startReceiver();
  onTestFinished(started.close);
  started.answers(...answers);
  return started;
}
async function webhook(url: string, more: object = {}): Promise<Made> {
  const body = { name: `hook ${++count}`, url, events: ["change.pending"], ...more };
  const answer = await gateway.api<Made>("POST", "/webhooks", body);
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  return answer.body;
}
const ask = async <Body>(method: string, path: string, body?: unknown): Promise<Body> => {
  const answer = await gateway.api<Body>(method, path, body);
  expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(300);
  return answer.body;
};
const tried = (id: string) => ask<Delivery>("POST", `/webhooks/${id}/test`);
const deliveries = async (id: string, query = "") =>
  (await ask<Listed>("GET", `/webhooks/${id}/deliveries${query}`)).deliveries;

/** An event that nothing but this webhook is told of. */
async function event(webhookId: string, id = `event${++count}`): Promise<string> {
  await gateway.sql(
    `INSERT INTO webhook_deliveries (id, webhook_id, event, body, created_at, next_at) VALUES (?, ?, 'upstream.down', ?, ?, 0)`,
    `${id}-${webhookId}`,
    webhookId,
    JSON.stringify({ id, type: "upstream.down" }),
    new Date().toISOString(),
  );
  return `${id}-${webhookId}`;
}
/** The time of the next attempt has come. */
async function later(webhookId: string): Promise<void> {
  await gateway.sql(
    "UPDATE webhook_deliveries SET next_at = 1 WHERE webhook_id = ? AND next_at IS NOT NULL",
    webhookId,
  );
  await gateway.host.scheduled();
}

describe("a delivery", () => {
  test("is signed by the secret that was shown when the webhook was made, and says what happened where", async () => {
    const { url, received } = await receiver();
    const { webhook: made, secret } = await webhook(url, { name: "on call" });
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{32}$/);
    const delivery = await tried(made.id);
    expect(delivery).toMatchObject({
      event: "test",
      status: "delivered",
      attempts: 1,
      last_result: "204",
      next_at: null,
    });
    const [message] = received;
    if (!message) throw new Error("nothing came");
    expect(verified(message, secret)).toBe(1);
    expect(verified({ ...message, body: message.body.replace("test", "best") }, secret)).toBe(0);
    expect(message.headers["content-type"]).toBe("application/json");
    expect(message.headers["user-agent"]).toMatch(/^Causeway\//);
    const body = JSON.parse(message.body) as { id: string };
    expect(body).toEqual({
      id: message.headers["webhook-id"],
      type: "test",
      timestamp: delivery.created_at,
      gateway: { name: "Harbour", url: "https://gateway.example.com" },
      data: { webhook: "on call" },
    });
    expect(delivery.body).toBe(message.body);
  });

  test("that fails is tried again after 10 s, 1, 5 and 30 min, 2, 8 and 24 h, with the same id and body, and then given up", async () => {
    const { url, received } = await receiver(...Array<number>(8).fill(503));
    const { webhook: made, secret } = await webhook(url);
    await event(made.id);
    const pauses: number[] = [];
    for (let attempt = 1; attempt <= 7; attempt++) {
      const before = Date.now();
      await later(made.id);
      const [delivery] = await deliveries(made.id);
      expect(delivery).toMatchObject({ status: "waiting", attempts: attempt, last_result: "503" });
      pauses.push(Math.round((Date.parse(delivery?.next_at ?? "") - before) / 1000));
    }
    for (const [at, seconds] of [10, 60, 300, 1800, 7200, 28_800, 86_400].entries())
      expect(Math.abs((pauses[at] ?? 0) - seconds), `pause ${at + 1}`).toBeLessThanOrEqual(3);
    await later(made.id);
    expect(await deliveries(made.id)).toMatchObject([{ status: "failed", attempts: 8, next_at: null }]);
    await later(made.id);
    expect(received).toHaveLength(8);
    expect(new Set(received.map(({ headers, body }) => headers["webhook-id"] + body)).size).toBe(1);
    for (const message of received) expect(verified(message, secret)).toBe(1);
  });

  test("that is taken after all is not sent again", async () => {
    const { url, received } = await receiver(500, 404, 200);
    const { webhook: made } = await webhook(url);
    await event(made.id);
    for (let run = 0; run < 5; run++) await later(made.id);
    expect(await deliveries(made.id)).toMatchObject([{ status: "delivered", attempts: 3, last_result: "200" }]);
    expect(received).toHaveLength(3);
  });

  test("is not followed elsewhere by a redirect", async () => {
    const other = await receiver();
    const { url } = await receiver({ status: 307, headers: { location: other.url } });
    const { webhook: made } = await webhook(url);
    const delivery = await tried(made.id);
    expect(delivery).toMatchObject({ status: "failed", last_result: expect.stringContaining("redirects (307)") });
    expect(other.received).toEqual([]);
  });

  test("waits ten seconds for an answer, and not longer", async () => {
    const { url } = await receiver("hang");
    const { webhook: made } = await webhook(url);
    const began = Date.now();
    expect(await tried(made.id)).toMatchObject({
      status: "failed",
      last_result: "The receiver did not answer within 10 s",
    });
    expect(Date.now() - began).toBeLessThan(15_000);
  });

  test("to nobody is told as such", async () => {
    const { webhook: made } = await webhook("http://127.0.0.1:9/");
    expect(await tried(made.id)).toMatchObject({
      status: "failed",
      last_result: expect.stringContaining("be reached"),
    });
  });

  test("answered by 410 switches the webhook off, which ends what was still to be sent", async () => {
    const { url, received } = await receiver(410);
    const { webhook: made } = await webhook(url);
    await event(made.id);
    await gateway.sql("UPDATE webhook_deliveries SET next_at = 2000000000 WHERE webhook_id = ?", made.id);
    expect(await tried(made.id)).toMatchObject({ status: "failed", last_result: "410" });
    expect(await ask("GET", `/webhooks/${made.id}`)).toMatchObject({ enabled: false, version: 2 });
    expect(await deliveries(made.id)).toMatchObject([
      { event: "test" },
      { event: "upstream.down", status: "failed", last_result: "The webhook was switched off" },
    ]);
    expect(received).toHaveLength(1);
    expect(
      await gateway.sql("SELECT actor, action FROM audit WHERE target_id = ? ORDER BY id DESC LIMIT 1", made.id),
    ).toEqual([{ actor: "gateway", action: "webhook.gone" }]);
  });

  test("is sent again by hand, whatever became of it", async () => {
    const { url, received } = await receiver(500);
    const { webhook: made } = await webhook(url);
    const { id, status } = await tried(made.id);
    expect(status).toBe("failed");
    const again = () => ask<Delivery>("POST", `/webhooks/${made.id}/deliveries/${id}/retry`);
    expect(await again()).toMatchObject({ status: "delivered", attempts: 2 });
    expect(await again()).toMatchObject({ status: "delivered", attempts: 3 });
    expect(new Set(received.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
    expect((await gateway.api("POST", `/webhooks/${made.id}/deliveries/none/retry`)).status).toBe(404);
    const { webhook: other } = await webhook(url);
    expect((await gateway.api("POST", `/webhooks/${other.id}/deliveries/${id}/retry`)).status).toBe(404);
  });

  test("is kept for 30 days", async () => {
    const { url } = await receiver();
    const { webhook: made } = await webhook(url);
    const [old, recent] = [await event(made.id), await event(made.id)];
    const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString();
    await gateway.sql("UPDATE webhook_deliveries SET created_at = ? WHERE id = ?", daysAgo(31), old);
    await gateway.sql("UPDATE webhook_deliveries SET created_at = ? WHERE id = ?", daysAgo(29), recent);
    await gateway.host.scheduled();
    expect((await deliveries(made.id)).map(({ id }) => id)).toEqual([recent]);
  });
});

describe("a webhook", () => {
  test("is sent nothing while it is off, and nothing of that time later", async () => {
    const { url, received } = await receiver();
    const { webhook: made } = await webhook(url);
    await event(made.id);
    await ask("PUT", `/webhooks/${made.id}`, { enabled: false });
    await later(made.id);
    await ask("PUT", `/webhooks/${made.id}`, { enabled: true });
    await later(made.id);
    expect(received).toEqual([]);
    expect(await deliveries(made.id)).toMatchObject([
      { status: "failed", last_result: "The webhook was switched off" },
    ]);
  });

  test("signs with a given secret, and after a rotation with both for as long as was said", async () => {
    const { url, received } = await receiver();
    const given = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
    const { webhook: made, secret } = await webhook(url, { secret: given });
    expect(secret).toBe(given);
    const next = (await ask<Made>("POST", `/webhooks/${made.id}/rotate`, { overlap_hours: 1 })).secret;
    await tried(made.id);
    const last = (await ask<Made>("POST", `/webhooks/${made.id}/rotate`, { overlap_hours: 0 })).secret;
    await tried(made.id);
    const by = received.map((message) => [given, next, last].map((one) => verified(message, one)));
    expect(by).toEqual([
      [1, 1, 0],
      [0, 0, 1],
    ]);
  });

  test("never shows its secret again, nor keeps it in the clear", async () => {
    const { url } = await receiver();
    const { webhook: made, secret } = await webhook(url);
    await tried(made.id);
    const answers = [
      await ask("GET", "/webhooks"),
      await ask("GET", `/webhooks/${made.id}`),
      await ask("PUT", `/webhooks/${made.id}`, { events: ["upstream.up"] }),
      await ask("GET", `/webhooks/${made.id}/deliveries`),
      await gateway.sql("SELECT * FROM webhooks"),
      await gateway.sql("SELECT * FROM audit WHERE target_type = 'webhook'"),
    ];
    expect(JSON.stringify(answers)).not.toContain(secret.slice(6));
  });

  test("is refused by field", async () => {
    const wanted = { name: "refused", url: "https://example.com/hook" };
    for (const [field, body] of [
      ["name", { ...wanted, name: " " }],
      ["url", { ...wanted, url: "ftp://example.com/" }],
      ["url", { ...wanted, url: "nonsense" }],
      ["url", { ...wanted, url: "http://169.254.169.254/latest" }],
      ["url", { ...wanted, url: "https://me:secret@example.com/" }],
      ["secret", { ...wanted, secret: "whsec_short" }],
      ["events.0", { ...wanted, events: ["upstream.sideways"] }],
      ["events.0", { ...wanted, events: ["test"] }],
      ["colour", { ...wanted, colour: "blue" }],
    ] as const) {
      const { status, body: answer } = await gateway.api<Record<string, unknown>>("POST", "/webhooks", body);
      expect(status, field).toBe(422);
      const fields = Array.isArray(answer.detail)
        ? (answer.detail as { loc: string[] }[]).map(({ loc }) => loc.slice(1).join("."))
        : [answer.field];
      expect(fields).toEqual([field]);
    }
    const { webhook: made } = await webhook("https://example.com/hook");
    const taken = await gateway.api("POST", "/webhooks", { ...wanted, name: made.name });
    expect([taken.status, taken.body]).toMatchObject([409, { field: "name" }]);
  });

  test("is changed from the version that was read, and deleted with its deliveries", async () => {
    const { url } = await receiver();
    const { webhook: made } = await webhook(url);
    await tried(made.id);
    const ifMatch = { ...(await as(gateway, "admin@example.com")), "if-match": '"7"' };
    expect((await gateway.api("PUT", `/webhooks/${made.id}`, { name: "x" }, ifMatch)).status).toBe(412);
    expect(await ask("PUT", `/webhooks/${made.id}`, { events: [] })).toMatchObject({ events: [], version: 2 });
    await ask("DELETE", `/webhooks/${made.id}`);
    expect((await gateway.api("GET", `/webhooks/${made.id}`)).status).toBe(404);
    expect(await gateway.sql("SELECT id FROM webhook_deliveries WHERE webhook_id = ?", made.id)).toEqual([]);
    const audit = await gateway.sql("SELECT action, detail FROM audit WHERE target_id = ? ORDER BY id", made.id);
    expect((audit as { action: string }[]).map(({ action }) => action)).toEqual([
      "webhook.create",
      "webhook.update",
      "webhook.delete",
    ]);
    expect(JSON.stringify(audit)).not.toContain("/hook");
  });

  test("and its deliveries are listed by page, searched and filtered", async () => {
    const { url } = await receiver(500);
    const { webhook: made } = await webhook(url, { name: `zebra ${++count}`, enabled: false });
    for (let n = 0; n < 5; n++) await tried(made.id);
    const pages: Delivery[][] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const page: Listed = await ask<Listed>(
        "GET",
        `/webhooks/${made.id}/deliveries?limit=2${cursor && `&cursor=${cursor}`}`,
      );
      expect(page.total).toBe(5);
      pages.push(page.deliveries);
      cursor = page.nextCursor;
    }
    expect(pages.map((page) => page.length)).toEqual([2, 2, 1]);
    expect(new Set(pages.flat().map(({ id }) => id)).size).toBe(5);
    expect(await deliveries(made.id, "?status=failed")).toHaveLength(1);
    expect(await deliveries(made.id, "?status=delivered&event=test")).toHaveLength(4);
    expect(await deliveries(made.id, "?event=upstream.down")).toEqual([]);
    type Hooks = { webhooks: WebhookRead[]; nextCursor: string | null; total: number };
    const [found] = (await ask<Hooks>("GET", "/webhooks?q=zebra&enabled=false")).webhooks;
    expect(found?.recent.map(({ status }) => status)).toEqual([...Array(4).fill("delivered"), "failed"]);
    expect((await ask<Hooks>("GET", "/webhooks?q=zebra&enabled=true")).total).toBe(0);
    const first = await ask<Hooks>("GET", "/webhooks?limit=1");
    const second = await ask<Hooks>("GET", `/webhooks?limit=1&cursor=${first.nextCursor}`);
    expect(String(second.webhooks[0]?.name) > String(first.webhooks[0]?.name)).toBe(true);
    for (const path of ["/webhooks", `/webhooks/${made.id}/deliveries`])
      expect((await gateway.api("GET", `${path}?cursor=nonsense`)).status).toBe(422);
  });

  test("is nobody's business without the permission", async () => {
    const email = await addUser(gateway, `user${++count}@example.com`);
    const headers = await as(gateway, email);
    const { webhook: made } = await webhook("https://example.com/hook");
    for (const [method, path, body] of [
      ["GET", "/webhooks"],
      ["POST", "/webhooks", { name: "x", url: "https://example.com" }],
      ["GET", `/webhooks/${made.id}`],
      ["PUT", `/webhooks/${made.id}`, {}],
      ["DELETE", `/webhooks/${made.id}`],
      ["POST", `/webhooks/${made.id}/rotate`, {}],
      ["POST", `/webhooks/${made.id}/test`],
      ["GET", `/webhooks/${made.id}/deliveries`],
      ["POST", `/webhooks/${made.id}/deliveries/x/retry`],
    ] as const)
      expect((await gateway.api(method, path, body, headers)).status, `${method} ${path}`).toBe(403);
  });
});
