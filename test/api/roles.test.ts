// /rbac: roles, who holds them, what they grant, and that nobody hands on more than they hold.
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { RoleAssignment, RoleRead } from "../../src/schemas/roles.ts";
import { addUser, as } from "../auth/users.ts";
import { ADMIN, type Gateway, startGateway } from "../harness.ts";

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.dispose());

let count = 0;
const newUser = (more: { admin?: boolean } = {}) => addUser(gateway, `user${++count}@example.com`, more);
async function by<Body = Record<string, never>>(email: string, method: string, path: string, body?: unknown) {
  return await gateway.api<Body>(method, path, body, await as(gateway, email));
}
const role = async (permissions: string[], more: object = {}) => {
  const { status, body } = await gateway.api<RoleRead>("POST", "/rbac/roles", {
    name: `role ${++count}`,
    scope: "global",
    permissions,
    ...more,
  });
  expect(status, JSON.stringify(body)).toBe(201);
  return body;
};
const give = (email: string, role_id: string, more: object = {}) =>
  gateway.api<RoleAssignment>("POST", `/rbac/users/${email}/roles`, { role_id, ...more });
const holder = async (...permissions: string[]) => {
  const email = await newUser();
  expect((await give(email, (await role(permissions)).id)).status).toBe(201);
  return email;
};
const team = async (owner: string, ...members: string[]) => {
  const body = { name: `team ${++count}`, members: members.map((email) => ({ email, role: "viewer" })) };
  return (await by<{ id: string }>(owner, "POST", "/teams", body)).body.id;
};

