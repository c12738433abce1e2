// /requests: calls that went through, as those see them who may; and as they go through.
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { parseEvents } from "../../src/lib/sse.ts";
import type { Call } from "../../src/schemas/calls.ts";
import type { RequestList } from "../../src/schemas/requests.ts";
import { addTeam } from "../auth/teams.ts";
import { addUser, as } from "../auth/users.ts";
import { type Gateway, startGateway } from "../harness.ts";
import { modern } from "../wire.ts";

let gateway: Gateway;
/** Virtual servers: one that everybody sees, and one of each team. */
const places: Record<"open" | "red" | "blue", { url: string; serverId: string; gatewayId: string }> = {} as never;

beforeAll(async () => {
  gateway = await startGateway();
  for (const user of ["anna", "ben", "cleo", "dora"]) await addUser(gateway, `${user}@example.com`);
  await addTeam(gateway, "red", { "anna@example.com": "owner", "ben@example.com": "viewer" });
  await addTeam(gateway, "blue", { "cleo@example.com": "owner" });
  const ofTeam = (teamId: string) => ({ visibility: "team", teamId });
  places.open = await gateway.bundle("open", "builtin:sample");
  places.red = await gateway.bundle("red", "builtin:sample", ofTeam("red"), ofTeam("red"));
  places.blue = await gateway.bundle("blue", "builtin:sample", ofTeam("blue"), ofTeam("blue"));
  for (const [user, place] of [
    ["anna", "red"],
    ["ben", "red"],
    ["ben", "open"],
    ["cleo", "blue"],
    ["dora", "open"],
  ] as const)
    await call(place, "echo", `${user}@example.com`, `${user}-in-${place}`);
});
afterAll(() => gateway.dispose());

async function call(place: keyof typeof places, name: string, user = "admin@example.com", id?: string) {
  const { body, headers } = modern(1, "tools/call", { name, arguments: { message: "hi" } });
  const response = await fetch(places[place].url, {
    method: "POST",
    headers: { ...headers, ...(await as(gateway, user)), ...(id ? { "x-correlation-id": id } : {}) },
    body,
  });
  await response.text();
}

const list = async (query = "", user = "admin@example.com") =>
  (await gateway.api<RequestList>("GET", `/requests${query}`, undefined, await as(gateway, user))).body;
const ids = ({ requests }: { requests: readonly Call[] }) => requests.map(({ id }) => id);

describe("the request log", () => {
  test("has who, what, outcome, times, sizes and the correlation id, newest first, with names of places", async () => {
    const { requests, names, nextCursor, searchedUntil } = await list();
    expect(ids({ requests })).toEqual(["dora-in-open", "cleo-in-blue", "ben-in-open", "ben-in-red", "anna-in-red"]);
    expect(nextCursor).toBeNull();
    expect(searchedUntil).toBeLessThan(Date.now() - 86_400_000);
    expect(requests[0]).toMatchObject({
      method: "tools/call",
      kind: "tool",
      name: "echo",
      server: places.open.serverId,
      upstream: places.open.gatewayId,
      user: "dora@example.com",
      outcome: "ok",
      client: "wire 1",
      protocol: "2026-07-28",
    });
    expect(requests[0]?.at).toBeGreaterThan(Date.now() - 60_000);
    expect(requests[0]?.took).toBeGreaterThanOrEqual(0);
    expect(requests[0]?.bytesOut).toBeGreaterThan(10);
    for (const { serverId, gatewayId } of Object.values(places))
      expect([names[serverId], names[gatewayId]]).toEqual([expect.any(String), expect.any(String)]);
  });

  test("comes in pages that follow each other, whatever is added meanwhile", async () => {
    const before = ids(await list());
    const seen: string[] = [];
    for (let cursor: string | null = ""; cursor !== null; ) {
      const page: RequestList = await list(`?limit=2${cursor && `&cursor=${cursor}`}`);
      if (seen.length === 2) await call("open", "echo", "admin@example.com", "meanwhile");
      seen.push(...ids(page));
      cursor = page.nextCursor;
    }
    expect(seen).toEqual(before);
    expect(ids(await list("?limit=1"))).toEqual(["meanwhile"]);
  });

  test("is filtered; what does not fit is told by its field", async () => {
    await call("open", "nothing", "dora@example.com", "that-fails");
    expect(ids(await list("?errors_only=true"))).toEqual(["that-fails"]);
    expect(ids(await list("?user=dora@example.com&outcome=ok,timeout"))).toEqual(["dora-in-open"]);
    expect(ids(await list(`?server=${places.blue.serverId}`))).toEqual(["cleo-in-blue"]);
    expect(ids(await list("?request_id=ben-in-red"))).toEqual(["ben-in-red"]);
    expect(ids(await list("?q=CLEO@"))).toEqual(["cleo-in-blue"]);
    expect(ids(await list("?client=wire&name=nothing"))).toEqual(["that-fails"]);
    expect(ids(await list(`?until=${new Date(Date.now() - 3_600_000).toISOString()}`))).toEqual([]);
    for (const query of ["?outcome=fine", "?since=yesterday", "?cursor=abc", "?limit=0", "?kind=thing"])
      expect((await gateway.api("GET", `/requests${query}`)).status, query).toBe(422);
  });
});

