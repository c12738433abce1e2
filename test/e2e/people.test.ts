// People: signing in with a password, being invited, locked and signed out, and what each may see and change.
import type { Page } from "playwright-core";
import { describe, expect } from "vitest";
import { addPerson, logIn, PASSWORD, sessionOf } from "../auth/people.ts";
import type { Gateway } from "../harness.ts";
import { addressOf, button, dashboardTest, eventually, field } from "./browser.ts";

const test = dashboardTest();
const ANOTHER = "several other words instead";
/** Hashing passwords takes its time on a busy machine. */
const SLOW_MS = 60_000;

const signIn = async (page: Page, email: string, password: string): Promise<void> => {
  await field(page, "E-mail").fill(email);
  await field(page, "Password").fill(password);
  await button(page, "Sign in").click();
};
const overview = (page: Page): Promise<void> => page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();

const status = (page: Page, text: string): Promise<void> =>
  page.getByRole("status").getByText(text, { exact: true }).waitFor();

/** What the list of users says of one of them. */
const userNow = async (gateway: Gateway, email: string) =>
  (await gateway.api<Record<string, unknown>>("GET", `/auth/email/admin/users/${email}`)).body;

describe("signing in with a password", { timeout: SLOW_MS }, () => {
  test("is refused in words, then leads to the page that was asked for; signing out ends it", async ({
    gateway,
    visit,
    page,
  }) => {
    const ann = await addPerson(gateway, "ann@example.com", { full_name: "Ann Lee" });
    visit.expects("401 GET /auth/session", "401 POST /auth/login");
    await page.goto("/ui/tools");
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    await button(page, "Sign in").click();
    await page.getByText("Type your e-mail address first").waitFor();
    expect(await field(page, "Password").getAttribute("autocomplete")).toBe("current-password");
    expect(await field(page, "E-mail").getAttribute("autocomplete")).toBe("username");

    await signIn(page, ann, "not the password");
    await page.getByRole("alert").getByText("E-mail or password is wrong").waitFor();
    await signIn(page, ann, PASSWORD);
    await page.getByRole("heading", { level: 1, name: "Tools" }).waitFor();
    const within = await page.evaluate(() => document.cookie + JSON.stringify({ ...localStorage, ...sessionStorage }));
    expect(within).toBe("{}");

    await page.getByRole("button", { name: "AL, account of ann@example.com" }).click();
    await button(page, "Sign out").click();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    expect(await gateway.sql("SELECT id FROM sessions WHERE user_email = ?", ann)).toEqual([]);
  });

  test("says how long it is locked after too many wrong ones, until an administrator unlocks", async ({
    gateway,
    visit,
    page,
  }) => {
    const bob = await addPerson(gateway, "bob@example.com");
    visit.expects("401 GET /auth/session", "429 POST /auth/login");
    while ((await logIn(gateway, bob, "a guess that is wrong")).status !== 429);
    await page.goto("/ui/login");
    await signIn(page, bob, PASSWORD);
    await page
      .getByRole("alert")
      .getByText(/^Too many attempts\. Try again in \d+ (second|minute)s?/)
      .waitFor();

    await visit.open("/ui/users?status=locked");
    await page.getByRole("link", { name: bob }).click();
    const drawer = page.getByRole("dialog", { name: bob });
    await button(drawer, "Unlock").click();
    await status(page, `${bob} can sign in again`);
    expect((await logIn(gateway, bob)).status).toBe(200);
  });

  test("with one that must be changed leads to choosing another, and on", async ({ gateway, visit, page }) => {
    const cid = "cid@example.com";
    await gateway.api("POST", "/auth/email/admin/users", { email: cid, password: PASSWORD });
    visit.expects("401 GET /auth/session", "403 POST /auth/login");
    await page.goto("/ui/login?next=/ui/profile");
    await signIn(page, cid, PASSWORD);
    await page.getByRole("heading", { name: "Choose a new password" }).waitFor();
    expect(addressOf(page)).not.toContain("#");
    await field(page, "New password").fill("short");
    await page.getByText("It has fewer than 12 characters").waitFor();
    await field(page, "New password").fill(ANOTHER);
    await page.getByText("Good: long enough").waitFor();
    await button(page, "Set password and sign in").click();
    await page.getByRole("heading", { level: 1, name: "Profile" }).waitFor();
    expect((await logIn(gateway, cid, ANOTHER)).status).toBe(200);
  });
});

