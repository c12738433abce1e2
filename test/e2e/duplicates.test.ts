// Duplicates: groups side by side with what differs, filters, and "use this one" with the gateway's preview as the question.
import { describe, expect } from "vitest";
import { addPerson, sessionOf } from "../auth/people.ts";
import { LOOKS_MS, violations } from "./axe.ts";
import { addressOf, button, dashboardTest, eventually } from "./browser.ts";
import { bundleOf, register, startTools } from "./upstreams.ts";

const args = (...names: string[]) => ({
  type: "object",
  properties: Object.fromEntries(names.map((name) => [name, { type: "string" }])),
  required: names.slice(0, 1),
});
const OURS = [
  { name: "search", description: "Searches the web for pages about a topic", inputSchema: args("query", "page") },
  { name: "forecast", description: "Gives the weather of a city for the next few days", inputSchema: args("city") },
  { name: "alone", description: "Nothing else is like this one here", inputSchema: args("only") },
];
const THEIRS = [
  { name: "search", description: "Searches the web for images about a topic", inputSchema: args("query", "size") },
  { name: "meteo", description: "Gives the weather of a city for the next few days", inputSchema: args("city") },
];

const test = dashboardTest();
const empty = dashboardTest();
const catalog = test.extend("catalog", { scope: "file" }, async ({ gateway }, { onCleanup }) => {
  const [first, second] = [await startTools(OURS), await startTools(THEIRS)];
  onCleanup(async () => {
    await first.close();
    await second.close();
  });
  const [ours, theirs] = [await register(gateway, "Ours", first), await register(gateway, "Theirs", second)];
  const { forecast = "", search = "" } = ours.tools;
  return {
    ours: ours.tools,
    theirs: theirs.tools,
    desk: await bundleOf(gateway, "Desk", [forecast, search]),
    person: await addPerson(gateway, "ada@example.com", { full_name: "Ada Kern" }),
  };
});

describe("the page of duplicates", () => {
  empty("says so when every tool is there once", async ({ visit, page }) => {
    await visit.open("/ui/duplicates");
    await page.getByRole("heading", { name: "No duplicates" }).waitFor();
  });

  catalog(
    "shows groups with why, and marks what is not the same in all",
    { timeout: LOOKS_MS },
    async ({ catalog, visit, page }) => {
      expect(catalog.desk).not.toBe("");
      await visit.open("/ui/tools");
      await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Duplicates" }).click();
      await page.getByRole("status").getByText("2 groups").waitFor();
      const search = page.getByRole("region", { name: "search" });
      await search.getByText("Same name").waitFor();
      expect(await search.locator("mark").allInnerTexts()).toEqual([
        "pages ",
        "page?: string",
        "images ",
        "size?: string",
      ]);
      const weather = page.getByRole("region", { name: "forecast, meteo" });
      await weather.getByText("Similar").waitFor();
      await weather.getByText("100 % alike").waitFor();
      expect(await weather.locator("mark").count()).toBe(0);
    },
  );

  catalog("is searched and filtered by why, in the address", async ({ catalog, visit, page }) => {
    expect(catalog.desk).not.toBe("");
    await visit.open("/ui/duplicates");
    await button(page, "Why").click();
    await page.getByRole("radio", { name: "Similar" }).click();
    await page.getByRole("status").getByText("1 group").waitFor();
    expect(addressOf(page)).toBe("/ui/duplicates?why=similar");
    await page.getByRole("searchbox").fill("images");
    await page.getByRole("heading", { name: "No duplicate matches" }).waitFor();
    await page.getByRole("main").getByRole("link", { name: "Clear filters" }).click();
    await page.getByRole("status").getByText("2 groups").waitFor();
  });

  catalog(
    "has nothing axe finds, the question neither",
    { timeout: 2 * LOOKS_MS },
    async ({ catalog, visit, page }) => {
      expect(catalog.desk).not.toBe("");
      await visit.open("/ui/duplicates");
      await page.getByRole("status").getByText("2 groups").waitFor();
      expect(await violations(page)).toEqual([]);
      await button(page, "Use this one: meteo of Theirs").click();
      await page.getByRole("dialog").getByText("1 virtual server changes").waitFor();
      expect(await violations(page)).toEqual([]);
    },
  );

  catalog("offers nobody a change they may not make", async ({ catalog, gateway, visit, page }) => {
    await visit.carry(await sessionOf(gateway, catalog.person));
    await page.goto("/ui/duplicates");
    await page.getByRole("status").getByText("2 groups").waitFor();
    await button(page, "Use this one: meteo of Theirs").click();
    const question = page.getByRole("dialog", { name: "Use meteo of Theirs?" });
    await question.getByText("you may not change this virtual server").waitFor();
    expect(await button(question, "Use this one").isDisabled()).toBe(true);
  });

  catalog("puts one tool in the place of another, as it said it would", async ({ catalog, gateway, visit, page }) => {
    await visit.open("/ui/duplicates");
    await button(page, "Use this one: meteo of Theirs").click();
    const question = page.getByRole("dialog", { name: "Use meteo of Theirs?" });
    await question.getByText("Desk: clients call it forecast").waitFor();
    await question.getByRole("checkbox", { name: "forecast of Ours" }).uncheck();
    await question.getByText("Choose at least one tool to replace").waitFor();
    await question.getByRole("checkbox", { name: "forecast of Ours" }).check();
    await question.getByRole("checkbox", { name: "Disable what it replaces" }).check();
    await question.getByText("1 tool is disabled: forecast").waitFor();
    await button(question, "Use this one").click();
    await page.getByRole("status").getByText("1 group").waitFor();
    const held = async () =>
      (await gateway.api<{ tools: { id: string; name: string }[] }>("GET", `/servers/${catalog.desk}`)).body.tools;
    await eventually(held).toMatchObject([{ id: catalog.theirs.meteo, name: "forecast" }, { name: "search" }]);
    expect((await gateway.api("GET", `/tools/${catalog.ours.forecast}`)).body).toMatchObject({ enabled: false });
  });
});