describe("one request", () => {
  test("is found by its id, at once with its time; another's is as absent as one that never was", async () => {
    const [newest] = (await list("?request_id=cleo-in-blue")).requests as [Call];
    const one = async (query: string, user: string) =>
      await gateway.api<{ request: Call }>("GET", `/requests/${query}`, undefined, await as(gateway, user));
    for (const query of ["cleo-in-blue", `cleo-in-blue?at=${newest.at}`])
      expect((await one(query, "cleo@example.com")).body.request).toEqual(newest);
    const hidden = await one("cleo-in-blue", "anna@example.com");
    const absent = await one("cleo-in-pink", "anna@example.com");
    expect([hidden.status, absent.status]).toEqual([404, 404]);
    expect({ ...hidden.body, request_id: "" }).toEqual({ ...absent.body, request_id: "" });
    expect((await one(`cleo-in-blue?at=${newest.at - 1}`, "cleo@example.com")).status).toBe(404);
  });
});

describe("an export", () => {
  const exported = async (query: string, user = "admin@example.com") =>
    await (await fetch(`${gateway.url}/requests/export${query}`, { headers: await as(gateway, user) })).text();
  const lines = (text: string) => text.split("\n").filter(Boolean);

  test("has the very requests that the list has, with the same filters and for the same eyes", async () => {
    for (const [query, user] of [
      ["?limit=500", "admin@example.com"],
      ["?limit=500&user=ben@example.com&errors_only=false", "anna@example.com"],
      ["?limit=500&outcome=ok", "dora@example.com"],
    ] as const) {
      const { requests } = await list(query, user);
      const text = await exported(query.replace("limit=500", "format=ndjson"), user);
      expect(lines(text).map((line) => JSON.parse(line) as Call)).toEqual(requests);
      const csv = lines(await exported(query.replace("limit=500", "format=csv"), user));
      expect(csv.slice(1).map((line) => line.split(",")[0])).toEqual(ids({ requests }));
    }
  });
});

