// Passwords: chosen through links that work once, changed by who knows the old one, never seen again.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Gateway, startGateway } from "../harness.ts";
import { bearer } from "./forge.ts";
import { addPerson, logIn, PASSWORD, sessionOf } from "./people.ts";

const ANOTHER = "quite another set of words";
const USERS = "/auth/email/admin/users";
const JSON_ONLY = { "content-type": "application/json" };

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway({ AUTH_LIMITS_ENABLED: "false" });
});
afterAll(() => gateway.dispose());

type Body = Record<string, unknown>;
const call = (method: string, path: string, body?: unknown, headers: Record<string, string> = JSON_ONLY) =>
  gateway.api<Body>(method, path, body, headers);
const change = (secret: string, old_password: string, new_password: string) =>
  call("POST", "/auth/email/change-password", { old_password, new_password }, bearer(secret));
const pathOf = (url: unknown) => `/auth/email/reset-password/${String(url).split("#")[1]}`;
const resetLink = async (email: string) => pathOf((await gateway.api("POST", `${USERS}/${email}/reset-link`)).body.url);
const stands = async (secret: string) => (await call("GET", "/auth/me", undefined, bearer(secret))).status === 200;
const actions = async (email: string) =>
  ((await gateway.sql("SELECT action FROM audit WHERE target_id = ? ORDER BY id", email)) as { action: string }[]).map(
    ({ action }) => action,
  );

describe("changing a password", () => {
  test("takes the old one, keeps this login and ends the others, and is noted", async () => {
    const ann = await addPerson(gateway, "ann@example.com");
    const [here, there] = [await sessionOf(gateway, ann), await sessionOf(gateway, ann)];
    expect(await change(here, PASSWORD, ANOTHER)).toMatchObject({ status: 200, body: { success: true } });
    expect([await stands(here), await stands(there)]).toEqual([true, false]);
    expect((await logIn(gateway, ann)).status).toBe(401);
    expect((await logIn(gateway, ann, ANOTHER)).status).toBe(200);
    expect(await actions(ann)).toContain("password.change");
  });

  test("is refused with a wrong old one, five times; the session and logging in go on", async () => {
    const bob = await addPerson(gateway, "bob@example.com");
    const secret = await sessionOf(gateway, bob);
    const statuses = [];
    for (let n = 0; n < 6; n++) statuses.push((await change(secret, `wrong ${n}`, ANOTHER)).status);
    expect(statuses).toEqual([422, 422, 422, 422, 422, 429]);
    expect((await change(secret, PASSWORD, ANOTHER)).status).toBe(429);
    expect(await stands(secret)).toBe(true);
    expect((await logIn(gateway, bob)).status).toBe(200);
  });

  test("says what is wrong with the new one: too weak, or one of the last five", async () => {
    const cid = await addPerson(gateway, "cid@example.com");
    const old = await sessionOf(gateway, cid);
    const weak = await change(old, PASSWORD, "short");
    expect([weak.status, JSON.stringify(weak.body.detail)]).toEqual([422, expect.stringContaining("new_password")]);
    expect((await change(old, PASSWORD, PASSWORD)).status).toBe(422);
    let last = PASSWORD;
    for (let n = 1; n <= 4; n++) {
      const next = `${ANOTHER}, number ${n}`;
      expect((await change(await sessionOf(gateway, cid, last), last, next)).status).toBe(200);
      last = next;
    }
    expect((await change(await sessionOf(gateway, cid, last), last, PASSWORD)).status).toBe(422);
    const sixth = `${ANOTHER}, number 5`;
    expect((await change(await sessionOf(gateway, cid, last), last, sixth)).status).toBe(200);
    expect((await change(await sessionOf(gateway, cid, sixth), sixth, PASSWORD)).status).toBe(200);
  }, 60_000);

  test("takes a login: neither a JWT, nor an API token, nor nobody does it", async () => {
    const dan = await addPerson(gateway, "dan@example.com");
    const jwt = await gateway.token({ subject: dan });
    const viaJwt = await call("POST", "/auth/session", { token: jwt });
    const cookie = (viaJwt.headers.get("set-cookie") ?? "").split(";")[0]?.split("=")[1] ?? "";
    const made = await call("POST", "/tokens", { name: "t" }, bearer(await sessionOf(gateway, dan)));
    for (const secret of [jwt, cookie, String(made.body.access_token)])
      expect(await change(secret, PASSWORD, ANOTHER)).toMatchObject({ status: 403, body: { code: "forbidden" } });
    expect((await call("POST", "/auth/email/change-password", {})).status).toBe(401);
    expect((await logIn(gateway, dan)).status).toBe(200);
  });
});

