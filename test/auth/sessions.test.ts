// Logins while they last: where somebody is logged in, how a login ends, and that every end is seen at once.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Gateway, startGateway } from "../harness.ts";
import { bearer, INITIALIZE } from "./forge.ts";
import { addPerson, sessionOf } from "./people.ts";

const USERS = "/auth/email/admin/users";

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway({ AUTH_LIMITS_ENABLED: "false" });
});
afterAll(() => gateway.dispose());

interface Shown {
  readonly id: string;
  readonly current: boolean;
  readonly expires_at: string;
}
const call = <Body = Record<string, unknown>>(method: string, path: string, secret: string, body?: object) =>
  gateway.api<Body>(method, path, body, bearer(secret));
const sessions = async (secret: string) => (await call<Shown[]>("GET", "/auth/sessions", secret)).body;
const stands = async (secret: string) => (await call("GET", "/auth/me", secret)).status === 200;
/** Makes an isolate read again what it remembers of callers. */
const forget = () => gateway.sql("UPDATE stamps SET version = version + 1 WHERE name = 'access'");

describe("one's own logins", () => {
  test("are listed, without what lets anybody in, and others' are not", async () => {
    const [ann, bob] = [await addPerson(gateway, "ann@example.com"), await addPerson(gateway, "bob@example.com")];
    const [here, there] = [await sessionOf(gateway, ann), await sessionOf(gateway, ann)];
    await sessionOf(gateway, bob);
    const listed = await sessions(here);
    expect(listed).toHaveLength(2);
    expect(listed.filter(({ current }) => current)).toHaveLength(1);
    expect(listed[0]).toMatchObject({ started_by: "password", ip: "127.0.0.1", user_agent: expect.any(String) });
    for (const secret of [here, there]) expect(JSON.stringify(listed)).not.toContain(secret);
    for (const { id } of listed) expect(await stands(id)).toBe(false);
  });

  test("end one by one, or all but this one, at once", async () => {
    const cid = await addPerson(gateway, "cid@example.com");
    const [here, second, third] = [
      await sessionOf(gateway, cid),
      await sessionOf(gateway, cid),
      await sessionOf(gateway, cid),
    ];
    for (const secret of [here, second, third]) expect(await stands(secret)).toBe(true);
    const [its] = (await sessions(second)).filter(({ current }) => current);
    expect((await call("DELETE", `/auth/sessions/${its?.id}`, here)).status).toBe(200);
    expect([await stands(here), await stands(second), await stands(third)]).toEqual([true, false, true]);
    expect((await call("DELETE", "/auth/sessions", here)).status).toBe(200);
    expect([await stands(here), await stands(third)]).toEqual([true, false]);
    expect(await sessions(here)).toHaveLength(1);
  });

  test("are nobody else's to end, and no API token's", async () => {
    const [dan, eve] = [await addPerson(gateway, "dan@example.com"), await addPerson(gateway, "eve@example.com")];
    const [hers, his] = [await sessionOf(gateway, eve), await sessionOf(gateway, dan)];
    const [target] = await sessions(hers);
    expect((await call("DELETE", `/auth/sessions/${target?.id}`, his)).status).toBe(404);
    expect(await stands(hers)).toBe(true);
    const { body } = await call("POST", "/tokens", hers, { name: "t" });
    const token = String(body.access_token);
    expect((await call("GET", "/auth/sessions", token)).status).toBe(403);
    expect((await call("DELETE", "/auth/sessions", token)).status).toBe(403);
  });
});

describe("a login ends", () => {
  test("when it was idle for long, and when its time is over, however much it was used", async () => {
    const fay = await addPerson(gateway, "fay@example.com");
    const [idle, over] = [await sessionOf(gateway, fay), await sessionOf(gateway, fay)];
    const [ofIdle] = (await sessions(idle)).filter(({ current }) => current);
    const [ofOver] = (await sessions(over)).filter(({ current }) => current);
    await gateway.sql("UPDATE sessions SET idle_at = unixepoch() - 1 WHERE id = ?", ofIdle?.id);
    await gateway.sql("UPDATE sessions SET ends_at = unixepoch() - 1 WHERE id = ?", ofOver?.id);
    await forget();
    await expect.poll(() => stands(idle), { timeout: 15_000, interval: 500 }).toBe(false);
    expect(await stands(over)).toBe(false);
    expect(await sessions(await sessionOf(gateway, fay))).toHaveLength(1);
  });

  test("later while it is used, yet never after its time", async () => {
    const gil = await addPerson(gateway, "gil@example.com");
    const secret = await sessionOf(gateway, gil);
    await gateway.sql(
      `UPDATE sessions SET idle_at = unixepoch() + 60, ends_at = unixepoch() + 600,
       last_seen_at = '2026-01-01T00:00:00.000Z' WHERE user_email = ?`,
      gil,
    );
    const kept = async () =>
      (await gateway.sql("SELECT idle_at = ends_at AS whole, last_seen_at FROM sessions WHERE user_email = ?", gil))[0];
    expect(await stands(secret)).toBe(true);
    await expect.poll(kept).toMatchObject({ whole: 1, last_seen_at: expect.not.stringMatching(/^2026-01-01T00:00/) });
  });

  test("when its user is deactivated, together with all tokens, in the very next request", async () => {
    const hal = await addPerson(gateway, "hal@example.com");
    const [session, jwt] = [await sessionOf(gateway, hal), await gateway.token({ subject: hal })];
    const made = await call("POST", "/tokens", session, { name: "t" });
    const secrets = [session, jwt, String(made.body.access_token)];
    for (const secret of secrets) expect(await stands(secret)).toBe(true);
    expect((await gateway.api("PUT", `${USERS}/${hal}`, { is_active: false })).status).toBe(200);
    for (const secret of secrets) {
      expect(await stands(secret)).toBe(false);
      expect((await call("POST", "/mcp", secret, INITIALIZE)).status).toBe(401);
    }
    await gateway.api("PUT", `${USERS}/${hal}`, { is_active: true });
    expect(await stands(session)).toBe(false);
  });

  test("when an administrator ends all of a user's", async () => {
    const ida = await addPerson(gateway, "ida@example.com");
    const secrets = [await sessionOf(gateway, ida), await sessionOf(gateway, ida)];
    expect((await gateway.api<Shown[]>("GET", `${USERS}/${ida}/sessions`)).body).toHaveLength(2);
    expect((await gateway.api("DELETE", `${USERS}/${ida}/sessions`)).status).toBe(200);
    for (const secret of secrets) expect(await stands(secret)).toBe(false);
  });
});