describe("saved filters", () => {
  interface Saved {
    readonly filters: readonly { id: string; name: string; query: string }[];
  }
  const mine = async (user: string) =>
    (await gateway.api<Saved>("GET", "/saved-filters?page=requests", undefined, await as(gateway, user))).body.filters;
  const keep = async (user: string, name: string, query: string) =>
    await gateway.api<{ id: string }>(
      "POST",
      "/saved-filters",
      { page: "requests", name, query },
      await as(gateway, user),
    );

  test("are one's own: nobody else lists or deletes them", async () => {
    const { body } = await keep("anna@example.com", "slow", "min_ms=1000");
    await keep("cleo@example.com", "slow", "min_ms=5000");
    expect(await mine("anna@example.com")).toMatchObject([{ name: "slow", query: "min_ms=1000" }]);
    const path = `/saved-filters/${body.id}`;
    const drop = async (user: string) => await gateway.api("DELETE", path, undefined, await as(gateway, user));
    expect((await drop("cleo@example.com")).status).toBe(404);
    expect(await mine("anna@example.com")).toHaveLength(1);
    expect((await drop("anna@example.com")).status).toBe(200);
    expect([await mine("anna@example.com"), (await mine("cleo@example.com")).length]).toEqual([[], 1]);
  });

  test("replace the one of that name, and are told what does not fit", async () => {
    for (const query of ["q=a", "q=b"]) await keep("ben@example.com", "mine", query);
    expect(await mine("ben@example.com")).toMatchObject([{ name: "mine", query: "q=b" }]);
    expect((await keep("ben@example.com", "", "")).status).toBe(422);
  });
});

describe("somebody sees", () => {
  test("their own calls, and those of others where they may read the log, but none of what they do not see", async () => {
    const seen = async (user: string) => ids(await list("", `${user}@example.com`)).filter((id) => id.includes("-in-"));
    expect(await seen("anna")).toEqual(["ben-in-red", "anna-in-red"]);
    expect(await seen("ben")).toEqual(["ben-in-open", "ben-in-red"]);
    expect(await seen("cleo")).toEqual(["cleo-in-blue"]);
    expect(await seen("dora")).toEqual(["dora-in-open"]);
    expect(ids(await list("?request_id=cleo-in-blue", "anna@example.com"))).toEqual([]);
  });

  test("nothing more of a place that was closed to them", async () => {
    await gateway.sql("DELETE FROM team_members WHERE team_id = 'red' AND user_email = 'ben@example.com'");
    await gateway.sql("UPDATE stamps SET version = version + 1 WHERE name = 'access'");
    await vi.waitFor(async () => expect(ids(await list("", "ben@example.com"))).toEqual(["ben-in-open"]), 15_000);
  });

  test("the names of those places only that they see", async () => {
    const { names } = await list("", "dora@example.com");
    expect(Object.values(names)).toEqual(["open", "open"]);
  });
});

/** Reads a tail: gives the events as they come. */
async function tail(query: string, user = "admin@example.com") {
  const stop = new AbortController();
  const response = await fetch(`${gateway.url}${query}`, { headers: await as(gateway, user), signal: stop.signal });
  expect([response.status, response.headers.get("content-type")]).toEqual([200, "text/event-stream"]);
  const events: { event: string | undefined; data: Record<string, unknown> }[] = [];
  const ended = (async () => {
    for await (const { event, data } of parseEvents(response.body as ReadableStream<Uint8Array>))
      events.push({ event, data: JSON.parse(data) as Record<string, unknown> });
  })();
  const close = async () => {
    stop.abort();
    await ended.catch(() => {}); // it fails with the abort
  };
  return { events, ended, close, ids: () => events.map(({ data }) => data.id) };
}

