// Who may do what, by hand in the browser: tokens, teams, roles and the audit trail, and what follows from it elsewhere.
import type { Page } from "playwright-core";
import { describe, expect } from "vitest";
import { addPerson, sessionOf } from "../auth/people.ts";
import { connectSession } from "../peers.ts";
import { modern, send } from "../wire.ts";
import { addressOf, button, dashboardTest, eventually, field, shownConfig } from "./browser.ts";
import { bundleOf, numbered, register, startTools } from "./upstreams.ts";

/** Many steps, each in a browser on a busy machine. */
const SLOW_MS = 60_000;

const test = dashboardTest().extend("servers", { scope: "file" }, async ({ gateway }, { onCleanup }) => {
  const upstream = await startTools(numbered(4), { call: () => ({ content: [{ type: "text", text: "done" }] }) });
  onCleanup(upstream.close);
  const { tool_001 = "", tool_002 = "", tool_003 = "" } = (await register(gateway, "Numbers", upstream)).tools;
  return {
    desk: await bundleOf(gateway, "Desk", [tool_001, tool_002]),
    other: await bundleOf(gateway, "Other", [tool_003]),
  };
});

const status = (page: Page, text: string): Promise<void> =>
  page.getByRole("status").getByText(text, { exact: true }).waitFor();

