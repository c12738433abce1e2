// Everybody can use it: no violation axe knows of, on any page, in either theme, on a desk or a phone; and no mouse.
import type { Page } from "playwright-core";
import { describe, expect } from "vitest";
import { addPerson, sessionOf } from "../auth/people.ts";
import { LOOKS_MS, violations } from "./axe.ts";
import { addressOf, button, dashboardTest, eventually, field } from "./browser.ts";
import { bundleOf, numbered, register, startTools } from "./upstreams.ts";

const test = dashboardTest().extend("catalog", { scope: "file" }, async ({ gateway }, { onCleanup }) => {
  const upstream = await startTools(numbered(60));
  onCleanup(upstream.close);
  const { id, tools } = await register(gateway, "Numbers", upstream);
  const { tool_001 = "", tool_010 = "" } = tools;
  const person = await addPerson(gateway, "ada@example.com", { full_name: "Ada Kern" });
  return {
    url: upstream.url,
    id,
    person,
    tool: tool_010,
    server: await bundleOf(gateway, "Bundle", [tool_001, tool_010]),
  };
});
type Catalog = { id: string; person: string; tool: string; server: string };

type Shown = [name: string, path: (catalog: Catalog) => string, sign: string];
const PAGES: Shown[] = [
  ["overview", () => "/ui/", "Who calls, what answers"],
  ["MCP servers", () => "/ui/servers", "1 server"],
  ["adding a server", () => "/ui/servers/new", "Where the server answers MCP"],
  ["a server", ({ id }) => `/ui/servers/${id}`, "Last refresh"],
  ["editing a server", ({ id }) => `/ui/servers/${id}/edit`, "Save changes"],
  ["tools", () => "/ui/tools", "1 to 50 of 60 tools"],
  ["a tool", ({ tool }) => `/ui/tools/${tool}`, "may destroy data"],
  ["trying a tool", ({ tool }) => `/ui/tools/${tool}?tab=try`, "with your rights"],
  ["adding a REST tool", () => "/ui/tools/new", "Input schema"],
  ["virtual servers", () => "/ui/virtual-servers", "1 virtual server"],
  ["a new virtual server", () => "/ui/virtual-servers/new", "Nothing chosen yet"],
  ["a virtual server", ({ server }) => `/ui/virtual-servers/${server}`, "What clients see"],
  ["connecting a client", () => "/ui/connect", "Make a token"],
  ["users", () => "/ui/users", "1 user"],
  ["adding a user", () => "/ui/users/new", "The user signs in with it"],
  ["a user", ({ person }) => `/ui/users/${person}`, "Make administrator"],
  ["where a user is signed in", ({ person }) => `/ui/users/${person}?tab=sessions`, "Signed in nowhere"],
  ["editing a user", ({ person }) => `/ui/users/${person}/edit`, "Save changes"],
  ["an invitation to a team", () => "/ui/invitation#a-secret", "Somebody invites you"],
  ["API docs", () => "/docs", "operations"],
  ["no such page", () => "/ui/nowhere", "There is no such page"],
];

describe("axe finds nothing on any page, at 1280 and 375 px, light and dark", () => {
  test.for(PAGES)("%s", { timeout: LOOKS_MS }, async ([, path, sign], { catalog, visit, page }) => {
    await visit.open(path(catalog));
    await page.getByText(sign).first().waitFor();
    expect(await violations(page)).toEqual([]);
  });

  const ENTRANCES: [name: string, path: string, sign: string][] = [
    ["asking for a link", "/ui/login?with=link", "It works once"],
    ["choosing a password without a link", "/ui/reset", "open it once more"],
    ["claiming without a link", "/ui/claim", "Claim token"],
    ["claiming by a link", "/ui/claim#a-secret", "Your link proves"],
  ];
  test.for(ENTRANCES)("%s", { timeout: LOOKS_MS }, async ([, path, sign], { visit, page }) => {
    visit.expects("401 GET /auth/session");
    await page.goto(path);
    await page.getByText(sign).first().waitFor();
    expect(await violations(page)).toEqual([]);
  });

  test("signing in, refused", { timeout: LOOKS_MS }, async ({ visit, page }) => {
    visit.expects("401 GET /auth/session", "401 POST /auth/login");
    await page.goto("/ui/login");
    await field(page, "E-mail").fill("nobody@example.com");
    await field(page, "Password").fill("wrong");
    await button(page, "Sign in").click();
    await page.getByRole("alert").waitFor();
    expect(await violations(page)).toEqual([]);
  });

  test("choosing a password by a link", { timeout: LOOKS_MS }, async ({ gateway, visit, page }) => {
    visit.expects("401 GET /auth/session");
    const added = await gateway.api<{ link: { url: string } }>("POST", "/auth/email/admin/users", {
      email: "b@example.com",
    });
    await page.goto(added.body.link.url);
    await field(page, "New password").fill("short");
    await page.getByText("It has fewer than 12 characters").waitFor();
    expect(await violations(page)).toEqual([]);
  });

  test("one's own profile", { timeout: LOOKS_MS }, async ({ catalog, gateway, visit, page }) => {
    await visit.carry(await sessionOf(gateway, catalog.person));
    await page.goto("/ui/profile");
    await page.getByText("This one").waitFor();
    await field(page, "Name").waitFor();
    expect(await violations(page)).toEqual([]);
  });

  test("deleting a user, with the address to type", { timeout: LOOKS_MS }, async ({ catalog, visit, page }) => {
    await visit.open(`/ui/users/${catalog.person}`);
    await button(page.getByRole("dialog", { name: "Ada Kern" }), "Delete").click();
    await field(page.getByRole("dialog", { name: "Delete Ada Kern?" }), "Type").waitFor();
    expect(await violations(page)).toEqual([]);
  });

  test("signing in by token, refused", { timeout: LOOKS_MS }, async ({ visit, page }) => {
    visit.expects("401 GET /auth/session", "401 POST /auth/session");
    await page.goto("/ui/login?with=token");
    await page.getByRole("textbox").fill("wrong");
    await button(page, "Sign in").click();
    await page.getByRole("alert").waitFor();
    expect(await violations(page)).toEqual([]);
  });

  test("a question before something is lost", { timeout: LOOKS_MS }, async ({ catalog, visit, page }) => {
    await visit.open(`/ui/servers/${catalog.id}`);
    await button(page.getByRole("dialog", { name: "Numbers" }), "Delete").click();
    await page.getByRole("dialog", { name: "Delete Numbers?" }).getByText("1 virtual server loses").waitFor();
    expect(await violations(page)).toEqual([]);
  });
});

