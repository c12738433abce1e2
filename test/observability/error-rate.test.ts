// Error rates: what counts as one, when it is too high, and that it is told of once until it has been better.
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { deskOf } from "../../src/catalog/change.ts";
import { createUpstream } from "../../src/catalog/upstreams.ts";
import { tables } from "../../src/db/client.ts";
import { newId } from "../../src/lib/ids.ts";
import { alertErrorRates, ratesIn, verdict } from "../../src/observability/error-rate.ts";
import { Sums } from "../../src/observability/sums.ts";
import type { Outcome } from "../../src/schemas/calls.ts";
import { aCall } from "../calls.ts";
import { anUpstream } from "../catalog/upstream-row.ts";

const THRESHOLD = { rate: 0.25, minCalls: 20, minutes: 5 };
const author = { email: "admin@example.com", requestId: "r", ip: null, via: "api", userAgent: null };
const store = { d1: env.DB, kv: env.VIEWS, waitUntil: () => {} };
const desk = deskOf(store, author, { name: "Causeway", url: null });

const sumsOf = (...calls: [upstream: string, outcome: Outcome][]): Sums => {
  const sums = new Sums();
  for (const [upstream, outcome] of calls) sums.count(aCall({ upstream, outcome }));
  return sums;
};

describe("a rate", () => {
  it("is of calls that reached the upstream, over all the minutes", () => {
    const minutes = [
      sumsOf(["a", "ok"], ["a", "ok"], ["a", "timeout"], ["b", "ok"], ["", "gateway_error"]),
      sumsOf(["a", "tool_error"], ["a", "denied"], ["a", "limited"], ["b", "upstream_error"], ["b", "rpc_error"]),
    ];
    expect(ratesIn(minutes)).toEqual([
      { upstreamId: "a", calls: 4, errors: 2 },
      { upstreamId: "b", calls: 3, errors: 2 },
    ]);
  });

  it("is high from the threshold on, if there are calls enough to tell", () => {
    const of = (calls: number, errors: number) => verdict({ upstreamId: "a", calls, errors }, THRESHOLD);
    expect([of(20, 5), of(20, 20), of(1000, 250)]).toEqual(["high", "high", "high"]);
    expect([of(20, 4), of(1000, 249), of(0, 0), of(3, 0)]).toEqual(["fine", "fine", "fine", "fine"]);
    expect([of(19, 19), of(1, 1)]).toEqual(["unknown", "unknown"]);
  });
});

describe("an alert", () => {
  let id: string;
  beforeEach(async () => {
    await env.DB.batch(["webhooks", "upkeep", "upstreams"].map((table) => env.DB.prepare(`DELETE FROM ${table}`)));
    const row = anUpstream("flaky");
    id = row.id;
    await createUpstream(desk, row, { tools: [], prompts: [], resources: [], templates: [] });
    const now = new Date().toISOString();
    const about = { name: "hook", url: "https://example.com/", createdBy: "x", createdAt: now, updatedAt: now };
    await desk.db.insert(tables.webhooks).values({ id: newId(), secretSealed: "x", ...about });
  });
  const look = (calls: number, errors: number) => alertErrorRates(desk, [{ upstreamId: id, calls, errors }], THRESHOLD);
  const told = async () =>
    (await desk.db.select().from(tables.webhookDeliveries)).map(({ body }) => JSON.parse(body).data as object);

  it("is told once while the rate stays high, also while there are too few calls to tell", async () => {
    await look(40, 20);
    await look(60, 40);
    await look(5, 5);
    await look(60, 40);
    expect(await told()).toEqual([
      { upstream: { id, name: "flaky" }, calls: 40, errors: 20, rate: 0.5, threshold: 0.25, window_minutes: 5 },
    ]);
  });

  it("is told again after the rate has been better, or there were no calls", async () => {
    await look(40, 20);
    await look(40, 1);
    await look(40, 30);
    await alertErrorRates(desk, [], THRESHOLD);
    await look(40, 40);
    expect((await told()).map((data) => (data as { errors: number }).errors).sort()).toEqual([20, 30, 40]);
  });

  it("is told once by runs at the same time", async () => {
    await Promise.all([look(40, 20), look(40, 20), look(40, 20)]);
    expect(await told()).toHaveLength(1);
  });

  it("leaves the work of others alone", async () => {
    await desk.db.insert(tables.upkeep).values({ task: "rollups", version: 3 });
    await alertErrorRates(desk, [], THRESHOLD);
    expect(await desk.db.select().from(tables.upkeep)).toEqual([{ task: "rollups", version: 3 }]);
  });
});
