// Logging in with a password: what it gives, what it never tells, and how often it may be tried.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Gateway, startGateway } from "../harness.ts";
import { bearer } from "./forge.ts";
import { addPerson, logIn, PASSWORD, sessionOf, withCookie } from "./people.ts";

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway({ AUTH_LIMITS_ENABLED: "false", TEST_ADDRESS_HEADER: "x-test-address" });
  await addPerson(gateway, "ann@example.com", { full_name: "Ann" });
});
afterAll(() => gateway.dispose());

const from = (address: string) => ({ "x-test-address": address });
const get = (path: string, headers: Record<string, string>) =>
  gateway.api<Record<string, unknown>>("GET", path, undefined, headers);
const audited = (action: string, target: string) =>
  gateway.sql("SELECT actor, ip, detail FROM audit WHERE action = ? AND target_id = ? ORDER BY id", action, target);

describe("logging in with a password", () => {
  test("gives a cookie of this host alone and the same session as a bearer token", async () => {
    const { status, headers, body } = await logIn(gateway, " Ann@Example.com ");
    expect([status, body]).toMatchObject([
      200,
      {
        token_type: "bearer",
        expires_in: expect.any(Number),
        user: { email: "ann@example.com", full_name: "Ann", is_admin: false, is_locked: false, has_password: true },
      },
    ]);
    const [pair, ...attributes] = (headers.get("set-cookie") ?? "").split("; ");
    expect(pair).toBe(`__Host-causeway=${body.access_token}`);
    expect(attributes.sort()).toEqual([
      "HttpOnly",
      expect.stringMatching(/^Max-Age=4(3200|319\d)$/),
      "Path=/",
      "SameSite=Strict",
      "Secure",
    ]);
    const secret = String(body.access_token);
    for (const way of [bearer(secret), withCookie(gateway, secret)])
      expect(await get("/auth/me", way)).toMatchObject({
        status: 200,
        body: { email: "ann@example.com", credential: "session", isAdmin: false },
      });
    expect(await get("/auth/email/me", bearer(secret))).toMatchObject({ body: { last_login: expect.any(String) } });
  });

  test("works under every name that ContextForge has for it", async () => {
    for (const path of ["/auth/login", "/auth/email/login", "/v1/auth/login", "/v1/auth/email/login"])
      for (const name of ["email", "username"])
        expect(
          (await gateway.api("POST", path, { [name]: "ann@example.com", password: PASSWORD }, bearer("spoilt"))).status,
          path,
        ).toBe(200);
  });

  test("gives another secret each time, also to who brings one along", async () => {
    const first = await sessionOf(gateway, "ann@example.com");
    const { body, headers } = await logIn(gateway, "ann@example.com", PASSWORD, withCookie(gateway, first));
    expect(body.access_token).not.toBe(first);
    expect(headers.get("set-cookie")).not.toContain(first);
    expect(
      (await logIn(gateway, "ann@example.com", PASSWORD, { cookie: "__Host-causeway=cws_chosen" })).body,
    ).not.toMatchObject({ access_token: "cws_chosen" });
  });

  test("is noted, and so is failing; what was typed is nowhere", async () => {
    await logIn(gateway, "ann@example.com", "not the password at all", from("203.0.113.8"));
    const secret = await sessionOf(gateway, "ann@example.com");
    const [failed] = await audited("login.failed", "ann@example.com");
    expect(failed).toMatchObject({ actor: "anonymous", ip: "203.0.113.8" });
    expect((await audited("login", "ann@example.com")).at(-1)).toMatchObject({ actor: "ann@example.com" });
    const stored = JSON.stringify([
      await gateway.sql("SELECT * FROM audit"),
      await gateway.sql("SELECT * FROM sessions"),
      await gateway.sql("SELECT * FROM users"),
      gateway.logged,
    ]);
    for (const text of [secret, PASSWORD, "not the password at all"]) expect(stored).not.toContain(text);
  });
});

describe("who can't log in", () => {
  test("is told the same: unknown, without a password, wrong, deactivated", async () => {
    await addPerson(gateway, "off@example.com");
    await gateway.api("PUT", "/auth/email/admin/users/off@example.com", { is_active: false });
    await gateway.api("POST", "/auth/email/admin/users", { email: "invited@example.com" });
    const answers = [];
    for (const [email, password] of [
      ["nobody@example.com", PASSWORD],
      ["invited@example.com", PASSWORD],
      ["ann@example.com", "a wrong one, yet long enough"],
      ["off@example.com", PASSWORD],
    ] as const) {
      const { status, headers, body } = await logIn(gateway, email, password, from("203.0.113.9"));
      const { request_id: _, ...told } = body;
      answers.push({ status, cookie: headers.get("set-cookie"), challenge: headers.get("www-authenticate"), told });
    }
    expect(answers[0]).toEqual({
      status: 401,
      cookie: null,
      challenge: 'Bearer realm="Causeway"',
      told: { detail: "Invalid email or password", code: "unauthorized" },
    });
    for (const answer of answers) expect(answer).toEqual(answers[0]);
  });

  test("must say who and what", async () => {
    for (const body of [
      {},
      { email: "ann@example.com" },
      { password: PASSWORD },
      { email: "no address", password: "x" },
    ])
      expect((await gateway.api("POST", "/auth/login", body, { "content-type": "application/json" })).status).toBe(422);
  });

  test("and may not come from another site", async () => {
    const { status, headers } = await logIn(gateway, "ann@example.com", PASSWORD, { origin: "https://evil.example" });
    expect([status, headers.get("set-cookie")]).toEqual([403, null]);
  });
});

