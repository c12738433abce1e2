// /teams: who sees a team, who is in it, how people come and go, and what becomes of what is the team's.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { TeamRead } from "../../src/schemas/teams.ts";
import { addUser, as } from "../auth/users.ts";
import { type Gateway, startGateway } from "../harness.ts";
import type { Answer } from "../rest.ts";

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway();
  for (const name of ["ann", "bob", "cid", "dora", "eve"]) await addUser(gateway, `${name}@example.com`);
  await addUser(gateway, "gone@example.com", { active: false });
});
afterAll(() => gateway.dispose());

type Name = "ann" | "bob" | "cid" | "dora" | "eve" | "zoe";
const address = (name: string) => `${name}@example.com`;

/** Calls the API in a user's name. */
async function by<Body = Record<string, never>>(
  name: Name,
  method: string,
  path: string,
  body?: unknown,
  more: Record<string, string> = {},
): Promise<Answer<Body>> {
  return await gateway.api<Body>(method, path, body, { ...(await as(gateway, address(name))), ...more });
}

let count = 0;
interface Created extends TeamRead {
  readonly members_added: string[];
  readonly invitations_sent: string[];
  readonly invitations: { id: string; email: string; token: string; url: string }[];
}
/** A team of Ann's. */
async function team(fields: object = {}, members: [Name, string][] = []): Promise<Created> {
  const { status, body } = await by<Created>("ann", "POST", "/teams", {
    name: `Team ${++count}`,
    members: members.map(([name, role]) => ({ email: address(name), role })),
    ...fields,
  });
  expect(status, JSON.stringify(body)).toBe(201);
  return body;
}
const idsOf = async (name: Name, path = "/teams?limit=500") =>
  (await by<{ teams: TeamRead[] }>(name, "GET", path)).body.teams.map(({ id }) => id);
const audited = async (targetId: string) =>
  (
    (await gateway.sql("SELECT action FROM audit WHERE target_id = ? ORDER BY id", targetId)) as { action: string }[]
  ).map(({ action }) => action);
/** What tells one refusal from another. */
const told = ({ status, body }: Answer<Record<string, unknown>>) => {
  const { request_id: _, ...rest } = body;
  return [status, rest];
};

