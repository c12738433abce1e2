// The first run: a deployed gateway serves nobody until somebody proves to own it, and only one ever does.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newClaimLink } from "../../src/cli/claim-link.ts";
import { type Gateway, startGateway } from "../harness.ts";
import type { Answer } from "../rest.ts";
import { bearer, INITIALIZE, inSeconds, PING } from "./forge.ts";
import { issue, newKey, type SigningKey, startIssuer, type TestIssuer } from "./issuer.ts";

const OWNER = "owner@example.com";
const PASSWORD = "walnut-ferry-orbit-lagoon";
const BOOTSTRAP = "a-token-that-only-the-deployer-knows";
const DEPLOYED = { ENVIRONMENT: "production", ALLOW_PRIVATE_UPSTREAMS: "127.0.0.1", BOOTSTRAP_TOKEN: BOOTSTRAP };
const JSON_ONLY = { "content-type": "application/json", accept: "application/json, text/event-stream" };

interface Claimed {
  readonly code?: string;
  readonly access_token: string;
  readonly user: { readonly email: string; readonly is_admin: boolean };
}

const claimOf = (gateway: Gateway, more: Record<string, unknown> = {}, headers: Record<string, string> = {}) =>
  gateway.api<Claimed>(
    "POST",
    "/auth/claim",
    { email: OWNER, password: PASSWORD, ...more },
    { ...JSON_ONLY, ...headers },
  );

/** A link as the command line makes it; gives its secret. */
async function link(gateway: Gateway, madeAt = Date.now()): Promise<string> {
  const { secret, sql } = newClaimLink(madeAt);
  await gateway.sql(sql);
  return secret;
}

const users = async (gateway: Gateway) => await gateway.sql("SELECT email, is_admin FROM users ORDER BY email");
const audited = async (gateway: Gateway) =>
  (await gateway.sql("SELECT actor, target_id, detail FROM audit WHERE action = 'gateway.claim'")) as {
    actor: string;
    target_id: string;
    detail: string;
  }[];
const cookieIn = ({ headers }: Answer<unknown>) => (headers.get("set-cookie") ?? "").split(";")[0] ?? "";

