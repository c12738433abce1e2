// Managing API tokens: made, listed, changed, rotated and revoked by people; never more than their maker may; each change
// in the audit trail, without a secret.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { addUser, as } from "../auth/users.ts";
import { type Gateway, startGateway } from "../harness.ts";

let gateway: Gateway;
const ANN = "ann@example.com";
const BOB = "bob@example.com";
let ann: Record<string, string>;
let bob: Record<string, string>;

interface Token {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly version: number;
  readonly [field: string]: unknown;
}
interface Made {
  readonly token: Token;
  readonly access_token: string;
}
interface Problem {
  readonly detail: string | { loc: (string | number)[]; msg: string }[];
  readonly code: string;
}

beforeAll(async () => {
  gateway = await startGateway({ AUTH_LIMITS_ENABLED: "false" });
  await addUser(gateway, ANN);
  await addUser(gateway, BOB);
  ann = await as(gateway, ANN);
  bob = await as(gateway, BOB);
  await gateway.api("POST", "/servers", { id: "open-to-all", name: "public one" });
  await gateway.api("POST", "/servers", { id: "hidden", name: "admin's", visibility: "private" });
  const now = "2026-01-01T00:00:00.000Z";
  for (const id of ["ours", "theirs"])
    await gateway.sql(
      "INSERT INTO teams (id, name, slug, created_by, created_at, updated_at) VALUES (?1, ?1, ?1, 'x', ?2, ?2)",
      id,
      now,
    );
  for (const [email, role] of [
    [ANN, "owner"],
    [BOB, "member"],
  ])
    await gateway.sql(
      "INSERT INTO team_members (team_id, user_email, role, joined_at) VALUES ('ours', ?, ?, ?)",
      email,
      role,
      now,
    );
  await gateway.sql("UPDATE stamps SET version = version + 1 WHERE name = 'access'");
});
afterAll(() => gateway.dispose());

let names = 0;
const make = async (body: object = {}, headers = ann): Promise<Made> => {
  const answer = await gateway.api<Made>("POST", "/tokens", { name: `token ${++names}`, ...body }, headers);
  expect([answer.status, answer.body]).toEqual([201, expect.objectContaining({ access_token: expect.anything() })]);
  return answer.body;
};
const present = (secret: string) => ({ authorization: `Bearer ${secret}`, "content-type": "application/json" });
const works = async (secret: string): Promise<number> =>
  (await gateway.api("GET", "/servers", undefined, present(secret))).status;
const refused = async (body: object, headers = ann) => {
  const answer = await gateway.api<Problem>("POST", "/tokens", { name: `token ${++names}`, ...body }, headers);
  return [answer.status, answer.body] as const;
};

