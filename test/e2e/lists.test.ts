// Lists: searching, filtering, sorting and paging live in the address; turning off, in bulk too; deleting asks first.
import type { Page } from "playwright-core";
import { describe, expect } from "vitest";
import { addressOf, button, dashboardTest, eventually } from "./browser.ts";
import { bundleOf, numbered, register, startTools } from "./upstreams.ts";

const TOOLS = 120;

const test = dashboardTest().extend("catalog", { scope: "file" }, async ({ gateway }, { onCleanup }) => {
  const many = await startTools(numbered(TOOLS));
  const few = await startTools([{ name: "alpha" }, { name: "beta" }]);
  onCleanup(async () => {
    await many.close();
    await few.close();
  });
  const first = await register(gateway, "Many", many);
  const second = await register(gateway, "Few", few);
  return { many: first, few: second };
});

/** The names in the first column of links, top to bottom. */
const names = (page: Page): Promise<string[]> => page.getByRole("table").getByRole("link").allInnerTexts();
const amount = (page: Page, text: string) => page.getByRole("status").getByText(text, { exact: true }).waitFor();

describe("the address carries the list", () => {
  test("paging: reload stays on the page, Back returns to the one before", async ({ catalog, visit, page }) => {
    await visit.open(`/ui/tools?source=${catalog.many.id}`);
    await amount(page, "1 to 50 of 120 tools");
    const first = await names(page);
    await page.getByRole("link", { name: "Next page" }).click();
    await amount(page, "51 to 100 of 120 tools");
    await page.getByRole("link", { name: "Next page" }).click();
    await amount(page, "101 to 120 of 120 tools");
    expect(await page.getByRole("link", { name: "Next page" }).count()).toBe(0);
    const last = await names(page);
    await page.reload();
    await amount(page, "101 to 120 of 120 tools");
    expect(await names(page)).toEqual(last);
    await page.goBack();
    await amount(page, "51 to 100 of 120 tools");
    const middle = await names(page);
    expect(new Set([...first, ...middle, ...last]).size).toBe(TOOLS);
    await page.getByRole("link", { name: "First page" }).click();
    await amount(page, "1 to 50 of 120 tools");
    expect(await names(page)).toEqual(first);
  });

  test("searching from any page starts over, and survives a reload", async ({ catalog, visit, page }) => {
    await visit.open(`/ui/tools?source=${catalog.many.id}`);
    await page.getByRole("link", { name: "Next page" }).click();
    await amount(page, "51 to 100 of 120 tools");
    await page.keyboard.press("/");
    await page.keyboard.type("tool_07");
    await amount(page, "10 tools");
    expect(addressOf(page)).toBe(`/ui/tools?source=${catalog.many.id}&q=tool_07`);
    await page.reload();
    await amount(page, "10 tools");
    expect(await page.getByRole("searchbox").inputValue()).toBe("tool_07");
    await page.getByRole("searchbox").fill("nothing like this");
    await page.getByRole("heading", { name: "No tool matches" }).waitFor();
    await page.getByRole("main").getByRole("link", { name: "Clear filters" }).click();
    await amount(page, "1 to 50 of 122 tools");
  });

  test("filters and order, chosen by name", async ({ catalog, visit, page }) => {
    expect(catalog.few.id).not.toBe(catalog.many.id);
    await visit.open("/ui/tools");
    await button(page, "Effect").click();
    await page.getByRole("radio", { name: "May destroy" }).click();
    await amount(page, "12 of 122 tools");
    await button(page, "Tool").click();
    await eventually(() => addressOf(page)).toBe("/ui/tools?effect=destroys&sort=name");
    await button(page, "Tool").click();
    await eventually(() => names(page)).toEqual(
      numbered(TOOLS)
        .filter((_, at) => at % 10 === 9)
        .map((t) => t.name)
        .reverse(),
    );
    await page.reload();
    await amount(page, "12 of 122 tools");
    expect(await page.getByRole("columnheader", { name: "Tool" }).getAttribute("aria-sort")).toBe("descending");
    await button(page, "Clear filters").click();
    await page.getByRole("button", { name: "Source", expanded: false }).click();
    await page.getByRole("radio", { name: "Few" }).click();
    await amount(page, "2 tools");
    expect(await names(page)).toEqual(["beta", "alpha"]);
  });

  test("a drawer opens over the list, and Back closes it", async ({ catalog, visit, page }) => {
    await visit.open(`/ui/tools?source=${catalog.few.id}`);
    await page.getByRole("link", { name: "alpha" }).click();
    await page.getByRole("dialog", { name: "alpha" }).waitFor();
    expect(addressOf(page)).toBe(`/ui/tools/${catalog.few.tools.alpha}?source=${catalog.few.id}`);
    await page.goBack();
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await amount(page, "2 tools");
  });
});