describe("roles", () => {
  test("built in are listed first, and stay as they are", async () => {
    const listed = (await gateway.api<RoleRead[]>("GET", "/v1/rbac/roles/")).body;
    expect(listed.slice(0, 7).map(({ name, is_system_role }) => [name, is_system_role])).toEqual(
      ["platform_admin", "platform_viewer", "platform_developer", "auditor", "team_admin", "developer", "viewer"].map(
        (name) => [name, true],
      ),
    );
    expect((await gateway.api("PUT", "/rbac/roles/viewer", { permissions: ["tools.*"] })).status).toBe(409);
    expect((await gateway.api("DELETE", "/rbac/roles/auditor")).status).toBe(409);
    const body = { name: "auditor", scope: "global", permissions: [] };
    expect((await gateway.api("POST", "/rbac/roles", body)).status).toBe(409);
  });

  test("grant what they say and what they inherit, as soon as either changes", async () => {
    const parent = await role(["users.read"]);
    const child = await role(["audit.read"], { inherits_from: parent.id });
    expect(child).toMatchObject({ effective_permissions: ["audit.read", "users.read"], holders: 0, version: 1 });
    const email = await newUser();
    await give(email, child.id);
    const mine = async () => (await by<string[]>(email, "GET", "/rbac/my/permissions")).body;
    expect(await mine()).toEqual(expect.arrayContaining(["users.read", "audit.read", "tools.read"]));
    const changed = await gateway.api<RoleRead>("PUT", `/rbac/roles/${parent.id}`, { permissions: ["roles.read"] });
    expect(changed.body).toMatchObject({ version: 2, permissions: ["roles.read"] });
    expect(await mine()).not.toContain("users.read");
    expect((await by(email, "GET", "/rbac/roles")).status).toBe(200);
    await gateway.api("PUT", `/rbac/roles/${child.id}`, { inherits_from: null });
    expect((await by(email, "GET", "/rbac/roles")).status).toBe(403);
  });

  test("that make no sense are refused by field", async () => {
    const one = await role([]);
    const two = await role([], { inherits_from: one.id });
    const refused = async (field: string, body: object, path = "", method = "POST") => {
      const answer = await gateway.api(method, `/rbac/roles${path}`, body);
      expect([answer.status, answer.body], JSON.stringify(body)).toMatchObject([422, { field }]);
    };
    const wanted = { name: `role ${++count}`, scope: "global", permissions: [] as string[] };
    await refused("permissions", { ...wanted, permissions: ["tools.paint"] });
    await refused("permissions", { ...wanted, permissions: ["*"] });
    await refused("inherits_from", { ...wanted, inherits_from: "platform_admin" });
    await refused("inherits_from", { ...wanted, inherits_from: "nothing" });
    await refused("permissions", { ...wanted, scope: "team", permissions: ["users.create"] });
    await refused("permissions", { ...wanted, scope: "team", permissions: ["teams.create"] });
    await refused("inherits_from", { ...wanted, scope: "team", inherits_from: "platform_developer" });
    await refused("inherits_from", { inherits_from: two.id }, `/${one.id}`, "PUT");
    await refused("inherits_from", { inherits_from: one.id }, `/${one.id}`, "PUT");
  });

  test("in use can't be deleted; those that are not can, by their version", async () => {
    const one = await role(["users.read"]);
    const heir = await role([], { inherits_from: one.id });
    const email = await newUser();
    await give(email, one.id);
    const refused = await gateway.api("DELETE", `/rbac/roles/${one.id}`);
    expect([refused.status, refused.body]).toMatchObject([409, { holders: 1, heirs: 1 }]);
    expect((await gateway.api("GET", `/rbac/roles/${one.id}`)).body).toMatchObject({ holders: 1 });
    expect((await gateway.api("DELETE", `/rbac/users/${email}/roles/${one.id}`)).status).toBe(200);
    expect((await gateway.api("DELETE", `/rbac/users/${email}/roles/${one.id}`)).status).toBe(404);
    const headers = { ...(await as(gateway, ADMIN)), "if-match": '"7"' };
    expect((await gateway.api("DELETE", `/rbac/roles/${heir.id}`, undefined, headers)).status).toBe(412);
    for (const { id } of [heir, one]) expect((await gateway.api("DELETE", `/rbac/roles/${id}`)).status).toBe(200);
    expect((await gateway.api("GET", `/rbac/roles/${one.id}`)).status).toBe(404);
  });

  test("tell who holds them: given, as an administrator, by being in a team", async () => {
    const [one, owner] = [await newUser(), await newUser()];
    const { id } = await role(["users.read"]);
    await give(one, id);
    const teamId = await team(owner);
    const holders = async (of: string) =>
      (await gateway.api<RoleAssignment[]>("GET", `/rbac/roles/${of}/holders`)).body.map((held) => [
        held.user_email,
        held.scope_id,
      ]);
    expect(await holders(id)).toEqual([[one, null]]);
    expect(await holders("team_admin")).toContainEqual([owner, teamId]);
    expect(await holders("developer")).not.toContainEqual([owner, teamId]);
    const admin = await newUser({ admin: true });
    expect(await holders("platform_admin")).toContainEqual([admin, null]);
    expect((await gateway.api("GET", "/rbac/roles/none/holders")).status).toBe(404);
  });

  test("are nobody's business without the permission", async () => {
    const email = await newUser();
    for (const [method, path, body] of [
      ["GET", "/rbac/roles"],
      ["GET", "/rbac/roles/viewer"],
      ["POST", "/rbac/roles", { name: "x", scope: "global", permissions: [] }],
      ["PUT", "/rbac/roles/viewer", {}],
      ["DELETE", "/rbac/roles/viewer"],
      ["GET", `/rbac/users/${email}/roles`],
      ["POST", `/rbac/users/${email}/roles`, { role_id: "platform_admin" }],
      ["DELETE", `/rbac/users/${ADMIN}/roles/platform_admin`],
      ["POST", "/rbac/permissions/check", { user_email: ADMIN, permission: "tools.read" }],
    ] as const)
      expect((await by(email, method, path, body)).status, `${method} ${path}`).toBe(403);
  });
});