/** Presses Tab until the element in focus has this role and a name that begins so. */
async function tabTo(page: Page, role: "link" | "button" | "textbox", name: string): Promise<void> {
  const wanted = page.getByRole(role, { name: new RegExp(`^${name}`) }).and(page.locator(":focus"));
  for (let step = 0; step < 60; step++) {
    if ((await wanted.count()) > 0) return;
    await page.keyboard.press("Tab");
  }
  expect.fail(`Tab never reached the ${role} "${name}"`);
}

const focused = (page: Page) => page.locator(":focus");

describe("by keyboard alone", () => {
  test("the first Tab offers to skip the navigation, and Enter does", async ({ visit, page }) => {
    await visit.open("/ui/");
    await page.getByRole("main").getByRole("link", { name: "Add an MCP server" }).waitFor();
    await page.keyboard.press("Tab");
    const skip = page.getByRole("link", { name: "Skip to content" });
    expect(await skip.and(focused(page)).isVisible()).toBe(true);
    await page.keyboard.press("Enter");
    expect(await page.getByRole("main").and(focused(page)).count()).toBe(1);
    await page.keyboard.press("Tab");
    expect(await page.getByRole("main").locator(":focus").count()).toBe(1);
  });

  test("a server is added", async ({ gateway, visit, page }) => {
    const upstream = await startTools([{ name: "typed" }]);
    await visit.open("/ui/");
    await page.getByRole("heading", { name: "Overview" }).waitFor();
    await page.keyboard.press("g");
    await page.keyboard.press("s");
    await page.getByRole("heading", { level: 1, name: "MCP servers" }).waitFor();
    await tabTo(page, "link", "Add server");
    await page.keyboard.press("Enter");
    const form = page.getByRole("dialog", { name: "Add server" });
    await form.waitFor();
    await tabTo(page, "textbox", "URL");
    await page.keyboard.type(upstream.url);
    await page.keyboard.press("Enter");
    await form.getByText("It answered").waitFor();
    await tabTo(page, "textbox", "Name");
    await page.keyboard.press("ControlOrMeta+a");
    await page.keyboard.type("Typed");
    await page.keyboard.press("Enter");
    await page.getByRole("dialog", { name: "Typed" }).waitFor();
    const names = (await gateway.api<{ name: string }[]>("GET", "/gateways")).body.map((row) => row.name);
    expect(names).toContain("Typed");
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await eventually(() => addressOf(page)).toBe("/ui/servers");
    await upstream.close();
  });

  test("a drawer gives the focus back to what opened it, and holds it while open", async ({ catalog, visit, page }) => {
    expect(catalog.id).not.toBe("");
    await visit.open("/ui/tools?q=tool_06");
    await page.getByRole("link", { name: "tool_060" }).waitFor();
    await tabTo(page, "link", "tool_060");
    await page.keyboard.press("Enter");
    const drawer = page.getByRole("dialog", { name: "tool_060" });
    await drawer.getByText("Number 60").waitFor();
    for (let step = 0; step < 25; step++) {
      await page.keyboard.press("Tab");
      const outside = await page.evaluate(() => document.activeElement?.closest("main table, nav") !== null);
      expect(outside).toBe(false);
    }
    await page.keyboard.press("Escape");
    await drawer.waitFor({ state: "detached" });
    expect(await page.getByRole("link", { name: "tool_060" }).and(focused(page)).count()).toBe(1);
  });

  test("a menu opens, is chosen from, and gives the focus back", async ({ catalog, visit, page }) => {
    expect(catalog.id).not.toBe("");
    await visit.open("/ui/tools?q=tool_0");
    await page.getByText("1 to 50 of 60 tools").waitFor();
    await tabTo(page, "button", "Effect");
    await page.keyboard.press("Enter");
    await page.getByRole("radio", { name: "Any effect" }).waitFor();
    await page.keyboard.press("Escape");
    expect(await button(page, "Effect").and(focused(page)).count()).toBe(1);
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    await page.keyboard.press("ArrowUp");
    await eventually(() => addressOf(page)).toBe("/ui/tools?q=tool_0&effect=destroys");
    expect(
      await page
        .getByRole("button", { name: /^Effect/ })
        .and(focused(page))
        .count(),
    ).toBe(1);
  });
});