test("a user is invited by a link that is shown once, chooses a password and signs in", { timeout: SLOW_MS }, async ({
  browser,
  gateway,
  visit,
  page,
}) => {
  await visit.open("/ui/users");
  await page.getByRole("main").getByRole("link", { name: "Add user" }).click();
  const adding = page.getByRole("dialog", { name: "Add user" });
  await field(adding, "E-mail").fill("dan@example.com");
  await field(adding, "Name").fill("Dan Roe");
  await button(adding, "Add user").click();
  const added = page.getByRole("dialog", { name: "dan@example.com is added" });
  const link = await added.getByRole("figure").getByRole("code").innerText();
  expect(link).toMatch(/\/ui\/reset#\S{20,}$/);
  await button(added, "Done").click();
  await page.getByRole("link", { name: "Dan Roe" }).click();
  await page.getByRole("dialog", { name: "Dan Roe" }).getByText("None yet").waitFor();

  const context = await browser.newContext({ baseURL: gateway.url });
  const theirs = await context.newPage();
  await theirs.goto(link);
  await theirs.getByText("Choose a password for dan@example.com").waitFor();
  expect(theirs.url()).toBe(`${gateway.url}/ui/reset`);
  await field(theirs, "New password").fill(PASSWORD);
  await button(theirs, "Set password and sign in").click();
  await overview(theirs);
  await theirs.goto(link);
  await theirs.getByText("This link was used, or is too old").waitFor();
  await context.close();
  expect((await userNow(gateway, "dan@example.com")).has_password).toBe(true);
});

test("who is invited to a team signs in first, then joins", { timeout: SLOW_MS }, async ({ gateway, visit, page }) => {
  const kim = await addPerson(gateway, "kim@example.com");
  const team = await gateway.api<{ id: string }>("POST", "/teams", { name: "Harbour" });
  const asked = await gateway.api<{ url: string }>("POST", `/teams/${team.body.id}/invitations`, { email: kim });
  visit.expects("401 GET /auth/session");
  await page.goto(asked.body.url);
  await signIn(page, kim, PASSWORD);
  await page.getByText(`You join as ${kim}`).waitFor();
  expect(addressOf(page)).toBe("/ui/invitation");
  await button(page, "Join the team").click();
  await page.getByRole("heading", { name: "You are in Harbour now" }).waitFor();
  expect((await userNow(gateway, kim)).teams).toContainEqual({ id: team.body.id, name: "Harbour", role: "member" });
});

describe("users, as an administrator manages them", { timeout: SLOW_MS }, () => {
  test("rights are given and taken, each after a question", async ({ gateway, visit, page }) => {
    await addPerson(gateway, "owner@example.com", { is_admin: true });
    const eve = await addPerson(gateway, "eve@example.com");
    await visit.open(`/ui/users/${eve}`);
    const drawer = page.getByRole("dialog", { name: eve, exact: true });
    await button(drawer, "Make administrator").click();
    await button(page.getByRole("dialog", { name: `Make ${eve} an administrator?` }), "Make administrator").click();
    await status(page, `${eve} is an administrator now`);
    expect((await userNow(gateway, eve)).is_admin).toBe(true);
    await button(drawer, "Make ordinary user").click();
    await button(page.getByRole("dialog", { name: "rights?" }), "Take the rights").click();
    await eventually(async () => (await userNow(gateway, eve)).is_admin).toBe(false);
  });

  test("one is deactivated, activated and deleted, the last only after the address is typed", async ({
    gateway,
    visit,
    page,
  }) => {
    const fay = await addPerson(gateway, "fay@example.com", { full_name: "Fay" });
    await visit.open(`/ui/users?q=fay`);
    await page.getByRole("link", { name: "Fay" }).click();
    const drawer = page.getByRole("dialog", { name: "Fay", exact: true });
    await button(drawer, "Deactivate").click();
    await button(page.getByRole("dialog", { name: "Deactivate Fay?" }), "Deactivate").click();
    await drawer.getByText("Inactive", { exact: true }).waitFor();
    expect((await logIn(gateway, fay)).status).toBe(401);
    await button(drawer, "Activate").click();
    await drawer.getByText("Active", { exact: true }).waitFor();

    await button(drawer, "Delete").click();
    const question = page.getByRole("dialog", { name: "Delete Fay?" });
    expect(await button(question, "Delete user").isDisabled()).toBe(true);
    await field(question, "Type").fill(fay);
    await button(question, "Delete user").click();
    await page.getByRole("heading", { name: "No user matches" }).waitFor();
    expect(await gateway.sql("SELECT email FROM users WHERE email = ?", fay)).toEqual([]);
  });

  test("who may not see users has no such page, and is told which permission it takes", async ({
    gateway,
    visit,
    page,
  }) => {
    const gus = await addPerson(gateway, "gus@example.com");
    visit.expects("401 GET /auth/session");
    await page.goto("/ui/login");
    await signIn(page, gus, PASSWORD);
    await overview(page);
    const links = page.getByRole("navigation", { name: "Main" }).getByRole("link");
    const shown = await links.allInnerTexts();
    expect(shown).toContain("Tokens");
    expect(shown).not.toContain("Users");
    expect(shown).not.toContain("Audit");
    await page.goto("/ui/users");
    await page.getByText("You need the permission users.read for this page").waitFor();
  });
});

describe("one's own profile", { timeout: SLOW_MS }, () => {
  test("changes the name, and the password of who knows the old one", async ({ gateway, visit, page }) => {
    const hal = await addPerson(gateway, "hal@example.com");
    visit.expects("422 POST /auth/email/change-password");
    await visit.carry(await sessionOf(gateway, hal));
    await page.goto("/ui/profile");
    await field(page, "Name").fill("Hal Ode");
    await button(page, "Save name").click();
    await status(page, "Your name is saved");
    await page.getByRole("button", { name: `HO, account of ${hal}` }).waitFor();

    await field(page, "Password you have now").fill("not the password");
    await field(page, "New password").fill(ANOTHER);
    await button(page, "Change password").click();
    await page.getByText("This is not your present password").waitFor();
    await field(page, "Password you have now").fill(PASSWORD);
    await field(page, "New password").fill(PASSWORD);
    await button(page, "Change password").click();
    await page.getByText("one of the last five passwords").waitFor();
    await field(page, "New password").fill(ANOTHER);
    await button(page, "Change password").click();
    await status(page, "Your password is changed. Your other sessions have ended");
    expect((await logIn(gateway, hal, ANOTHER)).status).toBe(200);
  });

  test("shows each session and ends others; where one was ended, the next step is to sign in again", async ({
    browser,
    gateway,
    visit,
    page,
  }) => {
    const ida = await addPerson(gateway, "ida@example.com");
    visit.expects("401 GET /auth/session");
    const context = await browser.newContext({ baseURL: gateway.url });
    const elsewhere = await context.newPage();
    for (const one of [elsewhere, page]) {
      await one.goto("/ui/login");
      await signIn(one, ida, PASSWORD);
      await overview(one);
    }
    await page.goto("/ui/profile");
    const sessions = page.getByRole("region", { name: "Where you are signed in" });
    await sessions.getByText("This one", { exact: true }).waitFor();
    expect(await sessions.getByRole("listitem").filter({ hasText: "Chrome on Linux" }).count()).toBe(2);
    await button(sessions, "End").click();
    await status(page, "The session has ended");
    await sessions.getByRole("listitem").and(page.locator(":only-child")).getByText("This one").waitFor();

    await elsewhere.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Tools" }).click();
    await elsewhere.getByRole("alert").getByText("Your session has ended").waitFor();
    expect(addressOf(elsewhere)).toBe(`/ui/login?next=${encodeURIComponent("/ui/tools")}`);
    await signIn(elsewhere, ida, PASSWORD);
    await elsewhere.getByRole("heading", { level: 1, name: "Tools" }).waitFor();
    await context.close();
  });
});

test("who may only look sees no way to change; what people make is theirs until they give it to a team", {
  timeout: SLOW_MS,
}, async ({ gateway, visit, page }) => {
  const lou = await addPerson(gateway, "lou@example.com");
  const shared = await gateway.api<{ id: string }>("POST", "/servers", { name: "Shared" });
  const team = await gateway.api<{ id: string }>("POST", "/teams", { name: "Dock", members: [{ email: lou }] });
  await visit.carry(await sessionOf(gateway, lou));
  await page.goto(`/ui/virtual-servers/${shared.body.id}`);
  await page.getByText("You may look, but not change this virtual server").waitFor();
  expect(await button(page, "Delete").count()).toBe(0);
  expect(await button(page, "Save changes").count()).toBe(0);

  await page.goto("/ui/virtual-servers/new");
  await field(page, "Name").fill("Lou's own");
  await page.getByText("who sees it", { exact: false }).first().click();
  const places = page.getByRole("combobox", { name: "Who sees it" });
  const options = await places.getByRole("option").allInnerTexts();
  expect(options.toSorted()).toEqual(["Only you", "The team Dock", "The team lou@example.com's team"]);
  expect(await places.locator("option:checked").innerText()).toBe("Only you");
  await button(page, "Create virtual server").click();
  await page.getByTitle("Seen by: Only you").waitFor();
  const saved = async () => (await gateway.api<Record<string, unknown>[]>("GET", "/servers")).body.find(isTheirs);
  const isTheirs = (row: Record<string, unknown>): boolean => row.ownerEmail === lou;
  expect(await saved()).toMatchObject({ visibility: "private", teamId: null });

  await page.getByText("who sees it", { exact: false }).first().click();
  await places.selectOption({ label: "The team Dock" });
  await button(page, "Save changes").click();
  await page.getByTitle("Seen by: The team Dock").waitFor();
  expect(await saved()).toMatchObject({ visibility: "team", teamId: team.body.id, team: "Dock" });
});