describe("a token", { timeout: SLOW_MS }, () => {
  test("made for one virtual server calls tools there and nowhere else, until it is revoked", async ({
    gateway,
    servers,
    visit,
    page,
  }) => {
    const urlOf = (id: string): string => `${gateway.url}/servers/${id}/mcp`;
    await visit.open(`/ui/connect?server=${servers.desk}`);
    await page.getByRole("link", { name: "New token" }).click();
    await page.getByRole("heading", { level: 1, name: "New token" }).waitFor();
    expect(await page.getByRole("checkbox", { name: "Desk", exact: true }).isChecked()).toBe(true);
    expect(await page.getByRole("checkbox", { name: "Other", exact: true }).isChecked()).toBe(false);
    await button(page, "Make token").click();
    await page.getByText("Enter a name").waitFor();
    await field(page, "Name").fill("ci-nightly");
    await button(page, "Unfold Desk").click();
    await page.getByRole("checkbox", { name: "tool_002" }).uncheck();
    await button(page, "Make token").click();

    const revealed = page.getByRole("dialog", { name: "ci-nightly is ready" });
    await revealed.getByText("It is shown this once only.").waitFor();
    const secret = await shownConfig(page, "Secret of ci-nightly");
    expect(await shownConfig(page, ".env")).toContain(secret);
    expect(await revealed.getByText(urlOf(servers.desk)).count()).toBeGreaterThan(0);

    const { client } = await connectSession(urlOf(servers.desk), secret);
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(["tool_001"]);
    await client.callTool({ name: "tool_001", arguments: {} });
    await client.close();
    const headers = { authorization: `Bearer ${secret}` };
    const at = async (id: string): Promise<number> => (await send(urlOf(id), modern(1, "tools/list"), headers)).status;
    expect(await at(servers.desk)).toBe(200);
    expect(await at(servers.other)).toBe(403);

    await button(revealed, "Done, I have it").click();
    const drawer = page.getByRole("dialog", { name: "ci-nightly", exact: true });
    await drawer.getByText("servers.use").waitFor();
    expect(await page.content()).not.toContain(secret);
    await drawer.getByRole("tab", { name: "Usage" }).click();
    await drawer.getByText("Requests an hour").waitFor();
    await drawer.getByText("As a table").click();
    expect(await drawer.getByRole("table", { name: "Requests an hour" }).getByRole("row").count()).toBeGreaterThan(1);

    await button(drawer, "Revoke").click();
    const question = page.getByRole("dialog", { name: "Revoke ci-nightly?" });
    await field(question, "Reason").fill("No longer needed");
    await button(question, "Revoke token").click();
    await status(page, "ci-nightly is revoked");
    await drawer.getByRole("tab", { name: "Overview" }).click();
    await drawer.getByText("No longer needed").waitFor();
    expect(await at(servers.desk)).toBe(401);
    await page.keyboard.press("Escape");
    await page
      .getByRole("row", { name: /ci-nightly/ })
      .getByText("Revoked")
      .waitFor();
  });

  test("is held to what the form says: tools of several servers, addresses, hours, numbers, an end", async ({
    gateway,
    servers,
    visit,
    page,
  }) => {
    await visit.open("/ui/tokens/new");
    await field(page, "Name").fill("fenced");
    const reach = page.getByRole("region", { name: "What it may reach" });
    await reach.getByText("everything you may use").waitFor();
    await reach.getByRole("checkbox", { name: "Desk", exact: true }).check();
    await button(page, "Unfold Desk").click();
    await reach.getByRole("checkbox", { name: "tool_002" }).uncheck();
    await reach.getByText("1 tool", { exact: true }).waitFor();
    await reach.getByRole("checkbox", { name: "Other", exact: true }).check();
    await reach.getByText("2 tools", { exact: true }).waitFor();

    await page.getByRole("radio", { name: "Read only" }).click();
    await page.getByRole("radio", { name: "On a date" }).click();
    const nextYear = new Date().getUTCFullYear() + 1;
    await page.getByLabel("Last day").fill(`${nextYear}-06-30`);
    await field(page, "Only from").fill("192.0.2.0/24 2001:db8::/32");
    await field(page, "Requests an hour").fill("60");
    await page.getByRole("switch", { name: "Only at certain hours" }).click();
    await button(page, "Mon").click();
    await page.getByLabel("From", { exact: true }).fill("09:00");
    await page.getByLabel("To", { exact: true }).fill("17:30");
    await field(page, "Time zone").fill("Europe/Berlin");
    await button(page, "Make token").click();
    await button(page, "Done, I have it").click();
    const drawer = page.getByRole("dialog", { name: "fenced", exact: true });
    await drawer.getByText("Mon, 09:00 to 17:30, Europe/Berlin").waitFor();
    await drawer.getByText("60 an hour").waitFor();

    const { body } = await gateway.api<Record<string, unknown>>("GET", addressOf(page).replace("/ui", ""));
    expect(body).toMatchObject({
      server_ids: [servers.desk, servers.other],
      tools: ["tool_001", "tool_003"],
      ip_restrictions: ["192.0.2.0/24", "2001:db8::/32"],
      time_restrictions: { days: [1], start: "09:00", end: "17:30", timezone: "Europe/Berlin" },
      usage_limits: { requests_per_hour: 60, requests_per_day: null },
    });
    expect(new Set(body.resource_scopes as string[])).toEqual(
      new Set(["servers.use", "tools.read", "prompts.read", "resources.read"]),
    );
    expect(String(body.expires_at)).toContain(`${nextYear}-0`);
  });

  test("is rotated, changed and switched off; everybody's are an administrator's to see", async ({
    gateway,
    servers,
    visit,
    page,
  }) => {
    const eve = await addPerson(gateway, "eve@example.com");
    const hers = { "content-type": "application/json", authorization: `Bearer ${await sessionOf(gateway, eve)}` };
    await gateway.api("POST", "/tokens", { name: "eve's own" }, hers);
    const made = await gateway.api<{ token: { id: string }; access_token: string }>("POST", "/tokens", {
      name: "laptop",
      scope: { server_id: servers.desk },
    });
    const works = async (secret: string): Promise<number> =>
      (await fetch(`${gateway.url}/tools`, { headers: { authorization: `Bearer ${secret}` } })).status;
    await visit.open(`/ui/tokens/${made.body.token.id}`);
    const drawer = page.getByRole("dialog", { name: "laptop", exact: true });
    await drawer.getByRole("link", { name: "Edit" }).click();
    await page.getByRole("checkbox", { name: "Desk", exact: true }).uncheck();
    await field(page, "Only from").fill("203.0.113.0/33");
    await button(page, "Save changes").click();
    visit.expects(`422 PUT /tokens/${made.body.token.id}`);
    await page.getByText("203.0.113.0/33 is no address and no CIDR range").waitFor();
    await field(page, "Only from").fill("");
    await button(page, "Save changes").click();
    await status(page, "laptop is saved");
    expect(await works(made.body.access_token)).toBe(200);

    await button(drawer, "Switch off").click();
    await status(page, "laptop is switched off");
    expect(await works(made.body.access_token)).toBe(401);
    await button(drawer, "Switch on").click();
    await status(page, "laptop is switched on");

    await button(drawer, "Rotate").click();
    await page.getByRole("radio", { name: "Not at all" }).click();
    await button(page.getByRole("dialog", { name: "Rotate laptop?" }), "Rotate").click();
    await page.getByRole("dialog", { name: "laptop is ready" }).waitFor();
    const next = await shownConfig(page, "Secret of laptop");
    expect(await works(next)).toBe(200);
    expect(await works(made.body.access_token)).toBe(401);
    await page.keyboard.press("Escape");
    await button(page.getByRole("dialog", { name: "Is the secret where you need it?" }), "Close").click();

    expect(await page.getByText("eve's own").count()).toBe(0);
    await page.getByRole("switch", { name: "Everybody's" }).click();
    await page.getByRole("link", { name: "eve's own" }).click();
    await page.getByRole("dialog", { name: "eve's own" }).getByText("all its owner has").waitFor();
    expect(await page.getByRole("dialog", { name: "eve's own" }).getByRole("link", { name: "Edit" }).count()).toBe(0);
  });
});

