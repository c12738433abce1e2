// Users as administrators manage them: what is made, shown and deleted, who has power over whom, and that an administrator
// always remains.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bearer } from "../auth/forge.ts";
import { addPerson, logIn, PASSWORD, sessionOf } from "../auth/people.ts";
import { type Gateway, startGateway } from "../harness.ts";

const USERS = "/auth/email/admin/users";

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway({ AUTH_LIMITS_ENABLED: "false" });
});
afterAll(() => gateway.dispose());

type Body = Record<string, unknown>;
const call = (method: string, path: string, body?: unknown, headers?: Record<string, string>) =>
  gateway.api<Body>(method, path, body, headers);

describe("a user", () => {
  test("is made with a personal team, shown without any hash, and found again", async () => {
    const { status, headers, body } = await call("POST", USERS, {
      email: " New.User@Example.com ",
      full_name: "New User",
      password: PASSWORD,
    });
    expect([status, body]).toMatchObject([
      201,
      {
        email: "new.user@example.com",
        full_name: "New User",
        is_admin: false,
        is_active: true,
        password_change_required: true,
        link: null,
        version: 1,
        teams: [{ name: "New User's team", role: "owner" }],
      },
    ]);
    expect(headers.get("etag")).toMatch(/^"1-/);
    const shown = await call("GET", `${USERS}/New.User@example.com`);
    expect(shown.status).toBe(200);
    const listed = await call("GET", `${USERS}?q=new.user`);
    expect(listed.body).toMatchObject({ total: 1, users: [{ email: "new.user@example.com" }] });
    expect(JSON.stringify([body, shown.body, listed.body])).not.toMatch(/scrypt|pbkdf2|hash/i);
    expect((await call("POST", USERS, { email: "new.user@example.com" })).status).toBe(409);
    expect((await call("POST", USERS, { email: "weak@example.com", password: "short" })).status).toBe(422);
    expect((await call("POST", USERS, { email: "odd@example.com", surplus: 1 })).status).toBe(422);
  });

  test("made by many at once is made once", async () => {
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => call("POST", USERS, { email: "race@example.com" })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409]);
    expect(await gateway.sql("SELECT id FROM teams WHERE created_by = 'race@example.com'")).toHaveLength(1);
  });

  test("is changed from the version that was read", async () => {
    await addPerson(gateway, "ver@example.com");
    const etag = (await call("GET", `${USERS}/ver@example.com`)).headers.get("etag") ?? "";
    const put = (full_name: string) =>
      call("PUT", `${USERS}/ver@example.com`, { full_name }, { ...admin, "if-match": etag });
    const admin = bearer(await gateway.token());
    expect(await put("One")).toMatchObject({ status: 200, body: { full_name: "One", version: 2 } });
    expect((await put("Two")).status).toBe(412);
    await logIn(gateway, "ver@example.com");
    expect((await call("GET", `${USERS}/ver@example.com`)).body.version).toBe(2);
  });

  test("whom nobody made is not found", async () => {
    for (const [method, path, body] of [
      ["GET", "", undefined],
      ["PUT", "", { full_name: "x" }],
      ["DELETE", "", undefined],
      ["POST", "/unlock", undefined],
      ["POST", "/reset-link", undefined],
      ["GET", "/sessions", undefined],
    ] as const)
      expect((await call(method, `${USERS}/nobody@example.com${path}`, body)).status, method + path).toBe(404);
  });

  test("is deleted with logins, tokens and the personal team; what it made stays", async () => {
    const del = await addPerson(gateway, "del@example.com");
    const session = await sessionOf(gateway, del);
    const made = await call("POST", "/tokens", { name: "t" }, bearer(session));
    const token = String(made.body.access_token);
    expect((await call("GET", "/auth/me", undefined, bearer(token))).status).toBe(200);
    const prompt = await call(
      "POST",
      "/prompts",
      { name: "kept", template: "x", visibility: "private" },
      bearer(session),
    );
    expect(prompt.status).toBe(201);
    expect((await call("DELETE", `${USERS}/${del}`)).body.message).toMatch(/stay/);
    for (const secret of [session, token])
      expect((await call("GET", "/auth/me", undefined, bearer(secret))).status).toBe(401);
    expect(await gateway.sql("SELECT id FROM teams WHERE created_by = ?", del)).toEqual([]);
    expect((await call("GET", `/prompts/${prompt.body.id}/`)).status).not.toBe(500);
    expect((await gateway.api<Body[]>("GET", "/prompts")).body).toMatchObject([{ name: "kept", ownerEmail: del }]);
    await addPerson(gateway, del);
    expect((await call("GET", "/auth/me", undefined, bearer(token))).status).toBe(401);
  });

  test("pages in the order of addresses", async () => {
    const all = (await call("GET", `${USERS}?limit=500`)).body as { users: { email: string }[]; total: number };
    const found: string[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const page = (await call("GET", `${USERS}?limit=2${cursor && `&cursor=${cursor}`}`)).body;
      found.push(...(page.users as { email: string }[]).map(({ email }) => email));
      cursor = page.nextCursor as string | null;
    }
    expect(found).toEqual(all.users.map(({ email }) => email));
    expect(found).toHaveLength(all.total);
    expect((await call("GET", `${USERS}?cursor=made-up`)).status).toBe(422);
  });
});