describe("making a token", () => {
  test("answers its secret once, and keeps only the digest", async () => {
    const { token, access_token } = await make({ description: "for the build", tags: ["CI"], expires_in_days: 30 });
    expect(access_token).toMatch(/^cwt_[\w-]{43}$/);
    expect(token).toMatchObject({
      user_email: ANN,
      description: "for the build",
      tags: ["ci"],
      prefix: access_token.slice(0, 12),
      status: "active",
      is_active: true,
      is_revoked: false,
      last_used: null,
      resource_scopes: [],
      server_id: null,
    });
    expect(Date.parse(String(token.expires_at)) - Date.now()).toBeGreaterThan(29 * 24 * 3600_000);
    expect(await works(access_token)).toBe(200);
    const shown = await gateway.api("GET", `/tokens/${token.id}`, undefined, ann);
    expect(JSON.stringify(shown.body)).not.toContain(access_token);
    const digest = Buffer.from(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(access_token))).toString(
      "base64url",
    );
    expect(await gateway.sql("SELECT hash FROM api_tokens WHERE id = ?", token.id)).toEqual([{ hash: digest }]);
    const secret = access_token.slice(12);
    for (const table of ["api_tokens", "audit", "revocations"])
      expect(JSON.stringify(await gateway.sql(`SELECT * FROM ${table}`)), table).not.toContain(secret);
  });

  test("refuses a second of the same name while the first is in use, also when both are made at once", async () => {
    const { token } = await make({ name: "twice" });
    expect(await refused({ name: "twice" })).toEqual([409, expect.objectContaining({ code: "conflict" })]);
    expect((await make({ name: "twice" }, bob)).token.user_email).toBe(BOB);
    await gateway.api("DELETE", `/tokens/${token.id}`, undefined, ann);
    const many = await Promise.all(Array.from({ length: 6 }, () => refused({ name: "twice" })));
    expect(many.map(([status]) => status).sort()).toEqual([201, 409, 409, 409, 409, 409]);
  });

  test.each<[string, object, (string | number)[], string]>([
    [
      "a permission its maker lacks",
      { permissions: ["tools.read", "users.create"] },
      ["permissions", 1],
      "users.create",
    ],
    ["all permissions, from one who has not", { permissions: ["*"] }, ["permissions", 0], "which you don't have"],
    ["all of a noun, from one who has not", { permissions: ["users.*"] }, ["permissions", 0], "users.read"],
    ["a permission nobody knows", { permissions: ["tools.fly"] }, ["permissions", 0], "tools.fly"],
    ["a permission for people", { permissions: ["tokens.create"] }, ["permissions", 0], "no token has it"],
    ["an address that is none", { ip_restrictions: ["10.0.0.0/8", "10.0.0/24"] }, ["ip_restrictions", 1], "10.0.0/24"],
    ["a range that is too long", { ip_restrictions: ["10.0.0.0/33"] }, ["ip_restrictions", 0], "10.0.0.0/33"],
    ["an address in octal", { ip_restrictions: ["010.0.0.1"] }, ["ip_restrictions", 0], "010.0.0.1"],
    ["a zone on an address", { ip_restrictions: ["fe80::1%eth0"] }, ["ip_restrictions", 0], "fe80::1%eth0"],
    [
      "a time zone that is none",
      { time_restrictions: { timezone: "Mars/Base" } },
      ["time_restrictions", "timezone"],
      "Mars",
    ],
    [
      "an offset as a time zone",
      { time_restrictions: { timezone: "+02:00" } },
      ["time_restrictions", "timezone"],
      "+02:00",
    ],
    [
      "a window of no length",
      { time_restrictions: { start: "09:00", end: "09:00" } },
      ["time_restrictions", "end"],
      "differ",
    ],
    ["tools of no virtual server", { tools: ["echo"] }, ["tools"], "server_ids"],
  ])("refuses %s, naming it", async (_what, scope, at, why) => {
    const [status, body] = await refused({ scope });
    expect([status, body.detail]).toEqual([
      422,
      [expect.objectContaining({ loc: ["body", "scope", ...at], msg: expect.stringContaining(why) })],
    ]);
  });

  test("refuses an hour that is none, a limit of nothing, and what it does not know", async () => {
    for (const scope of [
      { time_restrictions: { start: "25:00" } },
      { usage_limits: { requests_per_hour: 0 } },
      { read_only: true },
    ])
      expect((await refused({ scope }))[0]).toBe(422);
  });

  test("answers a hidden virtual server, and a team one is not in, like made-up ones", async () => {
    const withoutId = ([status, { detail, code }]: readonly [number, Problem]) => [status, detail, code];
    const server = (id: string) => refused({ scope: { server_ids: ["open-to-all", id] } });
    expect(withoutId(await server("hidden"))).toEqual([404, "Server not found", "not_found"]);
    expect(withoutId(await server("made-up"))).toEqual(withoutId(await server("hidden")));
    const team = (team_id: string) => refused({ team_id });
    expect(withoutId(await team("theirs"))).toEqual([404, "Team not found", "not_found"]);
    expect(withoutId(await team("made-up"))).toEqual(withoutId(await team("theirs")));
  });

  test("stores what it is given, in full", async () => {
    const { token } = await make({
      team_id: "ours",
      scope: {
        server_id: "open-to-all",
        tools: ["echo"],
        permissions: ["servers.use", "tools.execute"],
        ip_restrictions: ["10.0.0.0/8", "2001:db8::/32"],
        time_restrictions: { days: ["Mon", 2], start: "08:00", end: "18:00", timezone: "Europe/Zurich" },
        usage_limits: { requests_per_hour: 10 },
      },
    });
    expect(token).toMatchObject({
      team_id: "ours",
      server_id: "open-to-all",
      server_ids: ["open-to-all"],
      tools: ["echo"],
      resource_scopes: ["servers.use", "tools.execute"],
      ip_restrictions: ["10.0.0.0/8", "2001:db8::/32"],
      time_restrictions: { days: [1, 2], start: "08:00", end: "18:00", timezone: "Europe/Zurich" },
      usage_limits: { requests_per_hour: 10, requests_per_day: null },
    });
  });
});