describe("a team", { timeout: SLOW_MS }, () => {
  test("is made, joined by an invitation, and sees what is its own", async ({ gateway, visit, page }) => {
    const mia = await addPerson(gateway, "mia@example.com", { full_name: "Mia Lind" });
    await visit.open("/ui/teams");
    await page.getByRole("link", { name: "New team" }).first().click();
    await field(page, "Name").fill("Platform");
    await button(page, "Make team").click();
    await status(page, "Platform is saved");
    const team = page.getByRole("dialog", { name: "Platform" });
    await team.getByRole("tab", { name: "Invitations" }).click();
    await field(team, "E-mail").fill(mia);
    await team.getByRole("combobox", { name: "As" }).selectOption("Viewer");
    await button(team, "Invite").click();
    await team.getByText(`Give this link to ${mia}`).waitFor();
    const link = await shownConfig(page, `Invitation for ${mia}`);
    const id = addressOf(page).split(/[/?]/)[3] ?? "";
    await gateway.api("POST", "/servers", { name: "Platform's own", visibility: "team", teamId: id });

    await visit.carry(await sessionOf(gateway, mia));
    await page.goto("/ui/virtual-servers");
    await page.getByRole("heading", { level: 1, name: "Virtual servers" }).waitFor();
    await page.goto(link);
    await button(page, "Join the team").click();
    await page.getByText("You are in Platform now").waitFor();
    await page.getByRole("link", { name: "Go to the team" }).click();
    await team.getByRole("link", { name: "Virtual servers" }).click();
    await page.getByRole("link", { name: "Platform's own" }).waitFor();
    expect(await page.getByRole("link", { name: "Desk" }).count()).toBe(0);

    await page.goto(`/ui/teams/${id}?tab=members`);
    await team.getByText("Mia Lind").waitFor();
    expect(await team.getByRole("combobox").count()).toBe(0);
    await button(team, "Leave").click();
    await button(page.getByRole("dialog", { name: "Leave Platform?" }), "Leave").click();
    await status(page, "You left Platform");
    const members = await gateway.api<{ user_email: string }[]>("GET", `/teams/${id}/members`);
    expect(members.body.map(({ user_email }) => user_email)).not.toContain(mia);
  });

  test("that is open to requests is asked, and its owner decides; deleting it says what becomes of what it has", async ({
    gateway,
    visit,
    page,
  }) => {
    const kim = await addPerson(gateway, "kim@example.com");
    const made = await gateway.api<{ id: string }>("POST", "/teams", { name: "Research", visibility: "public" });
    const { id } = made.body;
    await gateway.api("POST", "/servers", { name: "Of research", visibility: "team", teamId: id });

    await visit.carry(await sessionOf(gateway, kim));
    await page.goto("/ui/teams");
    await page.getByRole("radio", { name: "To join" }).click();
    await page.getByRole("link", { name: "Research" }).click();
    const team = page.getByRole("dialog", { name: "Research" });
    await field(team, "Message").fill("I do the same work");
    await button(team, "Ask to join").click();
    await team.getByText("You asked to join Research").waitFor();

    await visit.open(`/ui/teams/${id}?tab=requests`);
    await team.getByText("I do the same work").waitFor();
    await button(team, "Approve").click();
    await status(page, `${kim} is in Research now`);
    await team.getByRole("tab", { name: "Members" }).click();
    await team.getByRole("combobox", { name: `Role of ${kim}` }).selectOption("Owner");
    await status(page, `${kim} is owner now`);

    await button(team, "Delete").click();
    const question = page.getByRole("dialog", { name: "Delete Research?" });
    await question.getByText("It has 1 virtual server.").waitFor();
    await field(question, "Type").fill("Research");
    expect(await button(question, "Delete team").isDisabled()).toBe(true);
    await question.getByRole("switch").click();
    await button(question, "Delete team").click();
    await status(page, "Research is deleted");
    expect((await gateway.api("GET", `/teams/${id}`)).status).toBe(404);
    const left = await gateway.api<{ name: string; visibility: string }[]>("GET", "/servers?q=Of%20research");
    expect(left.body).toMatchObject([{ visibility: "private" }]);
  });
});