describe("the live tail", () => {
  test("shows each of 500 calls once, and none from before", async () => {
    const { events, ids: seen, close } = await tail("/requests/stream?max=1000&name=echo");
    const called = Array.from({ length: 500 }, (_, n) => `tailed-${n}`);
    for (let n = 0; n < 500; n += 10)
      await Promise.all(called.slice(n, n + 10).map((id) => call("open", "echo", "admin@example.com", id)));
    await vi.waitFor(() => expect(seen().length).toBeGreaterThanOrEqual(500), 10_000);
    await call("open", "echo", "admin@example.com", "the-last-one");
    await vi.waitFor(() => expect(seen()).toContain("the-last-one"), 10_000);
    expect(events.map(({ event }) => event)).not.toContain("more");
    expect(seen().toSorted()).toEqual([...called, "the-last-one"].toSorted());
    await close();
  }, 60_000);

  test("says how many it left out when too many come at once", async () => {
    const { events, close } = await tail("/requests/stream?max=3");
    await Promise.all(Array.from({ length: 10 }, () => call("open", "echo")));
    const told = () =>
      events.reduce((sum, { event, data }) => sum + (event === "more" ? (data.count as number) : 1), 0);
    await vi.waitFor(() => expect(told()).toBe(10), 10_000);
    expect(events.filter(({ event }) => event === "call").length).toBeLessThan(10);
    await close();
  });

  test("shows only what its reader sees, filtered", async () => {
    const { ids: seen, close } = await tail("/requests/stream?kind=tool", "anna@example.com");
    await call("blue", "echo", "cleo@example.com", "not-for-anna");
    await call("open", "echo", "dora@example.com", "nor-this-one");
    await call("red", "echo", "admin@example.com", "in-her-team");
    await vi.waitFor(() => expect(seen()).toEqual(["in-her-team"]), 10_000);
    await close();
  });

  test("ends with its time, and with its reader's right to be there", async () => {
    await (await tail("/requests/stream?seconds=1")).ended;
    const { ended } = await tail("/requests/stream", "dora@example.com");
    await gateway.sql("UPDATE users SET is_active = 0 WHERE email = 'dora@example.com'");
    await gateway.sql("UPDATE stamps SET version = version + 1 WHERE name = 'access'");
    await ended;
  });
});

describe("a request that came to nothing is recorded as what it is", () => {
  const found = async (query: string) => (await list(query)).requests;

  test("refused at the door of a virtual server, with its id; at a made-up one, without", async () => {
    await call("blue", "echo", "anna@example.com", "door-unseen");
    const { body, headers } = modern(1, "tools/list");
    const at = async (url: string, id: string) =>
      void (await fetch(url, { method: "POST", headers: { ...headers, "x-correlation-id": id }, body }));
    await at(places.blue.url, "door-nobody");
    await at(places.blue.url.replace(places.blue.serverId, "f".repeat(32)), "door-made-up");
    for (const [id, server, error] of [
      ["door-unseen", places.blue.serverId, "not_found"],
      ["door-nobody", places.blue.serverId, "unauthorized"],
      ["door-made-up", "", "unauthorized"],
    ])
      expect(await found(`?request_id=${id}`)).toMatchObject([{ outcome: "denied", server, error }]);
  });
});

test("a call over a limit is recorded as limited, with its virtual server", async () => {
  const made = await gateway.api<{ access_token: string }>("POST", "/tokens", {
    name: "twice an hour",
    scope: { usage_limits: { requests_per_hour: 2 } },
  });
  expect(made.status).toBe(201);
  const { body, headers } = modern(1, "tools/call", { name: "echo", arguments: { message: "hi" } });
  const ask = async (id: string) => {
    const own = { authorization: `Bearer ${made.body.access_token}`, "x-correlation-id": id };
    const answer = await fetch(places.open.url, { method: "POST", headers: { ...headers, ...own }, body });
    await answer.text();
    return answer.status;
  };
  expect([await ask("within-1"), await ask("within-2"), await ask("over-limit")]).toEqual([200, 200, 429]);
  expect((await list("?outcome=limited")).requests).toMatchObject([
    { id: "over-limit", outcome: "limited", error: "too_many_requests", server: places.open.serverId },
  ]);
});

