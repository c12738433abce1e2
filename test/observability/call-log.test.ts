// The request log: a search finds what a plain look at every call would, a bounded piece of work at a time, and opens no
// segment whose sums say that there is nothing in it.
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import type { Eyes } from "../../src/observability/call-filter.ts";
import { BOUNDS, type Found, type Place, search } from "../../src/observability/call-log.ts";
import { isTaken, lineOf, Segment } from "../../src/observability/segments.ts";
import { type Call, OUTCOMES } from "../../src/schemas/calls.ts";
import type { RequestFilter } from "../../src/schemas/requests.ts";
import { aCall } from "../calls.ts";
import { counted } from "../counting.ts";
import { bindings } from "../inside.ts";

const { DB } = bindings();
const MINUTE = 60_000;
const CALLS = 20_000;
const MINUTES = 300;
const NEWEST = Math.floor(Date.now() / MINUTE) * MINUTE;

const USERS = ["ada@example.com", "bob@example.com", "eve@example.com"];
const outcomes = Object.keys(OUTCOMES) as (keyof typeof OUTCOMES)[];

/** The nth call: what it is of, who made it and what came of it repeat with different periods. */
function nth(n: number): Call {
  const failed = n % 7 === 0;
  return aCall({
    id: `request-${n}`,
    at: NEWEST - Math.floor((MINUTES * MINUTE * (CALLS - n)) / CALLS),
    method: n % 11 === 0 ? "prompts/get" : "tools/call",
    kind: n % 11 === 0 ? "prompt" : "tool",
    target: `t${n % 13}`,
    name: `tool ${n % 13}`,
    server: n % 5 === 0 ? "" : `s${Math.floor(n / 1000) % 4}`,
    upstream: `u${n % 3}`,
    user: USERS[Math.floor(n / 700) % 3] ?? "",
    token: n % 4 === 0 ? "token" : "",
    client: n % 2 === 0 ? "claude 1" : "other 2",
    outcome: failed ? (outcomes[1 + (Math.floor(n / 7) % (outcomes.length - 1))] ?? "ok") : "ok",
    error: failed ? "upstream_timeout" : "",
    message: failed ? `It FAILED ${n % 17}` : "",
    took: n % 997,
  });
}

const all = Array.from({ length: CALLS }, (_, n) => nth(n));

/** Writes calls as isolates do that answered them: two of them, by turns, each with a segment a minute. */
async function write(calls: readonly Call[]): Promise<void> {
  for (const [minute, within] of Map.groupBy(calls, ({ at }) => Math.floor(at / MINUTE) * MINUTE)) {
    for (const isolate of ["one", "two"]) {
      const segment = new Segment(isolate, minute);
      const own = within.filter((_, at) => at % 2 === (isolate === "one" ? 0 : 1));
      for (let at = 0; at < own.length; at += 20) {
        const part = own.slice(at, at + 20);
        expect(await isTaken(DB, segment.with(part, await lineOf(part)))).toBe(true);
      }
    }
  }
}

beforeAll(() => write(all), 60_000);

const OLDEST = NEWEST - 2 * MINUTES * MINUTE;
const EVERYTHING: Eyes = "everything";

/** All that a search finds, page by page, with the work of each. */
async function pages(filter: RequestFilter, eyes = EVERYTHING, limit = 500): Promise<Found[]> {
  const found: Found[] = [];
  for (let from: Place | undefined; ; ) {
    const page = await search(DB, { filter, eyes, limit, from, oldest: OLDEST });
    found.push(page);
    if (!page.next) return found;
    from = page.next;
  }
}
const ids = (calls: readonly Call[]) => calls.map(({ id }) => id).sort();

const some = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 2 });
const moment = fc.integer({ min: -10, max: MINUTES + 10 }).map((m) => new Date(NEWEST - m * 61_234).toISOString());
const filters: fc.Arbitrary<RequestFilter> = fc.record({
  since: some(moment),
  until: some(moment),
  outcome: some(fc.subarray(outcomes, { minLength: 1 })),
  errors_only: some(fc.boolean()),
  error: some(fc.constantFrom("upstream_timeout", "none")),
  method: some(fc.constantFrom("tools/call", "prompts/get")),
  kind: some(fc.subarray(["tool", "prompt", "agent"])),
  target: some(fc.constantFrom("t1", "t12", "nothing")),
  name: some(fc.constantFrom("tool 1", "tool 12")),
  server: some(fc.constantFrom("s0", "s3", "")),
  upstream: some(fc.constantFrom("u0", "u2")),
  client: some(fc.constantFrom("claude", "other 2", "laude")),
  token: some(fc.constantFrom("token", "other")),
  user: some(fc.constantFrom(...USERS)),
  request_id: some(fc.constantFrom("request-0", "request-777", "request-19999")),
  min_ms: some(fc.constantFrom(0, 500, 996)),
  max_ms: some(fc.constantFrom(0, 500, 996)),
  q: some(fc.constantFrom("failed 1", "TOOL", "ada@", "%", "call tool 1", "1: it")),
});

