// The first run in a browser: a deployed gateway that nobody owns shows nothing but how to claim it.
import { expect } from "vitest";
import { newClaimLink } from "../../src/cli/claim-link.ts";
import { PASSWORD } from "../auth/people.ts";
import { addressOf, button, dashboardTest, field } from "./browser.ts";

const BOOTSTRAP = "a-token-that-only-the-deployer-knows";
const test = dashboardTest({ ENVIRONMENT: "production", BOOTSTRAP_TOKEN: BOOTSTRAP });
/** Hashing passwords takes its time on a busy machine. */
const SLOW_MS = 60_000;

test("every page of an unclaimed gateway leads to claiming it, which takes a proof; then its owner is signed in", {
  timeout: SLOW_MS,
}, async ({ browser, gateway, visit, page }) => {
  visit.expects("503 GET /auth/session", "401 POST /auth/claim", "422 POST /auth/claim");
  await page.goto("/ui/tools");
  await page.getByRole("heading", { name: "Claim this gateway" }).waitFor();
  expect(addressOf(page)).toBe("/ui/claim");
  await page.getByText("npm run claim").waitFor();
  await page.getByText("that was set as a secret").waitFor();
  await field(page, "Claim token").fill("a guess");
  await field(page, "Your e-mail").fill("owner@example.com");
  await field(page, "Your name").fill("Olga Wen");
  await field(page, "Password").fill("owner@example.com");
  await button(page, "Claim and go on").click();
  await page.getByRole("alert").getByText("This token does not claim the gateway").waitFor();
  expect(await gateway.sql("SELECT email FROM users")).toEqual([]);

  // what was typed is still there; a link in the same tab brings the token, and is not to be seen afterwards
  const { secret, sql } = newClaimLink();
  await gateway.sql(sql);
  await page.goto(`/ui/claim#${secret}`);
  await page.getByText("Your link proves that this gateway is yours").waitFor();
  expect(addressOf(page)).toBe("/ui/claim");
  await field(page, "Your e-mail").fill("owner@example.com");
  await field(page, "Your name").fill("Olga Wen");
  await field(page, "Password").fill("owner@example.com");
  await button(page, "Claim and go on").click();
  await page.getByText("It is made of your e-mail address").last().waitFor();
  await field(page, "Password").fill(PASSWORD);
  await page.getByText("Good: long enough").waitFor();
  await button(page, "Claim and go on").click();
  await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
  await page.getByRole("button", { name: "OW, account of owner@example.com" }).waitFor();
  expect(await gateway.sql("SELECT email, is_admin FROM users")).toEqual([{ email: "owner@example.com", is_admin: 1 }]);

  // whoever comes later is told that it has an owner
  const context = await browser.newContext({ baseURL: gateway.url });
  const other = await context.newPage();
  await other.goto(`/ui/claim#${secret}`);
  await other.getByRole("heading", { name: "This gateway is claimed" }).waitFor();
  await other.getByRole("link", { name: "Sign in" }).click();
  await field(other, "E-mail").fill("owner@example.com");
  await field(other, "Password").fill(PASSWORD);
  await button(other, "Sign in").click();
  await other.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
  await context.close();
});
