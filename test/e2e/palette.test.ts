// The command palette: ⌘K or Ctrl+K on any page, pages first, then everything the gateway finds, by keyboard alone.
import type { Page } from "playwright-core";
import { describe, expect } from "vitest";
import { LOOKS_MS, violations } from "./axe.ts";
import { addressOf, button, dashboardTest, eventually } from "./browser.ts";
import { bundleOf, register, startTools } from "./upstreams.ts";

const test = dashboardTest().extend("catalog", { scope: "file" }, async ({ gateway }, { onCleanup }) => {
  const upstream = await startTools([{ name: "tide_table" }, { name: "tide_alarm" }, { name: "moon_phase" }]);
  onCleanup(upstream.close);
  const { tools } = await register(gateway, "Harbour", upstream);
  const { tide_table = "", moon_phase = "" } = tools;
  return { tide_table, server: await bundleOf(gateway, "Tide desk", [tide_table, moon_phase]) };
});

const palette = (page: Page) => page.getByRole("dialog", { name: "Search everything" });
const options = (page: Page) => palette(page).getByRole("option");
const chosen = (page: Page) => palette(page).getByRole("option", { selected: true });
/** Opens it with the keyboard, once the page is there to hear it. */
async function summon(page: Page): Promise<void> {
  await button(page, "Search everything").waitFor();
  await page.keyboard.press("Control+k");
  await palette(page).getByRole("combobox").and(page.locator(":focus")).waitFor();
}
const names = (page: Page) => options(page).locator("b").allInnerTexts();

describe("the palette", () => {
  test("opens by key from a page with a text in focus, and Escape gives the focus back", async ({ visit, page }) => {
    await visit.open("/ui/tools");
    await page.getByRole("searchbox").focus();
    for (const keys of ["Control+k", "Meta+k"]) {
      await page.keyboard.press(keys);
      await palette(page).getByRole("combobox").and(page.locator(":focus")).waitFor();
      await page.keyboard.press("Escape");
      await palette(page).waitFor({ state: "detached" });
      expect(await page.getByRole("searchbox").and(page.locator(":focus")).count()).toBe(1);
    }
  });

  test("leads to pages: arrow keys, Enter", async ({ visit, page }) => {
    await visit.open("/ui/");
    await button(page, "Search everything").click();
    await options(page).first().waitFor();
    const all = await names(page);
    expect(all).toEqual(expect.arrayContaining(["Overview", "Tools", "Audit", "New virtual server"]));
    await page.keyboard.press("ArrowUp");
    await eventually(() => chosen(page).locator("b").innerText()).toBe(all.at(-1));
    await page.keyboard.press("ArrowDown");
    await eventually(() => chosen(page).locator("b").innerText()).toBe("Overview");
    await page.keyboard.type("tok");
    await eventually(() => names(page)).toEqual(["Tokens"]);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Tokens", level: 1 }).waitFor();
    expect(await palette(page).count()).toBe(0);
  });

  test("finds what the gateway has, grouped, and goes there", async ({ catalog, visit, page }) => {
    await visit.open("/ui/");
    await summon(page);
    await page.keyboard.type("tide");
    await palette(page).getByRole("status").getByText("3 results").waitFor();
    expect(await names(page)).toEqual(["Tide desk", "tide_alarm", "tide_table"]);
    await palette(page).getByRole("group", { name: "Tools" }).getByRole("option", { name: "tide_table" }).waitFor();
    const combobox = palette(page).getByRole("combobox");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
    await eventually(() => chosen(page).innerText()).toContain("tide_table");
    expect(await combobox.getAttribute("aria-activedescendant")).toBe(await chosen(page).getAttribute("id"));
    expect(await palette(page).getByRole("listbox").getAttribute("id")).toBe(
      await combobox.getAttribute("aria-controls"),
    );
    await page.keyboard.press("Enter");
    await page.getByRole("dialog", { name: "tide_table" }).waitFor();
    expect(addressOf(page)).toBe(`/ui/tools/${catalog.tide_table}`);
  });

  test("says when it finds nothing, and asks once the typing pauses", async ({ catalog, visit, page }) => {
    const asked: string[] = [];
    page.on("request", (request) => {
      const { pathname, searchParams } = new URL(request.url());
      if (pathname === "/search") asked.push(searchParams.get("q") ?? "");
    });
    expect(catalog.server).not.toBe("");
    await visit.open("/ui/");
    await summon(page);
    await page.keyboard.type("no such thing");
    await palette(page).getByText("Nothing found").waitFor();
    expect(asked.at(-1)).toBe("no such thing");
    expect(asked.length).toBeLessThan("no such thing".length);
    await page.keyboard.press("Enter");
    expect(addressOf(page)).toBe("/ui/");
  });

  test("keeps the focus, and closes by its button", async ({ visit, page }) => {
    await visit.open("/ui/");
    await summon(page);
    for (let step = 0; step < 5; step++) {
      await page.keyboard.press("Tab");
      expect(await page.evaluate(() => document.activeElement?.closest("dialog, body")?.tagName)).not.toBe("A");
      expect(await page.getByRole("link").and(page.locator(":focus")).count()).toBe(0);
    }
    await button(palette(page), "Close").click();
    await palette(page).waitFor({ state: "detached" });
  });

  test("has nothing axe finds, at both widths and in both themes", { timeout: LOOKS_MS }, async ({
    catalog,
    visit,
    page,
  }) => {
    expect(catalog.server).not.toBe("");
    await visit.open("/ui/");
    await button(page, "Search everything").waitFor();
    expect(await violations(page)).toEqual([]);
    await summon(page);
    await page.keyboard.type("t");
    await palette(page).getByRole("group", { name: "Tools" }).waitFor();
    expect(await violations(page)).toEqual([]);
  });
});