describe("nobody", () => {
  test("makes a role of more than they hold", async () => {
    const email = await holder("roles.*", "users.read");
    const make = (fields: object) =>
      by<{ id: string }>(email, "POST", "/rbac/roles", {
        name: `role ${++count}`,
        scope: "global",
        permissions: [],
        ...fields,
      });
    expect((await make({ permissions: ["users.*"] })).status).toBe(403);
    expect((await make({ permissions: ["users.create"] })).body).toMatchObject({ permission: "users.create" });
    expect((await make({ inherits_from: "platform_developer" })).status).toBe(403);
    const own = await make({ permissions: ["users.read"] });
    expect(own.status).toBe(201);
    expect((await by(email, "PUT", `/rbac/roles/${own.body.id}`, { permissions: ["audit.read"] })).status).toBe(403);
    const high = await role(["audit.read"]);
    expect((await by(email, "PUT", `/rbac/roles/${high.id}`, { permissions: [] })).status).toBe(403);
    expect((await by(email, "DELETE", `/rbac/roles/${high.id}`)).status).toBe(403);
  });

  test("gives or takes a role of more than they hold", async () => {
    const email = await holder("roles.assign", "users.read");
    const other = await newUser();
    const low = await role(["users.read"]);
    const high = await role(["users.update"]);
    await give(other, high.id);
    const assign = (to: string, role_id: string) => by(email, "POST", `/rbac/users/${to}/roles`, { role_id });
    for (const id of ["platform_admin", "platform_developer", high.id])
      for (const to of [other, email]) expect((await assign(to, id)).status, id).toBe(403);
    expect((await assign(other, low.id)).status).toBe(201);
    expect((await by(email, "DELETE", `/rbac/users/${other}/roles/${low.id}`)).status).toBe(200);
    expect((await by(email, "DELETE", `/rbac/users/${other}/roles/${high.id}`)).status).toBe(403);
    const admin = await newUser({ admin: true });
    expect((await by(email, "DELETE", `/rbac/users/${admin}/roles/platform_admin`)).status).toBe(403);
  });

  test("lets others into a team above themselves", async () => {
    const [owner, doorkeeper, guest] = [await newUser(), await newUser(), await newUser()];
    const id = await team(owner, doorkeeper);
    const keeping = await role(["teams.manage_members"], { scope: "team" });
    expect((await give(doorkeeper, keeping.id, { scope_id: id })).status).toBe(201);
    const path = `/teams/${id}/members`;
    expect((await by(doorkeeper, "POST", path, { email: guest, role: "owner" })).status).toBe(403);
    expect((await by(doorkeeper, "POST", path, { email: guest, role: "viewer" })).status).toBe(201);
    expect((await by(doorkeeper, "PUT", `${path}/${doorkeeper}`, { role: "owner" })).status).toBe(403);
    expect((await by(doorkeeper, "DELETE", `${path}/${owner}`)).status).toBe(403);
    expect(
      (await by(doorkeeper, "POST", `/teams/${id}/invitations`, { email: "x@example.com", role: "member" })).status,
    ).toBe(403);
  });
});

describe("an administrator", () => {
  const isAdmin = async (email: string) =>
    (await gateway.sql("SELECT is_admin FROM users WHERE email = ?", email)) as { is_admin: number }[];

  test("is who holds platform_admin: giving and taking it is one with the mark on the user", async () => {
    const [email] = [await newUser(), await newUser({ admin: true })];
    const given = await give(email, "platform_admin");
    expect([given.status, given.body]).toMatchObject([201, { role_name: "platform_admin", scope: "global" }]);
    expect(await isAdmin(email)).toEqual([{ is_admin: 1 }]);
    expect((await by(email, "GET", "/rbac/roles")).status).toBe(200);
    expect((await by<RoleAssignment[]>(email, "GET", "/rbac/my/roles")).body.map((one) => one.role_id)).toEqual([
      "platform_admin",
    ]);
    expect(await gateway.sql("SELECT * FROM role_assignments WHERE role_id = 'platform_admin'")).toEqual([]);
    expect((await gateway.api("DELETE", `/rbac/users/${email}/roles/platform_admin`)).status).toBe(200);
    expect(await isAdmin(email)).toEqual([{ is_admin: 0 }]);
    expect((await by(email, "GET", "/rbac/roles")).status).toBe(403);
    const audit = await gateway.sql("SELECT action, detail FROM audit WHERE target_id = ? ORDER BY id", email);
    expect(audit).toMatchObject([
      { action: "role.assign", detail: expect.stringContaining("platform_admin") },
      { action: "role.unassign" },
    ]);
    expect((await give(email, "platform_admin", { expires_at: "2099-01-01T00:00:00Z" })).status).toBe(422);
  });

  test("is always left, also when all of them are taken at once", async () => {
    const rows = (await gateway.sql("SELECT email FROM users WHERE is_admin = 1")) as { email: string }[];
    const admins = [...rows.map(({ email }) => email), await newUser({ admin: true }), await newUser({ admin: true })];
    const answers = await Promise.all(
      admins.map((email) => gateway.api("DELETE", `/rbac/users/${email}/roles/platform_admin`)),
    );
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(admins.length - 1);
    expect(await gateway.sql("SELECT 1 FROM users WHERE is_admin = 1")).toHaveLength(1);
  });
});

