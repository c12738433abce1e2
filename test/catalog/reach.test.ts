// An upstream that goes away or comes back is told of by the one change that turns it, whoever finds out at the same time.
import { env } from "cloudflare:workers";
import { eq } from "drizzle-orm";
import { expect, it } from "vitest";
import { deskOf } from "../../src/catalog/change.ts";
import { tellDown, tellUp } from "../../src/catalog/reach.ts";
import { createUpstream } from "../../src/catalog/upstreams.ts";
import { tables } from "../../src/db/client.ts";
import { newId } from "../../src/lib/ids.ts";
import { anUpstream } from "./upstream-row.ts";

const author = { email: "admin@example.com", requestId: "r", ip: null, via: "api", userAgent: null };
const store = { d1: env.DB, kv: env.VIEWS, waitUntil: () => {} };
const desk = deskOf(store, author, { name: "Causeway", url: null });
const { upstreams, webhooks, webhookDeliveries } = tables;

it("only what turns it is told", async () => {
  const row = anUpstream("turning");
  await createUpstream(desk, row, { tools: [], prompts: [], resources: [], templates: [] });
  const [id, now] = [newId(), new Date().toISOString()];
  const about = { name: id, url: "https://example.com/", createdBy: author.email, createdAt: now, updatedAt: now };
  await desk.db.insert(webhooks).values({ id, secretSealed: "x", ...about });
  const set = (reachable: boolean) => desk.db.update(upstreams).set({ reachable }).where(eq(upstreams.id, row.id));
  const fails = () => desk.db.batch([tellDown(desk, row, "It is gone"), set(false)]);
  const answers = () => desk.db.batch([tellUp(desk, row), set(true)]);
  await answers();
  await Promise.all([fails(), fails(), fails()]);
  await fails();
  await Promise.all([answers(), answers()]);
  await fails();
  const told = await desk.db.select().from(webhookDeliveries);
  expect(told.map(({ event }) => event).sort()).toEqual(["upstream.down", "upstream.down", "upstream.up"]);
});