describe("who manages tokens", () => {
  const SENTENCE =
    "Token management requires an interactive session (JWT from web login or SSO). API tokens cannot create, list, or revoke other tokens.";

  test("no API token, however broad: ContextForge's sentence, on every route", async () => {
    const { token, access_token } = await make({ scope: { permissions: ["*"] } }, await as(gateway, "admin"));
    const { id } = token;
    for (const [method, path, body] of [
      ["GET", "/tokens"],
      ["GET", `/tokens/${id}`],
      ["GET", `/tokens/${id}/usage`],
      ["GET", "/tokens/teams/ours"],
      ["GET", "/v1/tokens/admin/all"],
      ["POST", "/tokens", { name: "another" }],
      ["PUT", `/tokens/${id}`, { name: "another" }],
      ["POST", `/tokens/${id}/rotate`, {}],
      ["POST", `/tokens/${id}/revoke`, {}],
      ["DELETE", `/tokens/${id}`],
      ["DELETE", `/tokens/admin/${id}`],
    ] as const) {
      const { status, body: refusal } = await gateway.api<Problem>(method, path, body, present(access_token));
      expect([status, refusal.detail], `${method} ${path}`).toEqual([403, SENTENCE]);
    }
  });

  test("no JWT that is itself narrowed", async () => {
    const narrowed = present(await gateway.token({ subject: ANN, serverId: "open-to-all" }));
    expect((await refused({}, narrowed))[0]).toBe(403);
  });

  test("nobody else's: they answer like made-up ones", async () => {
    const { token, access_token } = await make();
    for (const [method, path, body] of [
      ["GET", ""],
      ["GET", "/usage"],
      ["PUT", "", { name: "mine" }],
      ["POST", "/rotate", {}],
      ["POST", "/revoke", {}],
      ["DELETE", ""],
    ] as const) {
      const there = await gateway.api<Problem>(method, `/tokens/${token.id}${path}`, body, bob);
      const nowhere = await gateway.api<Problem>(method, `/tokens/made-up${path}`, body, bob);
      expect([there.status, there.body.detail], `${method} ${path}`).toEqual([404, "Token not found"]);
      expect([there.status, there.body.detail]).toEqual([nowhere.status, nowhere.body.detail]);
    }
    expect(await works(access_token)).toBe(200);
  });

  test("the administrator lists everybody's and revokes any; others may not", async () => {
    const { token, access_token } = await make({ name: "somebody's own" });
    const all = await gateway.api<{ tokens: Token[] }>("GET", "/tokens/admin/all?q=somebody's");
    expect(all.body.tokens.map(({ id }) => id)).toEqual([token.id]);
    expect((await gateway.api("GET", "/tokens/admin/all", undefined, bob)).status).toBe(403);
    expect((await gateway.api("GET", `/tokens/admin/${token.id}`, undefined, bob)).status).toBe(403);
    expect((await gateway.api("DELETE", `/tokens/admin/${token.id}`, undefined, bob)).status).toBe(403);
    expect((await gateway.api("GET", `/tokens/admin/${token.id}`)).body).toMatchObject({ id: token.id });
    expect(await works(access_token)).toBe(200);
    expect((await gateway.api("DELETE", `/tokens/admin/${token.id}`, { reason: "leaked" })).status).toBe(204);
    expect(await works(access_token)).toBe(401);
    const mine = await gateway.api<Token>("GET", `/tokens/${token.id}`, undefined, ann);
    expect(mine.body).toMatchObject({
      revocation_reason: "leaked",
      revoked_by: "admin@example.com",
      status: "revoked",
    });
  });

  test("an owner of a team sees the team's; a member and outsiders do not", async () => {
    const { token } = await make({ team_id: "ours" }, bob);
    const path = "/tokens/teams/ours";
    const { body } = await gateway.api<{ tokens: Token[] }>("GET", path, undefined, ann);
    expect(body.tokens.map(({ id }) => id)).toContain(token.id);
    expect((await gateway.api("GET", path, undefined, bob)).status).toBe(403);
    expect((await gateway.api("GET", "/tokens/teams/theirs", undefined, ann)).status).toBe(404);
  });
});

