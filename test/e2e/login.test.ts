// Signing in and out: a token is traded for a session, and everybody ends up where they wanted to go.
import type { Page } from "playwright-core";
import { describe, expect } from "vitest";
import { addressOf, button, dashboardTest, eventually, field } from "./browser.ts";

const test = dashboardTest();

const toTokens = (page: Page): Promise<void> => page.getByRole("link", { name: "Use a token instead" }).click();

const signIn = async (page: Page, token: string): Promise<void> => {
  await field(page, "Token").fill(token);
  await button(page, "Sign in").click();
};

test("refuses a wrong token in words, and takes a right one to the page that was asked for", async ({
  gateway,
  visit,
  page,
}) => {
  visit.expects("401 GET /auth/session", "401 POST /auth/session");
  await page.goto("/ui/tools?q=echo");
  await eventually(() => addressOf(page)).toBe(`/ui/login?next=${encodeURIComponent("/ui/tools?q=echo")}`);

  await toTokens(page);
  await signIn(page, await gateway.token({ secret: "another-secret-that-is-long-enough" }));
  const refusal = page.getByRole("alert");
  await refusal.getByText("This token was refused").waitFor();
  expect(await refusal.innerText()).toMatch(/Request\s+\S{8,}/);

  await signIn(page, `Bearer ${await gateway.token()}`);
  await page.getByRole("heading", { level: 1, name: "Tools" }).waitFor();
  expect(addressOf(page)).toBe("/ui/tools?q=echo");
  expect(await page.getByRole("searchbox").inputValue()).toBe("echo");
});

test("says what is missing when no token was pasted, and shows the token only when asked", async ({ visit, page }) => {
  visit.expects("401 GET /auth/session");
  await page.goto("/ui/login?with=token");
  await button(page, "Sign in").click();
  await page.getByText("Paste a token first").waitFor();
  const token = field(page, "Token");
  expect(await token.getAttribute("aria-invalid")).toBe("true");
  expect(await token.getAttribute("type")).toBe("password");
  await button(page, "Show token").click();
  expect(await token.getAttribute("type")).toBe("text");
});

test("keeps the token out of the reach of scripts", async ({ gateway, visit, page }) => {
  visit.expects("401 GET /auth/session");
  await page.goto("/ui/login?with=token");
  await signIn(page, await gateway.token());
  await page.getByRole("heading", { name: "Overview" }).waitFor();
  const within = await page.evaluate(() => document.cookie + JSON.stringify({ ...localStorage, ...sessionStorage }));
  expect(within).toBe("{}");
});

describe("after signing in, a `next` that is no path of this gateway leads to the overview", () => {
  test.for([
    "https://elsewhere.example/",
    "//elsewhere.example/",
    "/\\elsewhere.example/",
    "/\t/elsewhere.example/",
    "/ui/..//elsewhere.example/",
    "javascript:alert(1)",
    "/ui/login?next=/ui/login",
  ])("%j", async (next, { visit, page }) => {
    await visit.open(`/ui/login?next=${encodeURIComponent(next)}`);
    await page.getByRole("heading", { name: "Overview" }).waitFor();
    expect(addressOf(page)).toBe("/ui/");
  });
});

test("signs out for good", async ({ visit, page }) => {
  visit.expects("401 GET /auth/session");
  await visit.open("/ui/");
  await page.getByRole("button", { name: "account of admin@example.com" }).click();
  await button(page, "Sign out").click();
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  expect(await page.context().cookies()).toEqual([]);
  await page.goto("/ui/servers");
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  expect(addressOf(page)).toBe(`/ui/login?next=${encodeURIComponent("/ui/servers")}`);
});

test("an expired session leads to signing in, and from there back", async ({ gateway, visit, page }) => {
  visit.tolerates("401 GET /servers", "401 GET /tags", "401 GET /teams");
  await visit.open("/ui/tools");
  await page.getByRole("heading", { level: 1, name: "Tools" }).waitFor();
  await visit.carry(await gateway.token({ minutes: -1 }));
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Virtual servers" }).click();
  await page.getByRole("alert").getByText("Your session has ended").waitFor();
  await toTokens(page);
  await signIn(page, await gateway.token());
  await page.getByRole("heading", { level: 1, name: "Virtual servers" }).waitFor();
  expect(addressOf(page)).toBe("/ui/virtual-servers");
});
