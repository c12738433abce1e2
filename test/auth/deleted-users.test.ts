// What stays and what ends when a user is deleted: no team is left without an owner, and nothing names a team that is gone.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Gateway, startGateway } from "../harness.ts";
import { addPerson } from "./people.ts";
import { as } from "./users.ts";

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway({ AUTH_LIMITS_ENABLED: "false" });
});
afterAll(() => gateway.dispose());

const remove = (email: string) =>
  gateway.api<{ code?: string; detail?: string; teams?: unknown }>("DELETE", `/auth/email/admin/users/${email}`);
const api = async <Body = Record<string, string>>(method: string, path: string, body: unknown, email: string) =>
  (await gateway.api<Body>(method, path, body, await as(gateway, email))).body;
/** A team that a user made. */
const teamOf = (email: string, name: string) => api("POST", "/teams", { name }, email);
async function personalTeam(email: string): Promise<string> {
  const [team] = await gateway.sql("SELECT team_id FROM team_members WHERE user_email = ?", email);
  return String((team as { team_id: unknown }).team_id);
}
/** Makes a user here another owner. */
const addOwner = (id: string, email: string) => gateway.api("POST", `/teams/${id}/members`, { email, role: "owner" });

describe("deleting the only owner of shared teams", () => {
  test("is refused naming them, and changes nothing; it is done once somebody else owns them, or they are gone", async () => {
    await addPerson(gateway, "ann@example.com");
    await addPerson(gateway, "bob@example.com");
    const [search, sales] = [await teamOf("ann@example.com", "Search"), await teamOf("ann@example.com", "Sales")];
    const refused = await remove("ann@example.com");
    expect([refused.status, refused.body]).toEqual([
      409,
      expect.objectContaining({
        detail: expect.stringContaining("Sales, Search"),
        teams: [
          { id: sales.id, name: "Sales" },
          { id: search.id, name: "Search" },
        ],
      }),
    ]);
    const [ann] = await gateway.sql("SELECT is_active FROM users WHERE email = 'ann@example.com'");
    expect(ann).toEqual({ is_active: 1 });
    expect((await addOwner(search.id ?? "", "bob@example.com")).status).toBe(201);
    expect((await gateway.api("DELETE", `/teams/${sales.id}`)).status).toBe(200);
    const [before] = (await gateway.sql("SELECT version FROM teams WHERE id = ?", search.id)) as { version: number }[];
    expect((await remove("ann@example.com")).status).toBe(200);
    const left = await gateway.sql("SELECT user_email, role FROM team_members WHERE team_id = ?", search.id);
    expect(left).toEqual([{ user_email: "bob@example.com", role: "owner" }]);
    const [after] = (await gateway.sql("SELECT version FROM teams WHERE id = ?", search.id)) as { version: number }[];
    expect(after?.version).toBe((before?.version ?? 0) + 1);
  });

  test("leaves every team an owner, also when all its owners are deleted in the same instant", async () => {
    const owners = ["one@example.com", "two@example.com", "three@example.com"];
    for (const email of owners) await addPerson(gateway, email);
    const { id = "" } = await teamOf("one@example.com", "Contested");
    for (const email of owners.slice(1)) await addOwner(id, email);
    const statuses = (await Promise.all(owners.map(remove))).map(({ status }) => status);
    expect(statuses.sort()).toEqual([200, 200, 409]);
    const left = await gateway.sql("SELECT role FROM team_members WHERE team_id = ?", id);
    expect(left).toEqual([{ role: "owner" }]);
  });
});

describe("deleting a user", () => {
  test("takes along the personal team; what was in it stays, private or public, and names no team", async () => {
    const email = await addPerson(gateway, "cleo@example.com");
    const id = await personalTeam(email);
    const made = [];
    for (const [name, visibility] of [
      ["of_the_team", "team"],
      ["of_nobody_else", "private"],
    ])
      made.push(await api("POST", "/tools", { name, url: "http://127.0.0.1:9/", visibility, teamId: id }, email));
    expect(made.map(({ teamId }) => teamId)).toEqual([id, id]);
    expect((await remove(email)).status).toBe(200);
    const rows = await gateway.sql("SELECT name, team_id, visibility, owner_email FROM tools ORDER BY name");
    expect(rows).toEqual([
      { name: "of_nobody_else", team_id: null, visibility: "private", owner_email: email },
      { name: "of_the_team", team_id: null, visibility: "private", owner_email: email },
    ]);
    const seen = await gateway.api<{ name: string; teamId: null }[]>("GET", "/tools?limit=0");
    expect(seen.body.map(({ teamId }) => teamId)).toEqual([null, null]);
  });

  test("is refused in words while something of the personal team has the name of something private", async () => {
    const email = await addPerson(gateway, "dora@example.com");
    const id = await personalTeam(email);
    const tool = { name: "twice", url: "http://127.0.0.1:9/" };
    await api("POST", "/tools", { ...tool, visibility: "team", teamId: id }, email);
    const other = await api("POST", "/tools", { ...tool, visibility: "private" }, email);
    const refused = await remove(email);
    expect([refused.status, refused.body.detail]).toEqual([409, expect.stringContaining("rename one of them first")]);
    await gateway.api("PUT", `/tools/${other.id}`, { name: "once" });
    expect((await remove(email)).status).toBe(200);
  });

  test("takes along the invitations that the user made", async () => {
    const email = await addPerson(gateway, "eve@example.com");
    const { id = "" } = await teamOf("bob@example.com", "Hosts");
    await addOwner(id, email);
    const invited = await api("POST", `/teams/${id}/invitations`, { email: "zoe@example.com" }, email);
    expect(invited.token).toMatch(/^cwl_/);
    expect((await remove(email)).status).toBe(200);
    expect(await gateway.sql("SELECT invited_by FROM team_invitations")).toEqual([]);
  });
});