describe("a list of tokens", () => {
  test("shows one's own, the newest first, searched, filtered and in pages", async () => {
    const eve = await as(gateway, await addUser(gateway, "eve@example.com"));
    const made: string[] = [];
    for (const name of ["red one", "red two", "blue"]) made.unshift((await make({ name }, eve)).token.id);
    await gateway.api("PUT", `/tokens/${made[0]}`, { is_active: false }, eve);
    await gateway.api("DELETE", `/tokens/${made[2]}?`, undefined, eve);
    const list = async (query: string) => {
      const { body } = await gateway.api<{ tokens: Token[]; total: number }>("GET", `/tokens${query}`, undefined, eve);
      return [body.tokens.map(({ id }) => id), body.total];
    };
    expect(await list("")).toEqual([made, 3]);
    expect(await list("?limit=1&offset=1")).toEqual([[made[1]], 3]);
    expect(await list("?q=red")).toEqual([made.slice(1), 2]);
    expect(await list("?q=%25")).toEqual([[], 0]);
    expect(await list("?status=active")).toEqual([[made[1]], 1]);
    expect(await list("?status=inactive")).toEqual([[made[0]], 1]);
    expect(await list("?status=revoked")).toEqual([[made[2]], 1]);
    expect(await list("?include_inactive=false")).toEqual([[made[1]], 1]);
  });
});

describe("changing a token", () => {
  test("takes effect at once, also for a token in use", async () => {
    const { token, access_token } = await make();
    expect(await works(access_token)).toBe(200);
    const put = (body: object) => gateway.api<Token>("PUT", `/tokens/${token.id}`, body, ann);
    expect((await put({ scope: { permissions: ["tools.read"] } })).body.resource_scopes).toEqual(["tools.read"]);
    expect(await works(access_token)).toBe(403);
    expect((await put({ scope: null, description: "wide again" })).body).toMatchObject({ resource_scopes: [] });
    expect(await works(access_token)).toBe(200);
    expect((await put({ is_active: false })).body.status).toBe("inactive");
    expect(await works(access_token)).toBe(401);
    expect((await put({ is_active: true })).body.status).toBe("active");
    expect(await works(access_token)).toBe(200);
  });

  test("heeds If-Match, names in use and the maker's own rights", async () => {
    await make({ name: "taken name" });
    const { token } = await make();
    const path = `/tokens/${token.id}`;
    const put = (body: object, more = {}) => gateway.api<Problem>("PUT", path, body, { ...ann, ...more });
    expect((await put({ name: "stale" }, { "if-match": '"7"' })).status).toBe(412);
    const { headers } = await gateway.api("GET", path, undefined, ann);
    expect((await put({ name: "fresh" }, { "if-match": headers.get("etag") ?? "" })).status).toBe(200);
    expect((await put({ name: "taken name" })).status).toBe(409);
    expect((await put({ name: "fresh" })).status).toBe(200);
    expect((await put({ scope: { permissions: ["users.read"] } })).status).toBe(422);
    expect((await put({ scope: { server_id: "hidden" } })).status).toBe(404);
  });

  test("to a revoked one is refused", async () => {
    const { token } = await make();
    await gateway.api("POST", `/tokens/${token.id}/revoke`, { reason: "done" }, ann);
    expect((await gateway.api("PUT", `/tokens/${token.id}`, { is_active: true }, ann)).status).toBe(409);
    expect((await gateway.api("POST", `/tokens/${token.id}/rotate`, {}, ann)).status).toBe(409);
  });
});