describe("a link to choose a password", () => {
  test("is given with an invitation, says whose it is, and works once", async () => {
    const eve = "eve@example.com";
    const { status, body } = await gateway.api<Body & { link: Body }>("POST", USERS, { email: eve, full_name: "Eve" });
    expect([status, body]).toMatchObject([201, { has_password: false, link: { delivery: "shown" } }]);
    expect(body.link.url).toMatch(/\/ui\/reset#cwl_[\w-]{43}$/);
    const path = pathOf(body.link.url);
    expect(await call("GET", path)).toMatchObject({
      status: 200,
      body: { email: eve, full_name: "Eve", purpose: "invitation" },
    });
    expect((await call("POST", path, { new_password: "short" })).status).toBe(422);
    const used = await call("POST", path, { new_password: PASSWORD, full_name: "Eve Ash" });
    expect(used).toMatchObject({ status: 200, body: { success: true } });
    expect((await call("POST", path, { new_password: ANOTHER })).status).toBe(404);
    expect((await call("GET", path)).status).toBe(404);
    expect((await logIn(gateway, eve)).body).toMatchObject({ user: { full_name: "Eve Ash" } });
  });

  test("used by two at once helps one of them", async () => {
    const fay = await addPerson(gateway, "fay@example.com");
    const path = await resetLink(fay);
    const chosen = [ANOTHER, `${ANOTHER} two`, `${ANOTHER} three`];
    const answers = await Promise.all(chosen.map((new_password) => call("POST", path, { new_password })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 404, 404]);
    const winner = chosen[answers.findIndex(({ status }) => status === 200)] ?? "";
    expect((await logIn(gateway, fay, winner)).status).toBe(200);
  });

  test("ends every login, and the earlier links", async () => {
    const gil = await addPerson(gateway, "gil@example.com");
    const secret = await sessionOf(gateway, gil);
    const [first, second] = [await resetLink(gil), await resetLink(gil)];
    expect((await call("POST", first, { new_password: ANOTHER })).status).toBe(404);
    expect((await call("POST", second, { new_password: PASSWORD })).status).toBe(422);
    expect((await call("POST", second, { new_password: ANOTHER })).status).toBe(200);
    expect(await stands(secret)).toBe(false);
  });

  test("ends after its time, and with its user", async () => {
    const hal = await addPerson(gateway, "hal@example.com");
    const late = await resetLink(hal);
    await gateway.sql("UPDATE links SET expires_at = unixepoch() - 1 WHERE email = ?", hal);
    expect((await call("POST", late, { new_password: ANOTHER })).status).toBe(404);
    const path = await resetLink(hal);
    await gateway.api("DELETE", `${USERS}/${hal}`);
    expect((await call("POST", path, { new_password: ANOTHER })).status).toBe(404);
  });

  test("is what a password that must be changed leads to", async () => {
    const ida = "ida@example.com";
    await gateway.api("POST", USERS, { email: ida, password: PASSWORD });
    const refused = await logIn(gateway, ida);
    expect(refused.status).toBe(403);
    expect((await call("POST", String(refused.body.reset_path), { new_password: ANOTHER })).status).toBe(200);
    expect((await logIn(gateway, ida, ANOTHER)).status).toBe(200);
  });

  test("is kept by its digest alone", async () => {
    const { body } = await gateway.api("POST", USERS, { email: "jon@example.com" });
    const secret = String((body as { link?: { url: string } }).link?.url).split("#")[1] ?? "";
    expect(secret).toMatch(/^cwl_/);
    const stored = [await gateway.sql("SELECT * FROM links"), await gateway.sql("SELECT * FROM audit"), gateway.logged];
    expect(JSON.stringify(stored)).not.toContain(secret);
  });
});

describe("a forgotten password", () => {
  test("without mail leads to an administrator, whoever asks", async () => {
    const ask = async (email: string) => {
      const { status, body } = await call("POST", "/auth/email/forgot-password", { email });
      return { status, body };
    };
    const kim = await addPerson(gateway, "kim@example.com");
    expect(await ask(kim)).toEqual(await ask("nobody@example.com"));
    expect((await ask(kim)).body.message).toMatch(/ask an administrator/);
    expect(await gateway.sql("SELECT id FROM links WHERE email = ?", kim)).toEqual([]);
    await ask(kim);
    expect((await ask(kim)).status).toBe(429);
  });

  test("nobody registers unless it was switched on", async () => {
    const { status } = await call("POST", "/auth/email/register", { email: "new@example.com" });
    expect(status).toBe(403);
  });
});