describe("guessing", () => {
  test("ends after five wrong passwords of one address, however many come at once", async () => {
    await addPerson(gateway, "guessed@example.com");
    const session = await sessionOf(gateway, "guessed@example.com");
    const bad = from("198.51.100.1");
    const tries = Array.from({ length: 20 }, (_, n) => logIn(gateway, "guessed@example.com", `wrong number ${n}`, bad));
    const statuses = (await Promise.all(tries)).map(({ status }) => status);
    expect(statuses.sort()).toEqual([...Array(5).fill(401), ...Array(15).fill(429)]);
    const right = await logIn(gateway, "guessed@example.com", PASSWORD, bad);
    expect([right.status, right.headers.get("retry-after")]).toEqual([429, expect.stringMatching(/^\d+$/)]);
    expect(right.headers.get("set-cookie")).toBeNull();

    const shown = await gateway.api("GET", "/auth/email/admin/users/guessed@example.com");
    expect(shown.body).toMatchObject({ is_locked: true, failed_login_attempts: 5 });
    expect((await get("/auth/me", bearer(session))).status).toBe(200);
    expect((await logIn(gateway, "guessed@example.com", PASSWORD, from("198.51.100.2"))).status).toBe(200);

    const unlocked = await gateway.api("POST", "/auth/email/admin/users/guessed@example.com/unlock");
    expect(unlocked.body).toMatchObject({ is_locked: false, failed_login_attempts: 0 });
    expect((await logIn(gateway, "guessed@example.com", PASSWORD, bad)).status).toBe(200);
  });

  test("is counted for accounts that don't exist too, in the same words", async () => {
    const bad = from("198.51.100.3");
    const statuses = [];
    for (let n = 0; n < 6; n++) statuses.push((await logIn(gateway, "phantom@example.com", `wrong ${n}`, bad)).status);
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
  });

  test("is forgotten after a right one", async () => {
    const near = from("198.51.100.4");
    for (let n = 0; n < 8; n++) {
      expect((await logIn(gateway, "ann@example.com", "wrong, wrong, wrong", near)).status).toBe(401);
      expect((await logIn(gateway, "ann@example.com", PASSWORD, near)).status).toBe(200);
    }
  });

  test("from one address stops early, whatever the accounts", async () => {
    const strict = await startGateway();
    const tries = Array.from({ length: 31 }, (_, n) => logIn(strict, `nobody${n}@example.com`, ""));
    const answers = await Promise.all(tries);
    await strict.dispose();
    expect(answers.filter(({ status }) => status === 422)).toHaveLength(30);
    expect(answers.find(({ status }) => status === 429)?.headers.get("x-ratelimit-limit")).toBe("30");
  });
});

describe("a password that must be changed", () => {
  test("opens nothing but the way to another one", async () => {
    await addPerson(gateway, "new@example.com");
    await gateway.api("PUT", "/auth/email/admin/users/new@example.com", { password_change_required: true });
    const { status, headers, body } = await logIn(gateway, "new@example.com");
    expect([status, headers.get("x-password-change-required"), headers.get("set-cookie")]).toEqual([403, "true", null]);
    expect(body).toMatchObject({
      detail: "Password change required. Please change your password before continuing.",
      reset_path: expect.stringMatching(/^\/auth\/email\/reset-password\/cwl_/),
    });
  });
});

describe("logging out", () => {
  test("ends the session by cookie or as a bearer, at once and for good", async () => {
    for (const way of [bearer, (secret: string) => withCookie(gateway, secret)]) {
      const secret = await sessionOf(gateway, "ann@example.com");
      expect((await get("/auth/me", way(secret))).status).toBe(200);
      const out = await gateway.api("POST", "/auth/logout", undefined, way(secret));
      expect(out).toMatchObject({ status: 200, body: { revoked_token: true } });
      expect(out.headers.get("set-cookie")).toMatch(/^__Host-causeway=; Max-Age=0; /);
      expect((await get("/auth/me", bearer(secret))).status).toBe(401);
      expect((await get("/auth/me", withCookie(gateway, secret))).status).toBe(401);
    }
    expect((await audited("logout", "ann@example.com")).length).toBe(2);
  });

  test("of nobody is no failure", async () => {
    const out = await gateway.api("POST", "/auth/logout", undefined, bearer("spoilt"));
    expect(out).toMatchObject({ status: 200, body: { revoked_token: false } });
  });
});