describe("a deployed gateway that nobody has claimed", () => {
  let gateway: Gateway;
  beforeAll(async () => {
    gateway = await startGateway(DEPLOYED);
  });
  afterAll(() => gateway.dispose());

  test("answers 503 at every REST door and says what to do, whatever is presented", async () => {
    const credentials = [JSON_ONLY, bearer(await gateway.token()), { ...JSON_ONLY, cookie: "__Host-causeway=x" }];
    for (const headers of credentials) {
      for (const [method, path] of [
        ["GET", "/tools"],
        ["GET", "/v1/servers"],
        ["GET", "/version"],
        ["GET", "/openapi.json"],
        ["GET", "/auth/session"],
        ["POST", "/auth/login"],
        ["POST", "/gateways"],
        ["GET", "/nothing"],
        ["GET", "/auth/claims"],
        ["GET", "/auth/claim/x"],
      ] as const) {
        const body = method === "POST" ? { email: OWNER, password: PASSWORD } : undefined;
        const answer = await gateway.api<{ code: string; detail: string; claim: string }>(method, path, body, headers);
        expect([answer.status, answer.body.code], `${method} ${path}`).toEqual([503, "not_claimed"]);
        expect(answer.body.detail).toContain("npm run claim");
        expect(answer.body.claim).toBe(`${gateway.url}/ui/claim`);
      }
    }
  });

  test("answers MCP with a JSON-RPC error at every transport", async () => {
    for (const headers of [JSON_ONLY, bearer(await gateway.token())]) {
      for (const [method, path] of [
        ["POST", "/mcp"],
        ["POST", "/rpc"],
        ["POST", "/servers/x/mcp"],
        ["GET", "/sse"],
        ["POST", "/message"],
        ["GET", "/ws"],
      ] as const) {
        const body = method === "POST" ? (path.endsWith("mcp") ? INITIALIZE : PING) : undefined;
        const answer = await gateway.api<{ error: { message: string; code: number } }>(method, path, body, headers);
        expect([answer.status, answer.body.error.code], `${method} ${path}`).toEqual([503, -32603]);
        expect(answer.body.error.message).toContain("npm run claim");
      }
    }
  });

  test("still tells of its health, shows the dashboard, and how it is claimed", async () => {
    for (const path of ["/health", "/ready", "/v1/health"])
      expect((await gateway.api("GET", path, undefined, {})).status, path).toBe(200);
    for (const path of ["/ui/", "/ui/claim"]) expect((await fetch(gateway.url + path)).status, path).toBe(200);
    const home = await gateway.api("GET", "/", undefined, {});
    expect([home.status, home.headers.get("location")]).toEqual([302, "/ui/"]);
    for (const path of ["/auth/claim", "/v1/auth/claim"])
      expect((await gateway.api("GET", path, undefined, bearer("spoilt"))).body).toEqual({
        claimed: false,
        how: ["claim_link", "bootstrap_token"],
      });
  });

  test("is not claimed by who proves nothing: wrong, empty, expired and other links change nothing", async () => {
    const expired = await link(gateway, Date.now() - 25 * 3600_000);
    const [invitation, reset] = [await link(gateway), await link(gateway)];
    await gateway.sql("UPDATE links SET purpose = 'invitation' WHERE expires_at > ?", inSeconds(0));
    const tokens = [
      undefined,
      "x",
      `${BOOTSTRAP}x`,
      BOOTSTRAP.slice(0, -1),
      BOOTSTRAP.toUpperCase(),
      "cwl_made-up",
      expired,
      invitation,
      reset,
    ];
    for (const token of tokens) {
      const { status, body, headers } = await claimOf(gateway, token === undefined ? {} : { token });
      expect([status, body.code, cookieIn({ status, body, headers })], token).toEqual([401, "unauthorized", ""]);
    }
    const jwt = await claimOf(gateway, {}, { authorization: `Bearer ${await gateway.token()}` });
    expect(jwt.status).toBe(401);
    expect([await users(gateway), await audited(gateway)]).toEqual([[], []]);
  });

  test("takes no weak password, nor an address that is none, and the link works on", async () => {
    const token = await link(gateway);
    for (const wrong of [{ password: "short" }, { password: "passwordpassword" }, { email: "nobody" }, { admin: true }])
      expect((await claimOf(gateway, { token, ...wrong })).status, JSON.stringify(wrong)).toBe(422);
    expect((await claimOf(gateway, { token })).status).toBe(201);
    expect((await claimOf(gateway, { token })).status).toBe(409);
  });
});

describe("claimed by a link", () => {
  let gateway: Gateway;
  let answer: Answer<Claimed>;
  let used: string;
  let spare: string;
  beforeAll(async () => {
    gateway = await startGateway(DEPLOYED);
    [used, spare] = [await link(gateway), await link(gateway)];
    answer = await claimOf(gateway, { token: used, email: "Owner@Example.com", full_name: "The Owner" });
  });
  afterAll(() => gateway.dispose());

  test("the gateway has one administrator, who is logged in", async () => {
    expect([answer.status, answer.body]).toEqual([
      201,
      expect.objectContaining({
        token_type: "bearer",
        user: expect.objectContaining({
          email: OWNER,
          full_name: "The Owner",
          is_admin: true,
          password_change_required: false,
        }),
      }),
    ]);
    expect(answer.headers.get("set-cookie")).toMatch(
      /^__Host-causeway=cws_[^;]+; Max-Age=\d+; Path=\/; Secure; HttpOnly; SameSite=Strict$/,
    );
    expect(await users(gateway)).toEqual([{ email: OWNER, is_admin: 1 }]);
    const by = [{ cookie: cookieIn(answer) }, bearer(answer.body.access_token)];
    for (const headers of by) expect((await gateway.api("GET", "/version", undefined, headers)).status).toBe(200);
    const personal = await gateway.sql("SELECT user_email, role FROM team_members");
    expect(personal).toEqual([{ user_email: OWNER, role: "owner" }]);
  });

  test("every door serves, and asks for a credential as ever", async () => {
    expect((await gateway.api("GET", "/tools", undefined, {})).status).toBe(401);
    const token = await gateway.token({ subject: OWNER });
    expect((await gateway.api("POST", "/mcp", INITIALIZE, bearer(token))).status).toBe(200);
    const login = await gateway.api<Claimed>("POST", "/auth/login", { email: OWNER, password: PASSWORD }, JSON_ONLY);
    expect([login.status, login.body.user.email]).toEqual([200, OWNER]);
  });

  test("nothing claims it again: neither that link, nor another one, nor the bootstrap token", async () => {
    for (const token of [used, spare, BOOTSTRAP, "x", undefined])
      expect((await claimOf(gateway, { token, email: "late@example.com" })).status).toBe(409);
    expect((await gateway.sql(newClaimLink().sql)).length).toBe(0);
    expect(await gateway.sql("SELECT 1 FROM links WHERE purpose = 'claim'")).toEqual([]);
    expect((await gateway.api("GET", "/auth/claim", undefined, {})).body).toEqual({ claimed: true, how: [] });
    expect(await users(gateway)).toHaveLength(1);
  });

  test("the audit trail says who claimed it and how, and nowhere stands a secret", async () => {
    expect(await audited(gateway)).toEqual([{ actor: OWNER, target_id: OWNER, detail: '{"proof":"claim_link"}' }]);
    const rows = JSON.stringify(
      await Promise.all(["audit", "users", "links", "sessions"].map((table) => gateway.sql(`SELECT * FROM ${table}`))),
    );
    for (const secret of [PASSWORD, used, spare, BOOTSTRAP, answer.body.access_token])
      expect(rows + gateway.logged.join()).not.toContain(secret);
  });
});