describe("payloads", () => {
  const SECRET = "hunter2-is-my-secret";
  const asked = async (place: string, id: string, more: object = {}) => {
    const given = { message: `Bearer ${SECRET} eyJhbGciOiJIUzI1NiJ9.${SECRET}.x`, password: SECRET, ...more };
    const { body, headers } = modern(1, "tools/call", { name: "echo", arguments: given });
    const own = { ...(await as(gateway, "admin@example.com")), "x-correlation-id": id };
    await (await fetch(place, { method: "POST", headers: { ...headers, ...own }, body })).text();
  };
  interface Detail {
    readonly payload: { mode: string; request: string; response: string; cut: boolean } | null;
  }
  const read = async (id: string, user = "admin@example.com") =>
    (await gateway.api<Detail>("GET", `/requests/${id}`, undefined, await as(gateway, user))).body;
  const views = async () => await gateway.sql("SELECT target_id FROM audit WHERE action = 'payload.read'");
  const set = async (serverId: string, payloads: string) =>
    await gateway.api<{ payloads: string; payloadDays: number }>("PUT", `/servers/${serverId}`, {
      payloads,
      payload_days: 3,
    });

  test("are kept when switched on, shown to those who may inspect the log, and each look is told in the trail", async () => {
    const { url, serverId } = places.red;
    await asked(url, "payload-off");
    expect((await read("payload-off")).payload).toBeNull();
    expect((await set(serverId, "full")).body).toMatchObject({ payloads: "full", payloadDays: 3 });
    await asked(url, "payload-full");
    expect((await read("payload-full", "anna@example.com")).payload).toMatchObject({
      mode: "full",
      request: expect.stringContaining(SECRET),
      response: expect.stringContaining(SECRET),
      cut: false,
    });
    expect(await views()).toEqual([{ target_id: "payload-full" }]);
    await gateway.sql("UPDATE team_members SET role = 'member' WHERE user_email = 'anna@example.com'");
    await gateway.sql("UPDATE stamps SET version = version + 1 WHERE name = 'access'");
    await vi.waitFor(async () => expect((await read("payload-full", "anna@example.com")).payload).toBeNull(), 15_000);
    const [{ expires_at: expires } = {}] = (await gateway.sql("SELECT expires_at FROM call_payloads")) as {
      expires_at?: number;
    }[];
    expect(expires).toBeGreaterThan(Date.now() / 1000 + 2.9 * 86_400);
    expect((await set(serverId, "most")).status).toBe(422);
  });

  test("are of the very call, also where a client gives the same id to several", async () => {
    const { url, serverId } = places.red;
    await set(serverId, "full");
    for (const note of ["first", "second"]) await asked(url, "payload-same", { note });
    const { requests } = await list("?request_id=payload-same");
    const read = requests.map(({ at }) => gateway.api<Detail>("GET", `/requests/payload-same?at=${at}`));
    const notes = (await Promise.all(read)).map(({ body }) => JSON.parse(body.payload?.request ?? "{}").arguments.note);
    expect(notes).toEqual(["second", "first"]);
  });

  test("redacted, hold no secret of the arguments or of the answer, and what is too large is cut", async () => {
    await gateway.sql("DELETE FROM call_payloads");
    await set(places.red.serverId, "redacted");
    await asked(places.red.url, "payload-redacted", { nested: [{ apiKey: SECRET }], note: `{"token":"${SECRET}"}` });
    await asked(places.red.url, "payload-large", { filler: "x".repeat(100_000) });
    const { payload } = await read("payload-redacted");
    expect(payload).toMatchObject({ mode: "redacted", cut: false });
    expect(payload?.request).toContain('"name":"echo"');
    expect(payload?.request).toContain("[redacted]");
    expect(JSON.stringify(payload)).not.toContain(SECRET);
    const large = (await read("payload-large")).payload;
    expect([large?.cut, large?.request.length]).toEqual([true, 64 * 1024]);
    const rows = (await gateway.sql("SELECT data FROM call_payloads")) as { data: string }[];
    expect(rows.length).toBeGreaterThan(0);
    for (const { data } of rows) expect(gunzipSync(Buffer.from(data, "base64")).toString()).not.toContain(SECRET);
  });
});