/** The same, as anybody would write it down. */
const plain = (filter: RequestFilter, call: Call): boolean => {
  const { since, until, outcome, errors_only, kind, client, min_ms, max_ms, q, request_id, ...exact } = filter;
  if (since !== undefined && call.at < Date.parse(since)) return false;
  if (until !== undefined && call.at >= Date.parse(until)) return false;
  if (outcome && !outcome.includes(call.outcome)) return false;
  if (kind && !kind.includes(call.kind)) return false;
  if (errors_only && call.outcome === "ok") return false;
  if (client !== undefined && call.client.indexOf(client) !== 0) return false;
  if (min_ms !== undefined && call.took < min_ms) return false;
  if (max_ms !== undefined && call.took > max_ms) return false;
  if (request_id !== undefined && call.id !== request_id) return false;
  const said = `${call.method} ${call.name}${call.message ? `: ${call.message}` : ""}`;
  const text = `${said}\n${call.user}`.toLowerCase();
  if (q !== undefined && !text.includes(q.toLowerCase())) return false;
  return Object.entries(exact).every(([key, value]) => value === undefined || call[key as keyof Call] === value);
};

describe("a search", () => {
  it("finds exactly what a look at every call finds, each once, whatever is asked for", async () => {
    await fc.assert(
      fc.asyncProperty(filters, async (filter) => {
        const found = (await pages(filter)).flatMap(({ calls }) => calls);
        expect(ids(found)).toEqual(ids(all.filter((call) => plain(filter, call))));
      }),
      { numRuns: 40 },
    );
  }, 120_000);

  it("gives the newest minute first, and goes on after its last call", async () => {
    const found = (await pages({}, EVERYTHING, 333)).flatMap(({ calls }) => calls);
    expect(ids(found)).toEqual(ids(all));
    const minutes = found.map(({ at }) => Math.floor(at / MINUTE));
    expect(minutes).toEqual(minutes.toSorted((one, other) => other - one));
  });

  it("shows nobody what they do not see: others' calls, hidden servers and tools, hidden gateways' ids", async () => {
    const eyes: Eyes = {
      user: "ada@example.com",
      sees: new Set(["", "s0", "s1", "t1", "t2", "u0"]),
      reads: new Set(["s1", "t1"]),
    };
    const found = (await pages({}, eyes)).flatMap(({ calls }) => calls);
    const mine = all.filter(
      ({ server, target, user }) =>
        ["", "s0", "s1"].includes(server) &&
        ["t1", "t2"].includes(target) &&
        (user === "ada@example.com" || ["s1", "t1"].includes(server || target)),
    );
    expect(ids(found)).toEqual(ids(mine));
    expect(new Set(found.map(({ upstream }) => upstream))).toEqual(new Set(["", "u0"]));
    const hidden = (await pages({ upstream: "u1" }, eyes)).flatMap(({ calls }) => calls);
    expect(hidden).toEqual([]);
  });

  it("reads no more calls than its bound in one go, and says how far it came", async () => {
    const early = (await pages({ request_id: "request-0" })).map(({ searchedUntil }) => searchedUntil);
    const unseen: Eyes = { user: "nobody@example.com", sees: new Set([""]), reads: new Set() };
    expect(early.length).toBeGreaterThanOrEqual(Math.floor(CALLS / BOUNDS.calls));
    expect(early).toEqual(early.toSorted((one, other) => other - one));
    expect(await pages({}, unseen)).toHaveLength(1);
  });

  it("opens no segment in which nothing can be, and asks the database a handful of times", async () => {
    const watched = counted(bindings());
    const from = { filter: { user: "nobody@example.com" }, eyes: EVERYTHING, limit: 50, oldest: OLDEST };
    await search(watched.bindings.DB, { ...from, from: undefined });
    expect(watched.operations.length).toBeLessThanOrEqual(1 + (2 * MINUTES) / BOUNDS.atOnce);
    watched.operations.length = 0;
    const call = all[100] as Call;
    const since = new Date(call.at).toISOString();
    const until = new Date(call.at + 1).toISOString();
    const { calls } = await search(watched.bindings.DB, {
      ...from,
      filter: { request_id: call.id, since, until },
      from: undefined,
    });
    expect(ids(calls)).toEqual([call.id]);
    expect(watched.operations.length).toBeLessThanOrEqual(3);
  });
});