describe("many who prove it at once", () => {
  test("one wins, whatever each proves it with; the others are told", async () => {
    const gateway = await startGateway(DEPLOYED);
    const secrets = [await link(gateway), await link(gateway), BOOTSTRAP];
    const tries = Array.from({ length: 9 }, (_, n) => ({ email: `try-${n}@example.com`, token: secrets[n % 3] }));
    const answers = await Promise.all(tries.map((one) => claimOf(gateway, one)));
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 201)).toHaveLength(1);
    expect(statuses.filter((status) => ![201, 409, 429].includes(status))).toEqual([]);
    const winner = answers.find(({ status }) => status === 201)?.body.user.email;
    expect(await users(gateway)).toEqual([{ email: winner, is_admin: 1 }]);
    expect((await audited(gateway)).map(({ actor }) => actor)).toEqual([winner]);
    expect(await gateway.sql("SELECT DISTINCT user_email FROM sessions")).toEqual([{ user_email: winner }]);
    await gateway.dispose();
  });

  test("tries are counted: an address that guesses is held up, also from the right token", async () => {
    const gateway = await startGateway(DEPLOYED);
    const statuses = [];
    for (let n = 0; n < 25; n++) statuses.push((await claimOf(gateway, { token: `guess ${n}` })).status);
    expect(new Set(statuses)).toEqual(new Set([401, 429]));
    expect((await claimOf(gateway, { token: BOOTSTRAP })).status).toBe(429);
    const rows = await gateway.sql("SELECT actor, ip, detail FROM audit WHERE action = 'gateway.claim_failed'");
    expect(rows).toHaveLength(statuses.filter((status) => status === 401).length);
    expect(rows[0]).toEqual({ actor: "anonymous", ip: "127.0.0.1", detail: `{"email":"${OWNER}"}` });
    expect(await users(gateway)).toEqual([]);
    await gateway.dispose();
  });
});