describe("a role", { timeout: SLOW_MS }, () => {
  test("is made of permissions, given until a day, answers who may do what, and is taken away", async ({
    gateway,
    visit,
    page,
  }) => {
    const joe = await addPerson(gateway, "joe@example.com");
    await visit.open("/ui/roles/new");
    const form = page.getByRole("dialog", { name: "New role" });
    await field(form, "Name").fill("Release manager");
    await form.getByRole("checkbox", { name: "Virtual servers: everything" }).check();
    await form.getByRole("checkbox", { name: "Virtual servers: delete" }).uncheck();
    await button(form, "Make role").click();
    await status(page, "Release manager is saved");
    const role = page.getByRole("dialog", { name: "Release manager" });
    expect(await role.getByRole("checkbox", { name: "Virtual servers: create" }).isChecked()).toBe(true);
    expect(await role.getByRole("checkbox", { name: "Virtual servers: delete" }).isChecked()).toBe(false);

    await role.getByRole("tab", { name: "Who holds it" }).click();
    await role.getByText("Nobody holds it").waitFor();
    await field(role, "E-mail").fill(joe);
    await role.getByLabel("Last day").fill("2099-12-31");
    await button(role, "Give role").click();
    await status(page, `${joe} holds Release manager now`);
    await role.getByText("until Dec 31, 2099").waitFor();

    await page.keyboard.press("Escape");
    await page.getByRole("link", { name: "Who may do what?" }).click();
    const check = page.getByRole("dialog", { name: "Who may do what?" });
    await field(check, "Who").fill(joe);
    await check.getByRole("combobox", { name: "May they" }).selectOption("servers.create");
    await button(check, "Check").click();
    await check.getByRole("alert").getByText("by Release manager").waitFor();
    await check.getByRole("combobox", { name: "May they" }).selectOption("servers.delete");
    await button(check, "Check").click();
    await check.getByText("No role of theirs grants it").waitFor();
    await page.keyboard.press("Escape");

    await page.getByRole("link", { name: "Release manager" }).click();
    await role.getByRole("tab", { name: "Who holds it" }).click();
    await button(role, `Take it from ${joe}`).click();
    await button(page.getByRole("dialog", { name: `Take Release manager from ${joe}?` }), "Take it away").click();
    await status(page, `${joe} no longer holds Release manager`);
    await button(role, "Delete").click();
    await button(page.getByRole("dialog", { name: "Delete Release manager?" }), "Delete role").click();
    await status(page, "Release manager is deleted");
  });
});

describe("the audit trail", { timeout: SLOW_MS }, () => {
  test("is filtered in the address, opened, exported and checked", async ({ gateway, servers, visit, page }) => {
    await gateway.api("POST", "/teams", { name: "Watched" });
    await visit.open("/ui/audit");
    await page.getByRole("link", { name: "team.create" }).first().waitFor();
    await button(page, "About").click();
    await page.getByRole("radio", { name: "Virtual servers" }).click();
    await eventually(() => addressOf(page)).toBe("/ui/audit?action=server");
    await eventually(() => page.getByRole("link", { name: "team.create" }).count()).toBe(0);
    await button(page, "What").click();
    await field(page, "What").fill(servers.desk);
    await button(page, "Apply").click();
    await eventually(() => addressOf(page)).toBe(`/ui/audit?action=server&target=${servers.desk}`);
    await page.getByText("1 entry", { exact: true }).waitFor();
    await page.getByRole("link", { name: "server.create" }).click();
    const entry = page.getByRole("dialog", { name: "server.create" });
    await entry.getByText('"Desk"').waitFor();
    await page.keyboard.press("Escape");

    await button(page, "Export").click();
    const download = page.waitForEvent("download");
    await page.getByRole("link", { name: "CSV" }).click();
    expect((await download).suggestedFilename()).toMatch(/^audit-.*\.csv$/);

    await button(page, "Verify the chain").click();
    const verdict = page.getByRole("dialog", { name: "The chain of the audit trail" });
    await verdict.getByText("The chain is whole.").waitFor();
    await button(verdict, "Close").click();
  });

  test("has refused calls beside it, by who was refused", async ({ gateway, visit, page }) => {
    const ned = await addPerson(gateway, "ned@example.com");
    const refused = await fetch(`${gateway.url}/audit`, {
      headers: { authorization: `Bearer ${await sessionOf(gateway, ned)}` },
    });
    expect(refused.status).toBe(403);
    await visit.open("/ui/audit");
    await page.getByRole("radio", { name: "Refused calls and uses of secrets" }).click();
    await page.getByRole("link", { name: ned }).click();
    await eventually(() => addressOf(page)).toBe(`/ui/audit/counts?principal=${encodeURIComponent(ned)}`);
    await page.getByText("audit.read").waitFor();
    await page.getByText("1 count", { exact: true }).waitFor();
  });
});