describe("the last administrator", () => {
  test("stays, however it is tried; of two who step down at once one does", async () => {
    const [one, two] = [
      await addPerson(gateway, "one@example.com", { is_admin: true }),
      await addPerson(gateway, "two@example.com", { is_admin: true }),
    ];
    const answers = await Promise.all([
      call("PUT", `${USERS}/${one}`, { is_admin: false }),
      call("DELETE", `${USERS}/${two}`),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    const last = answers[0]?.status === 409 ? one : two;
    for (const [method, body] of [
      ["PUT", { is_admin: false }],
      ["PUT", { is_active: false }],
      ["DELETE", undefined],
    ] as const)
      expect(await call(method, `${USERS}/${last}`, body)).toMatchObject({
        status: 409,
        body: { detail: expect.stringContaining("last active administrator") },
      });
    expect((await call("PUT", `${USERS}/${last}`, { full_name: "Still here" })).status).toBe(200);
    expect((await call("GET", `${USERS}/${last}`)).body).toMatchObject({ is_admin: true, is_active: true });
  });
});

describe("who manages users without being an administrator", () => {
  test("has no power over those who may more, and makes no administrators", async () => {
    const helper = await addPerson(gateway, "helper@example.com");
    const boss = await addPerson(gateway, "boss@example.com", { is_admin: true });
    const plain = await addPerson(gateway, "plain@example.com");
    const role = await call("POST", "/rbac/roles", { name: "desk", scope: "global", permissions: ["users.*"] });
    expect(role.status).toBe(201);
    await call("POST", `/rbac/users/${helper}/roles`, { role_id: role.body.id, scope: "global" });
    const own = bearer(await sessionOf(gateway, helper));
    expect((await call("PUT", `${USERS}/${plain}`, { full_name: "Plain" }, own)).status).toBe(200);
    expect((await call("POST", `${USERS}/${plain}/reset-link`, undefined, own)).status).toBe(200);
    const refused: [string, string, object?][] = [
      ["PUT", `${USERS}/${boss}`, { password: "taken over by the helper" }],
      ["PUT", `${USERS}/${boss}`, { is_active: false }],
      ["POST", `${USERS}/${boss}/reset-link`],
      ["DELETE", `${USERS}/${boss}/sessions`],
      ["DELETE", `${USERS}/${boss}`],
      ["PUT", `${USERS}/${plain}`, { is_admin: true }],
      ["PUT", `${USERS}/${helper}`, { is_admin: true }],
      ["POST", USERS, { email: "mine@example.com", is_admin: true }],
    ];
    for (const [method, path, body] of refused)
      expect((await call(method, path, body, own)).status, `${method} ${path}`).toBe(403);
    expect((await logIn(gateway, boss)).status).toBe(200);
  });

  test("and API tokens, even an administrator's, hand out neither passwords nor links", async () => {
    const boss = await addPerson(gateway, "chief@example.com", { is_admin: true });
    const plain = await addPerson(gateway, "simple@example.com");
    const made = await call("POST", "/tokens", { name: "t" }, bearer(await sessionOf(gateway, boss)));
    const token = bearer(String(made.body.access_token));
    expect((await call("GET", `${USERS}/${plain}`, undefined, token)).status).toBe(200);
    const refused: [string, string, object?][] = [
      ["PUT", `${USERS}/${plain}`, { password: "chosen by a program, really" }],
      ["PUT", `${USERS}/${plain}`, { is_admin: true }],
      ["POST", USERS, { email: "m@example.com", password: PASSWORD }],
      ["POST", USERS, { email: "m@example.com" }],
      ["POST", `${USERS}/${plain}/reset-link`],
    ];
    for (const [method, path, body] of refused)
      expect((await call(method, path, body, token)).status, `${method} ${path} ${JSON.stringify(body)}`).toBe(403);
  });
});

test("every change is in the audit trail, without passwords", async () => {
  const email = await addPerson(gateway, "noted@example.com");
  await call("PUT", `${USERS}/${email}`, { password: "an administrator chose this", full_name: "Noted" });
  await call("POST", `${USERS}/${email}/unlock`);
  await call("POST", `${USERS}/${email}/reset-link`);
  await call("DELETE", `${USERS}/${email}`);
  const rows = (await gateway.sql("SELECT action, detail FROM audit WHERE target_id = ? ORDER BY id", email)) as {
    action: string;
    detail: string;
  }[];
  expect(rows.map(({ action }) => action)).toEqual([
    "user.create",
    "user.update",
    "user.unlock",
    "user.reset_link",
    "user.delete",
  ]);
  expect(JSON.parse(rows[1]?.detail ?? "")).toMatchObject({ full_name: "Noted", password: "set", sessions: "ended" });
  expect(JSON.stringify(rows)).not.toContain("an administrator chose this");
});