describe("Cloudflare Access", () => {
  let team: TestIssuer;
  let key: SigningKey;
  let gateway: Gateway;
  beforeAll(async () => {
    team = await startIssuer();
    key = await newKey("RS256", "access");
    team.keys = [key.jwk];
    gateway = await startGateway({
      ...DEPLOYED,
      CF_ACCESS_TEAM_DOMAIN: team.url,
      CF_ACCESS_AUD: "this-application",
      ADMIN_EMAILS: `${OWNER}, Second@example.com`,
    });
  });
  afterAll(async () => {
    await gateway.dispose();
    await team.close();
  });
  const assertion = (more: Record<string, unknown> = {}, signer = key) =>
    issue(signer, { iss: team.url, aud: ["this-application"], email: OWNER, ...more });
  const claimWith = async (jwt: string, more: Record<string, unknown> = {}) =>
    await claimOf(gateway, more, { "cf-access-jwt-assertion": jwt });

  test.each<[string, () => Promise<string>, Record<string, unknown>?]>([
    ["of another application", () => assertion({ aud: ["another"] })],
    ["of another team", () => assertion({ iss: "https://other.cloudflareaccess.com" })],
    ["signed by another key of the same name", async () => assertion({}, await newKey("RS256", "access"))],
    ["signed by a kind of key that Access does not use", async () => assertion({}, await newKey("ES256", "access"))],
    ["that has expired", () => assertion({ exp: inSeconds(-120) })],
    ["without an expiry", () => assertion({ exp: undefined })],
    [
      "of somebody who is not listed",
      () => assertion({ email: "visitor@example.com" }),
      { email: "visitor@example.com" },
    ],
    ["of a service, which has no address", () => assertion({ email: undefined, common_name: "service" })],
    ["of somebody listed, for another address", () => assertion(), { email: "second@example.com" }],
    ["that is none", async () => "x.y.z"],
  ])("does not claim the gateway by a token %s", async (_what, make, body) => {
    const { status, body: answer } = await claimWith(await make(), body);
    expect([status, answer.code]).toEqual([401, "unauthorized"]);
    expect(await users(gateway)).toEqual([]);
  });

  test("opens no other door by itself, and claims the gateway for a listed address", async () => {
    const headers = { "cf-access-jwt-assertion": await assertion() };
    expect((await gateway.api("GET", "/tools", undefined, headers)).status).toBe(503);
    expect((await claimWith(await assertion())).status).toBe(201);
    expect(await audited(gateway)).toMatchObject([{ actor: OWNER, detail: '{"proof":"cloudflare_access"}' }]);
    expect((await gateway.api("GET", "/tools", undefined, headers)).status).toBe(401);
  });
});

describe("the password of the platform's administrator", () => {
  const ADMIN_PASSWORD = "set-with-the-deployment";
  const log = (gateway: Gateway, password: string, email = "admin@example.com") =>
    gateway.api<Claimed & { reset_path?: string }>("POST", "/auth/login", { email, password }, JSON_ONLY);

  test("claims the gateway by logging in, and leads to another password and nothing else", async () => {
    const gateway = await startGateway({ ...DEPLOYED, PLATFORM_ADMIN_PASSWORD: ADMIN_PASSWORD });
    expect((await log(gateway, "wrong-but-long-enough")).status).toBe(401);
    expect((await log(gateway, ADMIN_PASSWORD, OWNER)).status).toBe(401);
    expect(await users(gateway)).toEqual([]);
    const first = await log(gateway, ADMIN_PASSWORD);
    expect([first.status, first.headers.get("x-password-change-required"), cookieIn(first)]).toEqual([403, "true", ""]);
    expect(await users(gateway)).toEqual([{ email: "admin@example.com", is_admin: 1 }]);
    expect(await audited(gateway)).toMatchObject([{ detail: '{"proof":"admin_password"}' }]);
    expect(first.body.reset_path).toMatch(/^\/auth\/email\/reset-password\/cwl_/);
    expect(await gateway.sql("SELECT purpose, email FROM links")).toEqual([
      { purpose: "reset", email: "admin@example.com" },
    ]);
    expect((await log(gateway, ADMIN_PASSWORD)).status).toBe(403);
    expect((await gateway.api("GET", "/tools", undefined, JSON_ONLY)).status).toBe(401);
    expect(await audited(gateway)).toHaveLength(1);
    await gateway.dispose();
  });

  test.each([
    ["PLATFORM_ADMIN_PASSWORD", "changeme"],
    ["BOOTSTRAP_TOKEN", "too short"],
  ])("%s=%s stops a deployment naming the variable", async (name, value) => {
    const gateway = await startGateway({ ...DEPLOYED, [name]: value });
    const { status, body } = await gateway.api("GET", "/auth/claim", undefined, {});
    expect([status, body]).toEqual([
      503,
      expect.objectContaining({ code: "misconfigured", detail: expect.stringContaining(name) }),
    ]);
    await gateway.dispose();
  });
});

describe("on a developer's machine", () => {
  test("the gateway serves before it is claimed, and is claimed by a link, over a user who is there already too", async () => {
    const gateway = await startGateway();
    expect((await gateway.api("GET", "/tools")).status).toBe(200);
    await gateway.sql("INSERT INTO users (email, created_at) VALUES (?, '2026-01-01T00:00:00.000Z')", OWNER);
    expect((await claimOf(gateway, { token: BOOTSTRAP })).status).toBe(401);
    expect((await claimOf(gateway, { token: await link(gateway) })).status).toBe(201);
    expect(await users(gateway)).toEqual([{ email: OWNER, is_admin: 1 }]);
    await gateway.dispose();
  });
});