describe("rotating a token", () => {
  const rotate = (id: string, body: object) => gateway.api<Made>("POST", `/tokens/${id}/rotate`, body, ann);

  test("gives a new secret; the old one works until the overlap ends, and both are listed", async () => {
    const { token, access_token } = await make({
      name: "turning",
      expires_in_days: 9,
      scope: { permissions: ["servers.read"] },
    });
    const { status, body } = await rotate(token.id, { overlap_hours: 2 });
    expect([status, body.token]).toEqual([
      201,
      expect.objectContaining({ name: "turning", resource_scopes: ["servers.read"], replaced_by: null }),
    ]);
    expect(body.access_token).not.toBe(access_token);
    expect([await works(access_token), await works(body.access_token)]).toEqual([200, 200]);
    const old = (await gateway.api<Token>("GET", `/tokens/${token.id}`, undefined, ann)).body;
    expect(old).toMatchObject({ replaced_by: body.token.id, status: "active" });
    const left = Date.parse(String(old.expires_at)) - Date.now();
    expect(left).toBeGreaterThan(1.9 * 3600_000);
    expect(left).toBeLessThanOrEqual(2 * 3600_000);
    const days = (Date.parse(String(body.token.expires_at)) - Date.now()) / (24 * 3600_000);
    expect(Math.round(days)).toBe(9);
    const { tokens } = (await gateway.api<{ tokens: Token[] }>("GET", "/tokens?q=turning", undefined, ann)).body;
    expect(tokens.map(({ id }) => id).sort()).toEqual([token.id, body.token.id].sort());
    expect((await rotate(token.id, {})).status).toBe(409);
    await gateway.sql("UPDATE api_tokens SET expires_at = 1 WHERE id = ?", token.id);
    await gateway.api("PUT", `/tokens/${body.token.id}`, { description: "the one" }, ann);
    expect([await works(access_token), await works(body.access_token)]).toEqual([401, 200]);
  });

  test("without overlap ends the old secret at once", async () => {
    const { token, access_token } = await make();
    expect(await works(access_token)).toBe(200);
    const { body } = await rotate(token.id, { overlap_hours: 0 });
    expect([await works(access_token), await works(body.access_token)]).toEqual([401, 200]);
  });

  test("twice at once gives one new token", async () => {
    const { token } = await make({ name: "at once" });
    const both = await Promise.all([rotate(token.id, {}), rotate(token.id, {})]);
    expect(both.map(({ status }) => status).sort()).toEqual([201, 409]);
    const list = await gateway.api<{ total: number }>("GET", "/tokens?q=at once", undefined, ann);
    expect(list.body.total).toBe(2);
  });
});

describe("revoking a token", () => {
  test("ends it at once, says why, and can be said twice", async () => {
    const { token, access_token } = await make();
    expect(await works(access_token)).toBe(200);
    expect((await gateway.api("DELETE", `/tokens/${token.id}`, { reason: "lost" }, ann)).status).toBe(204);
    expect(await works(access_token)).toBe(401);
    expect((await gateway.api("DELETE", `/tokens/${token.id}`, undefined, ann)).status).toBe(204);
    const shown = await gateway.api<Token>("GET", `/tokens/${token.id}`, undefined, ann);
    expect(shown.body).toMatchObject({
      status: "revoked",
      is_revoked: true,
      revoked_by: ANN,
      revocation_reason: "lost",
      revoked_at: expect.any(String),
    });
    expect(await gateway.sql("SELECT count(*) AS n FROM revocations WHERE id = ?", token.id)).toEqual([{ n: 1 }]);
  });

  test("works under /v1, with a reason in a POST", async () => {
    const { token, access_token } = await make();
    const { status, body } = await gateway.api<Token>("POST", `/v1/tokens/${token.id}/revoke`, { reason: "over" }, ann);
    expect([status, body.status, body.revocation_reason]).toEqual([200, "revoked", "over"]);
    expect(await works(access_token)).toBe(401);
  });
});

describe("the audit trail", () => {
  test("has a row for each change of a token, by whom, without secrets", async () => {
    const { token, access_token } = await make({ name: "watched", scope: { permissions: ["servers.read"] } });
    await gateway.api("PUT", `/tokens/${token.id}`, { description: "x" }, ann);
    const rotated = await gateway.api<Made>("POST", `/tokens/${token.id}/rotate`, {}, ann);
    await gateway.api("DELETE", `/tokens/${token.id}`, { reason: "bye" }, ann);
    const rows = (await gateway.sql(
      "SELECT actor, action, detail FROM audit WHERE target_type = 'token' AND target_id = ? ORDER BY id",
      token.id,
    )) as { actor: string; action: string; detail: string }[];
    expect(rows.map(({ actor, action }) => [actor, action])).toEqual([
      [ANN, "token.create"],
      [ANN, "token.update"],
      [ANN, "token.rotate"],
      [ANN, "token.revoke"],
    ]);
    expect(JSON.parse(rows[0]?.detail ?? "")).toMatchObject({ name: "watched", permissions: ["servers.read"] });
    expect(JSON.parse(rows[2]?.detail ?? "")).toMatchObject({ replaced_by: rotated.body.token.id });
    expect(JSON.parse(rows[3]?.detail ?? "")).toMatchObject({ reason: "bye" });
    const text = JSON.stringify(rows);
    for (const secret of [access_token, rotated.body.access_token]) expect(text).not.toContain(secret.slice(4));
  });
});