describe("a new team", () => {
  test("belongs to its maker; users are in it at once, others are invited by a link", async () => {
    const made = await team({ name: "Über Team!", description: "d", visibility: "public", max_members: 7 }, [
      ["bob", "viewer"],
      ["zoe", "owner"],
    ]);
    expect(made).toMatchObject({
      name: "Über Team!",
      slug: "uber-team",
      created_by: address("ann"),
      is_personal: false,
      visibility: "public",
      max_members: 7,
      member_count: 2,
      is_active: true,
      my_role: "owner",
      members_added: [address("bob")],
      invitations_sent: [address("zoe")],
    });
    expect(made.invitations).toMatchObject([
      { email: address("zoe"), url: expect.stringMatching(/^http:.*\/ui\/invitation#cwl_/) },
    ]);
    expect(await audited(made.id)).toEqual(["team.create"]);
    expect((await by("bob", "GET", `/v1/teams/${made.id}/`)).body).toMatchObject({
      my_role: "viewer",
      member_count: 2,
    });
  });

  test("gets a free slug of its name, and no slug that is taken", async () => {
    const slugs = (await Promise.all([1, 2, 3].map(() => team({ name: "Same" })))).map(({ slug }) => slug);
    expect(slugs.sort()).toEqual(["same", "same-2", "same-3"]);
    expect((await by("ann", "POST", "/teams", { name: "x", slug: "same" })).status).toBe(409);
  });

  test("has no more members than it may", async () => {
    const members = ["bob", "cid"].map((name) => ({ email: address(name) }));
    expect((await by("ann", "POST", "/teams", { name: "small", max_members: 2, members })).status).toBe(422);
  });
});

describe("a private team", () => {
  test("is to an outsider as if it were not there, whatever is asked of it", async () => {
    const { id, invitations } = await team({}, [
      ["bob", "member"],
      ["zoe", "member"],
    ]);
    const paths: [string, string, unknown?][] = [
      ["GET", ""],
      ["PUT", "", { name: "x" }],
      ["DELETE", ""],
      ["GET", "/members"],
      ["POST", "/members", { email: address("eve") }],
      ["PUT", `/members/${address("bob")}`, { role: "owner" }],
      ["DELETE", `/members/${address("bob")}`],
      ["GET", "/invitations"],
      ["POST", "/invitations", { email: address("eve") }],
      ["POST", "/join", {}],
      ["DELETE", "/join"],
      ["GET", "/join-requests"],
      ["POST", "/join-requests/x/approve"],
      ["DELETE", "/join-requests/x"],
      ["DELETE", "/leave"],
    ];
    for (const [method, path, body] of paths) {
      const hidden = await by<Record<string, unknown>>("eve", method, `/teams/${id}${path}`, body);
      const madeUp = await by<Record<string, unknown>>("eve", method, `/teams/made-up${path}`, body);
      expect(told(hidden), `${method} ${path}`).toEqual(told(madeUp));
      expect(hidden.status).toBe(404);
    }
    const withdrawn = await by<Record<string, unknown>>("eve", "DELETE", `/teams/invitations/${invitations[0]?.id}`);
    expect(told(withdrawn)).toEqual(
      told(await by<Record<string, unknown>>("eve", "DELETE", "/teams/invitations/made-up")),
    );
    expect(await idsOf("eve")).not.toContain(id);
    expect(await idsOf("eve", "/teams/discover?limit=500")).not.toContain(id);
  });

  test("is seen by its members and the administrator", async () => {
    const { id } = await team({}, [["bob", "viewer"]]);
    expect(await idsOf("bob")).toContain(id);
    const all = await gateway.api<{ teams: TeamRead[]; total: number }>("GET", "/teams?limit=500");
    expect(all.body.teams.find((one) => one.id === id)).toMatchObject({ my_role: null, member_count: 2 });
    expect((await gateway.api("GET", `/teams/${id}/members`)).status).toBe(200);
  });
});

describe("a public team", () => {
  test("is found and seen by every user, but not who is in it; nor is it changed by them", async () => {
    const { id } = await team({ visibility: "public" });
    expect(await idsOf("eve", "/teams/discover?limit=500")).toContain(id);
    expect(await idsOf("eve")).not.toContain(id);
    expect(await idsOf("ann", "/teams/discover?limit=500")).not.toContain(id);
    expect((await by("eve", "GET", `/teams/${id}`)).body).toMatchObject({ my_role: null, member_count: 1 });
    for (const [method, path, body] of [
      ["GET", "/members"],
      ["PUT", "", { name: "mine" }],
      ["DELETE", ""],
      ["POST", "/members", { email: address("eve") }],
      ["GET", "/join-requests"],
    ] as const)
      expect((await by("eve", method, `/teams/${id}${path}`, body)).status, `${method} ${path}`).toBe(403);
  });

  test("is joined by asking, and an owner's yes", async () => {
    const { id } = await team({ visibility: "public" });
    const asked = await by<{ id: string }>("eve", "POST", `/teams/${id}/join`, { message: "please" });
    expect([asked.status, asked.body]).toMatchObject([201, { user_email: address("eve"), message: "please" }]);
    expect((await by("eve", "POST", `/teams/${id}/join`, {})).status).toBe(409);
    expect((await by("eve", "POST", `/teams/${id}/join-requests/${asked.body.id}/approve`)).status).toBe(403);
    expect((await by("ann", "GET", `/teams/${id}/join-requests`)).body).toMatchObject([{ id: asked.body.id }]);
    const approved = await by("ann", "POST", `/teams/${id}/join-requests/${asked.body.id}/approve`);
    expect([approved.status, approved.body]).toMatchObject([200, { user_email: address("eve"), role: "member" }]);
    expect(await idsOf("eve")).toContain(id);
    expect((await by("ann", "GET", `/teams/${id}/join-requests`)).body).toEqual([]);
    expect(await audited(id)).toEqual(["team.create", "team.join_ask", "team.join_approve"]);
  });

  test("can turn who asks down; who asks can think again", async () => {
    const { id } = await team({ visibility: "public" });
    const ask = async () => (await by<{ id: string }>("eve", "POST", `/teams/${id}/join`, {})).body.id;
    expect((await by("ann", "DELETE", `/teams/${id}/join-requests/${await ask()}`)).status).toBe(200);
    const again = await ask();
    expect((await by("eve", "DELETE", `/teams/${id}/join`)).status).toBe(200);
    expect((await by("ann", "POST", `/teams/${id}/join-requests/${again}/approve`)).status).toBe(404);
    expect(await idsOf("eve")).not.toContain(id);
  });
});

describe("members", () => {
  test("are added, given other roles and taken out by owners alone", async () => {
    const { id } = await team({}, [
      ["bob", "member"],
      ["cid", "viewer"],
    ]);
    const path = `/teams/${id}/members`;
    for (const name of ["bob", "cid"] as const) {
      expect((await by(name, "POST", path, { email: address("dora") })).status).toBe(403);
      expect((await by(name, "PUT", `${path}/${address("cid")}`, { role: "owner" })).status).toBe(403);
      expect((await by(name, "DELETE", `${path}/${address("ann")}`)).status).toBe(403);
    }
    const added = await by("ann", "POST", path, { email: "DORA@example.com", role: "viewer" });
    expect([added.status, added.body]).toMatchObject([
      201,
      { user_email: address("dora"), invited_by: address("ann") },
    ]);
    expect((await by("ann", "POST", path, { email: address("dora") })).status).toBe(409);
    expect((await by("ann", "POST", path, { email: address("zoe") })).status).toBe(404);
    expect((await by("ann", "POST", path, { email: address("gone") })).status).toBe(404);
    expect((await by("ann", "PUT", `${path}/${address("dora")}`, { role: "owner" })).body).toMatchObject({
      role: "owner",
    });
    expect((await by("dora", "DELETE", `${path}/${encodeURIComponent(address("bob"))}`)).status).toBe(200);
    const listed = (await by<{ user_email: string; role: string }[]>("cid", "GET", path)).body;
    expect(listed.map(({ user_email, role }) => [user_email, role])).toEqual([
      [address("ann"), "owner"],
      [address("cid"), "viewer"],
      [address("dora"), "owner"],
    ]);
    expect(await audited(id)).toEqual(["team.create", "team.member_add", "team.member_update", "team.member_remove"]);
  });

  test("always include an owner, also when all of them go at once", async () => {
    const { id } = await team({}, [
      ["bob", "owner"],
      ["cid", "owner"],
      ["dora", "owner"],
    ]);
    const leave = (name: Name) => by(name, "DELETE", `/teams/${id}/leave`);
    const answers = await Promise.all([
      leave("ann"),
      leave("bob"),
      by("dora", "PUT", `/teams/${id}/members/${address("cid")}`, { role: "viewer" }),
      leave("dora"),
    ]);
    const owners = await gateway.sql("SELECT 1 FROM team_members WHERE team_id = ? AND role = 'owner'", id);
    const statuses = answers.map(({ status }) => status);
    expect(owners, String(statuses)).toHaveLength(1);
    expect(
      statuses.every((status) => [200, 403, 404, 409].includes(status)),
      String(statuses),
    ).toBe(true);
    expect(statuses.filter((status) => status === 200)).toHaveLength(3);
  });

  test("are never more than the team may have, also when many come at once", async () => {
    const { id } = await team({ max_members: 3 });
    const add = (name: Name) => by("ann", "POST", `/teams/${id}/members`, { email: address(name) });
    const statuses = (await Promise.all((["bob", "cid", "dora", "eve"] as const).map(add))).map(({ status }) => status);
    expect(statuses.sort()).toEqual([201, 201, 409, 409]);
    expect((await by("ann", "GET", `/teams/${id}`)).body).toMatchObject({ member_count: 3 });
    expect((await by("ann", "PUT", `/teams/${id}`, { max_members: 2 })).status).toBe(409);
  });
});

describe("an invitation", () => {
  const invite = async (id: string, name: Name, more: object = {}) =>
    (
      await by<{ id: string; token: string }>("ann", "POST", `/teams/${id}/invitations`, {
        email: address(name),
        ...more,
      })
    ).body;
  const accept = (name: Name, secret: string) => by(name, "POST", `/teams/invitations/${secret}/accept`);

  test("is shown once, to whoever invites", async () => {
    const { id } = await team();
    const { token, id: invitation } = await invite(id, "bob", { role: "viewer" });
    const listed = await by<{ token: unknown; url: unknown }[]>("ann", "GET", `/teams/${id}/invitations`);
    expect(listed.body).toMatchObject([
      { id: invitation, email: address("bob"), role: "viewer", token: null, url: null },
    ]);
    expect(JSON.stringify(await gateway.sql("SELECT * FROM team_invitations"))).not.toContain(token);
    expect(JSON.stringify(await gateway.sql("SELECT * FROM audit"))).not.toContain(token);
  });

  test("lets in whom it is for, and works once even when used twice at the same time", async () => {
    const { id } = await team();
    const { token } = await invite(id, "bob", { role: "viewer" });
    expect((await accept("eve", token)).status).toBe(403);
    const twice = await Promise.all([accept("bob", token), accept("bob", token)]);
    expect(twice.map(({ status }) => status).sort()).toEqual([200, 404]);
    expect((await accept("bob", token)).status).toBe(404);
    expect((await by("bob", "GET", `/teams/${id}`)).body).toMatchObject({ my_role: "viewer" });
  });

  test("is void when taken back, replaced, expired, or when whoever made it has left", async () => {
    const { id } = await team({}, [["cid", "owner"]]);
    const first = await invite(id, "bob");
    const second = await invite(id, "bob");
    expect((await accept("bob", first.token)).status).toBe(404);
    expect((await by("ann", "DELETE", `/teams/invitations/${second.id}`)).status).toBe(200);
    expect((await accept("bob", second.token)).status).toBe(404);
    const third = await invite(id, "bob");
    await gateway.sql("UPDATE team_invitations SET expires_at = unixepoch() WHERE id = ?", third.id);
    expect((await accept("bob", third.token)).status).toBe(404);
    const fourth = await invite(id, "bob");
    await by("ann", "DELETE", `/teams/${id}/leave`);
    expect((await accept("bob", fourth.token)).status).toBe(404);
  });

  test("does not make a team larger than it may be", async () => {
    const { id } = await team({ max_members: 2 });
    const tokens = { bob: (await invite(id, "bob")).token, cid: (await invite(id, "cid")).token };
    const answers = await Promise.all([accept("bob", tokens.bob), accept("cid", tokens.cid)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
  });
});

describe("a personal team", () => {
  test("can't be shared, left or deleted", async () => {
    await gateway.sql(
      "INSERT INTO teams (id, name, slug, is_personal, created_by, created_at, updated_at) VALUES ('personal', 'Ann', 'ann-personal', 1, 'ann@example.com', '', '')",
    );
    await gateway.sql("INSERT INTO team_members VALUES ('personal', 'ann@example.com', 'owner', '', NULL)");
    await gateway.sql("UPDATE stamps SET version = version + 1 WHERE name = 'access'");
    await team();
    for (const [method, path, body] of [
      ["POST", "/members", { email: address("bob") }],
      ["POST", "/invitations", { email: address("bob") }],
      ["PUT", "", { visibility: "public" }],
      ["DELETE", "/leave"],
      ["DELETE", ""],
    ] as const)
      expect((await by("ann", method, `/teams/personal${path}`, body)).status, `${method} ${path}`).toBe(409);
  });
});

describe("a change of a team", () => {
  test("is made to the version it was made from, and answered with the next", async () => {
    const { id } = await team();
    const { headers } = await by("ann", "GET", `/teams/${id}`);
    const etag = headers.get("etag") ?? "";
    const put = (more: object, version: string) => by("ann", "PUT", `/teams/${id}`, more, { "if-match": version });
    expect(await put({ name: "renamed" }, etag)).toMatchObject({ status: 200, body: { name: "renamed" } });
    expect((await put({ name: "again" }, etag)).status).toBe(412);
    expect((await by("ann", "DELETE", `/teams/${id}`, undefined, { "if-match": etag })).status).toBe(412);
    expect((await put({ slug: "x" }, "*")).status).toBe(422);
  });

  test("switches it off for everybody, which is the administrator's to do", async () => {
    const { id } = await team({ visibility: "public" });
    expect((await by("ann", "PUT", `/teams/${id}`, { is_active: false })).status).toBe(403);
    expect((await gateway.api("PUT", `/teams/${id}`, { is_active: false })).status).toBe(200);
    expect((await by("ann", "GET", `/teams/${id}`)).status).toBe(404);
    expect((await by("eve", "GET", `/teams/${id}`)).status).toBe(404);
    expect((await gateway.api("PUT", `/teams/${id}`, { is_active: true })).status).toBe(200);
    expect((await by("ann", "GET", `/teams/${id}`)).status).toBe(200);
  });
});

describe("what is a team's", () => {
  const makeTool = async (name: Name, teamId: string, more: object = {}) =>
    await by<{ id: string; team: string | null; visibility: string }>(name, "POST", "/tools", {
      name: `tool-${++count}`,
      url: "http://127.0.0.1:9/",
      teamId,
      ...more,
    });

  test("shows the team's name to those who see the team, in every answer", async () => {
    const { id, name } = await team({}, [["bob", "member"]]);
    const tool = await makeTool("bob", id);
    expect(tool.body).toMatchObject({ team: name, visibility: "team" });
    const shown = await makeTool("bob", id, { visibility: "team" });
    await gateway.api("PUT", `/tools/${shown.body.id}`, { visibility: "public" });
    const teamOf = async (who: Name) =>
      (await by<{ team: string | null }>(who, "GET", `/tools/${shown.body.id}`)).body.team;
    expect(await teamOf("ann")).toBe(name);
    expect(await teamOf("eve")).toBeNull();
    for (const [path, body] of [
      ["/prompts", { name: `p${count}`, template: "x" }],
      ["/resources", { name: "r", uri: `memo://${count}`, content: "x" }],
      ["/servers", { name: `s${count}` }],
    ] as const)
      expect((await by("bob", "POST", path, { ...body, teamId: id })).body, path).toMatchObject({ team: name });
    expect((await by<{ team: string }[]>("ann", "GET", `/tools?team_id=${id}`)).body.map((one) => one.team)).toEqual([
      name,
      name,
    ]);
  });

  test("is not put into a team that does not exist, even by the administrator", async () => {
    const body = { name: `tool-${++count}`, url: "http://127.0.0.1:9/", teamId: "made-up" };
    expect((await gateway.api("POST", "/tools", body)).status).toBe(404);
    const { id } = (await gateway.api("POST", "/tools", { ...body, teamId: null })).body;
    expect((await gateway.api("PUT", `/tools/${id}`, { teamId: "made-up", visibility: "team" })).status).toBe(404);
  });

  test("keeps a team from being deleted, unless it becomes private to its owners", async () => {
    const { id } = await team({}, [["bob", "member"]]);
    const tool = (await makeTool("bob", id)).body.id;
    const refused = await by("ann", "DELETE", `/teams/${id}`);
    expect([refused.status, refused.body]).toMatchObject([
      409,
      { entities: { tools: 1, prompts: 0, resources: 0, servers: 0, gateways: 0 } },
    ]);
    expect((await by("ann", "GET", `/tools/${tool}`)).status).toBe(200);
    expect((await by("bob", "DELETE", `/teams/${id}?entities=private`)).status).toBe(403);
    const token = { name: `of team ${id}`, team_id: id };
    const { access_token } = (await by<{ access_token: string }>("ann", "POST", "/tokens", token)).body;
    const withToken = async () =>
      (await gateway.api("GET", "/tools", undefined, { authorization: `Bearer ${access_token}` })).status;
    expect(await withToken()).toBe(200);
    expect((await by("ann", "DELETE", `/teams/${id}?entities=private`)).status).toBe(200);
    expect(await withToken()).toBe(401);
    expect((await by("ann", "GET", `/tools/${tool}`)).status).toBe(404);
    expect((await by("bob", "GET", `/tools/${tool}`)).body).toMatchObject({
      visibility: "private",
      teamId: null,
      team: null,
      ownerEmail: address("bob"),
    });
    expect((await by("ann", "GET", `/teams/${id}`)).status).toBe(404);
    expect(await audited(id)).toEqual(["team.create", "team.delete"]);
  });
});