describe("turning off and on", () => {
  test("one tool leaves the list, and comes back when disabled ones are shown", async ({
    gateway,
    catalog,
    visit,
    page,
  }) => {
    const isOn = async () =>
      (await gateway.api<{ enabled: boolean }>("GET", `/tools/${catalog.few.tools.beta}`)).body.enabled;
    await visit.open(`/ui/tools/${catalog.few.tools.beta}?source=${catalog.few.id}`);
    const tool = page.getByRole("dialog", { name: "beta" });
    await button(tool, "Disable").click();
    await button(tool, "Enable").waitFor();
    expect(await isOn()).toBe(false);
    await button(tool, "Close").click();
    await amount(page, "1 tool");
    await page.getByRole("switch", { name: "Show disabled" }).click();
    await amount(page, "2 tools");
    await page.getByRole("link", { name: "beta" }).click();
    await button(tool, "Enable").click();
    await button(tool, "Disable").waitFor();
    expect(await isOn()).toBe(true);
  });

  test("several tools at once", async ({ gateway, catalog, visit, page }) => {
    await visit.open(`/ui/tools?source=${catalog.many.id}&q=tool_11`);
    await amount(page, "10 tools");
    for (const name of ["tool_111", "tool_113", "tool_115"])
      await page.getByRole("checkbox", { name: `Select ${name}` }).check();
    const bulk = page.getByRole("region", { name: "Selected tools" });
    await bulk.getByText("3 selected").waitFor();
    await button(bulk, "Disable").click();
    await page.getByRole("status").getByText("3 tools disabled").waitFor();
    await amount(page, "7 tools");
    await bulk.waitFor({ state: "detached" });
    const rows = await gateway.api<{ name: string; enabled: boolean }[]>("GET", "/tools?limit=0&include_inactive=true");
    expect(rows.body.filter((row) => !row.enabled).map((row) => row.name)).toEqual([
      "tool_111",
      "tool_113",
      "tool_115",
    ]);
  });
});

describe("deleting", () => {
  test("a server names who loses what, keeps everything on Cancel, and is gone on yes", async ({
    gateway,
    visit,
    page,
  }) => {
    const upstream = await startTools([{ name: "doomed_1" }, { name: "doomed_2" }, { name: "doomed_3" }]);
    const { id, tools } = await register(gateway, "Doomed", upstream);
    await bundleOf(gateway, "Night shift", [tools.doomed_1 ?? "", tools.doomed_2 ?? ""]);
    await visit.open(`/ui/servers/${id}`);
    const drawer = page.getByRole("dialog", { name: "Doomed", exact: true });
    await button(drawer, "Delete").click();
    const question = page.getByRole("dialog", { name: "Delete Doomed?" });
    await question.getByText("1 virtual server loses 2 tools").waitFor();
    await question.getByText("Night shift").waitFor();
    await button(question, "Cancel").click();
    await question.waitFor({ state: "detached" });
    expect((await gateway.api("GET", `/gateways/${id}`)).status).toBe(200);

    await button(drawer, "Delete").click();
    await button(question, "Delete server").click();
    await page.getByRole("status").getByText("Doomed is deleted").waitFor();
    await eventually(() => addressOf(page)).toBe("/ui/servers");
    await eventually(() => names(page)).not.toContain("Doomed");
    expect((await gateway.api("GET", `/gateways/${id}`)).status).toBe(404);
    await upstream.close();
  });

  test("a virtual server says which URL stops working", async ({ gateway, catalog, visit, page }) => {
    const id = await bundleOf(gateway, "Short lived", [catalog.few.tools.alpha ?? ""]);
    await visit.open(`/ui/virtual-servers/${id}`);
    await button(page, "Delete").click();
    const question = page.getByRole("dialog", { name: "Delete Short lived?" });
    expect(await question.innerText()).toContain(`${gateway.url}/servers/${id}/mcp lose 1 tool`);
    await page.keyboard.press("Escape");
    await question.waitFor({ state: "detached" });
    await button(page, "Delete").click();
    await button(question, "Delete virtual server").click();
    await eventually(() => addressOf(page)).toBe("/ui/virtual-servers");
    expect((await gateway.api("GET", `/servers/${id}`)).status).toBe(404);
  });
});
