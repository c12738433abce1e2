// No way to more than one was given: a program, and a credential narrowed by anything, lets nobody in and makes nobody an
// administrator, and one for teams is told nothing of the gateway as a whole.
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { ADMIN, type Gateway, startGateway } from "../harness.ts";
import { bearer, forge } from "./forge.ts";
import { addPerson, logIn, PASSWORD, sessionOf } from "./people.ts";
import { addTeam } from "./teams.ts";

let gateway: Gateway;
const BOSS = "boss@example.com";
const ANN = "ann@example.com";
const BOB = "bob@example.com";

beforeAll(async () => {
  gateway = await startGateway();
  await addPerson(gateway, BOSS, { is_admin: true });
  await addPerson(gateway, ANN);
  await addPerson(gateway, BOB);
  await addTeam(gateway, "red", { [ANN]: "owner" });
});
afterAll(() => gateway.dispose());

/** Headers with a JWT of the administrator that is narrowed. */
const narrowed = async (claims: object) => bearer(await forge(gateway, { sub: ADMIN, ...claims }));

/** Headers with an API token of a user. */
async function apiToken(body: object, email: string): Promise<Record<string, string>> {
  const made = await gateway.api<{ access_token: string }>(
    "POST",
    "/tokens",
    { name: `t${Math.random()}`, ...body },
    bearer(await sessionOf(gateway, email)),
  );
  expect(made.status).toBe(201);
  return bearer(made.body.access_token);
}

describe("what is less than its user", () => {
  const users = "/auth/email/admin/users";
  const WAYS: readonly (readonly [string, object])[] = [
    ["to permissions", { scopes: { permissions: ["users.*", "roles.*", "teams.*"] } }],
    ["to addresses", { scopes: { ip_restrictions: ["127.0.0.0/8"] } }],
    ["to what is public", { teams: [] }],
  ];
  test.each(WAYS)("gives nobody another password when it is narrowed %s", async (_how, claims) => {
    const headers = await narrowed(claims);
    expect(
      (await gateway.api("PUT", `${users}/${BOSS}`, { password: "another good pass phrase" }, headers)).status,
    ).toBe(403);
    expect((await gateway.api("POST", `${users}/${BOSS}/reset-link`, undefined, headers)).status).toBe(403);
    expect((await logIn(gateway, BOSS, PASSWORD)).status).toBe(200);
  });
  test.each(WAYS)("makes no administrator when it is narrowed %s", async (how, claims) => {
    const headers = await narrowed(claims);
    const email = `new-${how.replaceAll(" ", "-")}@example.com`;
    expect(
      (await gateway.api("POST", users, { email, password: "another good pass phrase", is_admin: true }, headers))
        .status,
    ).toBe(403);
    expect((await gateway.api("PUT", `${users}/${BOB}`, { is_admin: true }, headers)).status).toBe(403);
    expect((await gateway.api("POST", `/rbac/users/${BOB}/roles`, { role_id: "platform_admin" }, headers)).status).toBe(
      403,
    );
  });
  test("makes and unmakes no administrator, and is shown no link that lets somebody in, when it is an API token", async () => {
    const headers = await apiToken({}, BOSS);
    expect((await gateway.api("POST", `/rbac/users/${BOB}/roles`, { role_id: "platform_admin" }, headers)).status).toBe(
      403,
    );
    expect((await gateway.api("PUT", `${users}/${BOSS}`, { is_admin: false }, headers)).status).toBe(403);
    const made = await gateway.api<{ link: unknown }>("POST", users, { email: "made@example.com" }, headers);
    expect([made.status, made.body.link]).toEqual([403, undefined]);
  });
  test("is told nothing of the gateway as a whole when it is for teams", async () => {
    for (const headers of [
      await narrowed({ teams: ["red"] }),
      await narrowed({ teams: [] }),
      await apiToken({ team_id: "red" }, BOSS),
    ])
      for (const path of ["/audit", users, "/rbac/roles", `/rbac/users/${BOSS}/roles`, "/audit/export"])
        expect((await gateway.api("GET", path, undefined, headers)).body, path).toMatchObject({
          code: "insufficient_scope",
        });
  });
});

test("a link that could not be sent is not shown to a program instead", async () => {
  const mailing = await startGateway({ EMAIL_WEBHOOK_URL: "http://127.0.0.1:9/" });
  onTestFinished(mailing.dispose);
  const { body } = await mailing.api<{ access_token: string }>("POST", "/tokens", { name: "one" });
  const user = { email: "new@example.com" };
  const made = await mailing.api("POST", "/auth/email/admin/users", user, bearer(body.access_token));
  expect(made).toMatchObject({ status: 201, body: { link: null } });
});

test.each([{ password: "another good pass phrase" }, { is_active: false }])(
  "an older link ends with %o",
  async (change) => {
    const email = await addPerson(gateway, `${Object.keys(change)}@example.com`);
    const path = `/auth/email/admin/users/${email}`;
    const { body } = await gateway.api<{ url: string }>("POST", `${path}/reset-link`);
    const link = `/auth/email/reset-password/${body.url.split("#")[1]}`;
    expect((await gateway.api("GET", link)).status).toBe(200);
    expect((await gateway.api("PUT", path, change)).status).toBe(200);
    expect((await gateway.api("GET", link)).status).toBe(404);
  },
);
