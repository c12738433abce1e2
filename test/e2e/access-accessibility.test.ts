// Everybody can use the pages of who may do what: no violation axe knows of, in either theme, on a desk or a phone.
import { describe, expect } from "vitest";
import { LOOKS_MS, violations } from "./axe.ts";
import { button, dashboardTest, field } from "./browser.ts";
import { bundleOf, numbered, register, startTools } from "./upstreams.ts";

const test = dashboardTest().extend("things", { scope: "file" }, async ({ gateway }, { onCleanup }) => {
  const upstream = await startTools(numbered(3));
  onCleanup(upstream.close);
  const { tool_001 = "" } = (await register(gateway, "Numbers", upstream)).tools;
  const server = await bundleOf(gateway, "Desk", [tool_001]);
  const make = async <Body>(path: string, body: object): Promise<Body> =>
    (await gateway.api<Body>("POST", path, body)).body;
  const made = await make<{ token: { id: string }; access_token: string }>("/tokens", {
    name: "ci-nightly",
    scope: { server_id: server, tools: ["tool_001"], permissions: ["tools.read"], ip_restrictions: ["127.0.0.1"] },
  });
  await fetch(`${gateway.url}/tools`, { headers: { authorization: `Bearer ${made.access_token}` } });
  const { id: team } = await make<{ id: string }>("/teams", { name: "Platform", visibility: "public" });
  await make(`/teams/${team}/invitations`, { email: "new@example.com" });
  const permissions = ["servers.*", "tools.read"];
  const { id: role } = await make<{ id: string }>("/rbac/roles", { name: "Releaser", scope: "global", permissions });
  return { server, token: made.token.id, team, role };
});
type Things = { server: string; token: string; team: string; role: string };

type Shown = [name: string, path: (things: Things) => string, sign: string];
const PAGES: Shown[] = [
  ["tokens", () => "/ui/tokens", "1 token"],
  ["everybody's tokens", () => "/ui/tokens?everybody=1", "1 token"],
  ["a new token", ({ server }) => `/ui/tokens/new?server=${server}`, "What it may reach"],
  ["a token", ({ token }) => `/ui/tokens/${token}`, "Held to"],
  ["a token's usage", ({ token }) => `/ui/tokens/${token}?tab=usage`, "As a table"],
  ["editing a token", ({ token }) => `/ui/tokens/${token}/edit`, "Save changes"],
  ["teams", () => "/ui/teams", "1 team"],
  ["a new team", () => "/ui/teams/new", "Members, at most"],
  ["a team", ({ team }) => `/ui/teams/${team}`, "What it has"],
  ["who is in a team", ({ team }) => `/ui/teams/${team}?tab=members`, "Add member"],
  ["who is invited into a team", ({ team }) => `/ui/teams/${team}?tab=invitations`, "new@example.com"],
  ["who asks to join a team", ({ team }) => `/ui/teams/${team}?tab=requests`, "Nobody asks to join"],
  ["roles", () => "/ui/roles", "8 roles"],
  ["a new role", () => "/ui/roles/new", "Inherits from"],
  ["a role", ({ role }) => `/ui/roles/${role}`, "use over MCP"],
  ["who holds a role", ({ role }) => `/ui/roles/${role}?tab=holders`, "Give it to somebody"],
  ["who may do what", () => "/ui/roles/check", "May they"],
  ["the audit trail", () => "/ui/audit", "role.create"],
  ["an entry of it", () => "/ui/audit/1", "Of the one before"],
  ["refused calls", () => "/ui/audit/counts", "Refused"],
];

describe("axe finds nothing, at 1280 and 375 px, light and dark", { timeout: LOOKS_MS }, () => {
  test.for(PAGES)("%s", async ([, path, sign], { things, visit, page }) => {
    await visit.open(path(things));
    await page.getByText(sign).first().waitFor();
    expect(await violations(page)).toEqual([]);
  });

  test("a new token with every field, and what is wrong with them", async ({ things, visit, page }) => {
    await visit.open(`/ui/tokens/new?server=${things.server}`);
    await button(page, "Unfold Desk").click();
    await page.getByRole("radio", { name: "Never" }).click();
    await page.getByRole("radio", { name: "Choose" }).click();
    await page.getByRole("switch", { name: "Only at certain hours" }).click();
    await field(page, "Requests an hour").fill("many");
    await button(page, "Make token").click();
    await page.getByText("3 fields need a look").waitFor();
    expect(await violations(page)).toEqual([]);
  });

  test("the secret of a token, and the question before it is closed", async ({ things, visit, page }) => {
    await visit.open(`/ui/tokens/new?server=${things.server}`);
    await field(page, "Name").fill("laptop");
    await button(page, "Make token").click();
    await page.getByText("Connect a client").last().waitFor();
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press("Escape");
    await page.getByRole("dialog", { name: "Is the secret where you need it?" }).waitFor();
    expect(await violations(page)).toEqual([]);
    await button(page, "Close").last().click();
    await page.getByRole("dialog", { name: "laptop", exact: true }).waitFor();
  });

  test("revoking a token, deleting a team, checking the chain", async ({ things, visit, page }) => {
    await visit.open(`/ui/tokens/${things.token}`);
    await button(page, "Revoke").click();
    await field(page, "Reason").waitFor();
    expect(await violations(page)).toEqual([]);
    await visit.open(`/ui/teams/${things.team}`);
    await button(page, "Delete").click();
    await field(page.getByRole("dialog", { name: "Delete Platform?" }), "Type").waitFor();
    expect(await violations(page)).toEqual([]);
    await visit.open("/ui/audit");
    await button(page, "Verify the chain").click();
    await page.getByText("The chain is whole").waitFor();
    expect(await violations(page)).toEqual([]);
  });
});