describe("an assignment", () => {
  test("in a team counts there and nowhere else, for members only", async () => {
    const [owner, viewer, stranger] = [await newUser(), await newUser(), await newUser()];
    const [here, there] = [await team(owner, viewer), await team(owner, viewer)];
    const curator = await role(["tools.create", "tools.update"], { scope: "team" });
    expect((await give(viewer, curator.id)).status).toBe(422);
    expect((await give(viewer, curator.id, { scope: "global" })).status).toBe(422);
    expect((await give(viewer, "auditor", { scope_id: here })).status).toBe(422);
    expect((await give(viewer, curator.id, { scope_id: "made-up" })).status).toBe(404);
    expect((await give(stranger, curator.id, { scope_id: here })).status).toBe(404);
    const add = async (teamId: string) =>
      (await by(viewer, "POST", "/tools", { name: `tool-${++count}`, url: "http://127.0.0.1:9/", teamId })).status;
    expect([await add(here), await add(there)]).toEqual([403, 403]);
    expect((await give(viewer, curator.id, { scope_id: here })).status).toBe(201);
    expect([await add(here), await add(there)]).toEqual([201, 403]);
    const check = async (team_id: string | null) =>
      (
        await by<{ because: string[] }>(viewer, "POST", "/rbac/permissions/check", {
          permission: "tools.create",
          team_id,
        })
      ).body;
    expect(await check(here)).toMatchObject({ granted: true, because: [curator.name] });
    expect(await check(there)).toMatchObject({ granted: false, because: [] });
    expect(await check(null)).toMatchObject({ granted: false });
    const mine = (await by<string[]>(viewer, "GET", `/rbac/my/permissions?team_id=${here}`)).body;
    expect(mine).toContain("tools.create");
    await by(owner, "DELETE", `/teams/${here}/members/${viewer}`);
    await by(owner, "POST", `/teams/${here}/members`, { email: viewer, role: "viewer" });
    expect(await add(here)).toBe(403);
  });

  test("that is given again gets the new end", async () => {
    const email = await newUser();
    await give(email, "auditor");
    await give(email, "auditor", { expires_at: "2099-01-01T00:00:00Z" });
    const listed = (await gateway.api<RoleAssignment[]>("GET", `/rbac/users/${email}/roles`)).body;
    expect(listed).toMatchObject([{ role_id: "auditor", granted_by: ADMIN, expires_at: "2099-01-01T00:00:00.000Z" }]);
    expect((await give(email, "auditor", { expires_at: "2020-01-01T00:00:00Z" })).status).toBe(422);
    expect((await give("nobody@example.com", "auditor")).status).toBe(404);
    expect((await give(email, "made-up")).status).toBe(422);
  });

  test("ends on time, though nothing changes", async () => {
    const email = await newUser();
    const ends = Math.ceil(Date.now() / 1000) + 2;
    await give(email, "auditor", { expires_at: new Date(ends * 1000).toISOString() });
    const headers = await as(gateway, email);
    const status = async () => (await gateway.api("GET", "/rbac/roles", undefined, headers)).status;
    expect(await status()).toBe(200);
    await vi.waitUntil(async () => (await status()) === 403, { timeout: 12_000, interval: 250 });
    expect(Date.now()).toBeGreaterThanOrEqual(ends * 1000);
  });
});

describe("a question about permissions", () => {
  test("is answered with the roles that grant them", async () => {
    const email = await holder("audit.read");
    const check = (body: object, who = ADMIN) => by(who, "POST", "/rbac/permissions/check", body);
    expect((await check({ user_email: email, permission: "audit.read" })).body).toMatchObject({
      user_email: email,
      granted: true,
      because: [expect.stringMatching(/^role /)],
    });
    expect((await check({ permission: "tools.read" }, email)).body).toMatchObject({
      granted: true,
      because: ["platform_viewer"],
    });
    expect((await check({ permission: "users.delete" }, email)).body).toMatchObject({ granted: false, because: [] });
    expect((await check({ permission: "users.delete" })).body).toMatchObject({ because: ["platform_admin"] });
    expect((await check({ permission: "users.paint" })).status).toBe(422);
    const available = (
      await by<{ all_permissions: string[]; total_count: number }>(email, "GET", "/rbac/permissions/available")
    ).body;
    expect(available.all_permissions).toHaveLength(available.total_count);
    expect(available.all_permissions).toContain("servers.use");
  });
});
