// Metrics: the numbers are those that a driver counted, by what the address says; tools that nobody uses are found and
// disabled together.
import type { Page } from "playwright-core";
import { describe, expect } from "vitest";
import type { ToolRead } from "../../src/schemas/tools.ts";
import { LOOKS_MS, violations } from "./axe.ts";
import { addressOf, button, dashboardTest, eventually } from "./browser.ts";
import { startDriven, withoutMetrics } from "./driver.ts";

const READS = 6;
const BREAKS = 3;

const test = dashboardTest().extend("driven", { scope: "file" }, async ({ gateway }, { onCleanup }) => {
  const driven = await startDriven(gateway);
  onCleanup(driven.upstream.close);
  await driven.call("reads", READS);
  await driven.call("breaks", BREAKS);
  return driven;
});

/** Name, calls, errors and error rate of each row. */
const groups = async (page: Page): Promise<string[][]> =>
  (await page.getByRole("table", { name: "Calls in groups" }).locator("tbody tr").allInnerTexts()).map((row) =>
    row
      .split("\t")
      .slice(0, 4)
      .map((text) => text.trim()),
  );
const used = (page: Page): Promise<string[]> =>
  page.getByRole("table", { name: "Use of tools" }).getByRole("link").allInnerTexts();
const ALL = ["All together", "9", "3", "33.3 %"];

describe("what calls add up to", () => {
  test("is what the driver counted, by server and by tool", async ({ driven, visit, page }) => {
    expect(driven.serverId).not.toBe("");
    await visit.open("/ui/metrics");
    await eventually(() => groups(page)).toEqual([["Driven", "9", "3", "33.3 %"], ALL]);
    await page.getByLabel("by", { exact: true }).selectOption("Tool, prompt or resource");
    await eventually(() => groups(page)).toEqual([["reads", "6", "0", "0 %"], ["breaks", "3", "3", "100 %"], ALL]);
    await page.getByLabel("Measure").selectOption("Error rate");
    await page.getByRole("heading", { name: "Error rate by tool, prompt or resource" }).waitFor();
    expect(addressOf(page)).toBe("/ui/metrics?by=target&measure=error_rate");
    await page.reload();
    await eventually(() => groups(page)).toEqual([["breaks", "3", "3", "100 %"], ["reads", "6", "0", "0 %"], ALL]);
  });

  test("is told by outcome and by client", async ({ driven, visit, page }) => {
    expect(driven.serverId).not.toBe("");
    await visit.open("/ui/metrics?by=outcome");
    await eventually(() => groups(page)).toEqual([["ok", "6", "0", "0 %"], ["tool_error", "3", "3", "100 %"], ALL]);
    await page.goto("/ui/metrics?by=client");
    await eventually(() => groups(page)).toEqual([["wire 1", "9", "3", "33.3 %"], ALL]);
  });

  test("narrows to a group by its name, and back by its chip", async ({ driven, visit, page }) => {
    await visit.open("/ui/metrics?by=server");
    await page.getByRole("link", { name: "Road works" }).click();
    await eventually(() => addressOf(page)).toBe(`/ui/metrics?by=target&server=${driven.serverId}`);
    await page.getByRole("table", { name: "Calls in groups" }).getByRole("link", { name: "breaks" }).click();
    await eventually(() => groups(page)).toEqual([
      ["wire 1", "3", "3", "100 %"],
      ["All together", "3", "3", "100 %"],
    ]);
    await page.getByRole("button", { name: "Take out the filter Tool" }).click();
    await eventually(() => groups(page)).toEqual([["wire 1", "9", "3", "33.3 %"], ALL]);
    await page.getByRole("button", { name: "Take out the filter Virtual server" }).getByText("Road works").waitFor();
  });

  test("is compared with the time before, and as a table", async ({ driven, visit, page }) => {
    expect(driven.serverId).not.toBe("");
    await visit.open("/ui/metrics?by=target&range=7d");
    await page.getByRole("switch", { name: "Compare" }).click();
    await page.getByRole("listitem").filter({ hasText: "the 7 days before" }).waitFor();
    await page.getByRole("button", { name: "Calls by tool, prompt or resource as a table" }).click();
    const table = page.getByRole("table", { name: "Calls by tool" });
    expect(await table.getByRole("columnheader").allInnerTexts()).toEqual([
      "From",
      "reads",
      "breaks",
      "the 7 days before",
    ]);
    const rows = (await table.locator("tbody tr").allInnerTexts()).map((row) => row.split("\t").slice(1).map(Number));
    expect(rows.reduce((sum, [reads = 0, breaks = 0]) => sum + reads + breaks, 0)).toBe(READS + BREAKS);
    const heat = page.getByRole("slider", { name: "When it is busy" });
    await heat.focus();
    await page.keyboard.press("Home");
    await eventually(() => heat.getAttribute("aria-valuetext")).toMatch(/^Mon, 0:00 to 1:00/);
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowRight");
    await eventually(() => heat.getAttribute("aria-valuetext")).toMatch(/^Tue, 1:00 to 2:00/);
  });

  test("is there as CSV", async ({ driven, visit, page }) => {
    expect(driven.serverId).not.toBe("");
    await visit.open("/ui/metrics?by=target");
    await button(page, "Export").click();
    const waiting = page.waitForEvent("download");
    await page.getByRole("link", { name: "Calls, CSV" }).click();
    const stream = await (await waiting).createReadStream();
    const text = (await Array.fromAsync(stream)).join("");
    const [head, ...rows] = text.trim().split(/\r?\n/);
    expect(head).toContain("key,name,clients,calls");
    expect(rows.map((row) => row.split(",").slice(1, 4))).toEqual([
      ["reads", "1", "6"],
      ["breaks", "1", "3"],
    ]);
  });

  test("no call in this time is said, not drawn", async ({ driven, visit, page }) => {
    expect(driven.serverId).not.toBe("");
    await visit.open("/ui/metrics?client=nobody");
    await page.getByRole("heading", { name: "No calls in this time" }).waitFor();
    expect(await page.getByRole("img").count()).toBe(0);
  });
});

describe("the use of tools", () => {
  test("has a tab for each question", async ({ driven, visit, page }) => {
    expect(driven.serverId).not.toBe("");
    await visit.open("/ui/metrics");
    await eventually(() => used(page)).toEqual(["reads", "breaks"]);
    expect(await page.getByRole("tab").allInnerTexts()).toEqual([
      "Most called\n2",
      "Recently used\n2",
      "Failing\n1",
      "Slow\n2",
      "Unused\n1",
    ]);
    for (const [tab, names] of [
      ["Recently used", ["breaks", "reads"]],
      ["Failing", ["breaks"]],
      ["Unused", ["rests"]],
    ] as const) {
      await page.getByRole("tab", { name: tab }).click();
      await eventually(() => used(page)).toEqual(names);
    }
    expect(addressOf(page)).toBe("/ui/metrics?tab=unused");
    await page.getByRole("searchbox").fill("nothing so");
    await page.getByRole("heading", { name: "No tool matches" }).waitFor();
  });

  test("axe finds nothing, with rows selected", { timeout: LOOKS_MS }, async ({ driven, visit, page }) => {
    expect(driven.serverId).not.toBe("");
    await visit.open("/ui/metrics?by=target&compare=1");
    await page.getByRole("checkbox", { name: "Select reads" }).check();
    await page.getByRole("img", { name: "When it is busy" }).waitFor();
    expect(await violations(page)).toEqual([]);
  });

  test("what nobody uses is disabled after a question", async ({ driven, gateway, visit, page }) => {
    const isOn = async () => (await gateway.api<ToolRead>("GET", `/tools/${driven.tools.rests}`)).body.enabled;
    await visit.open("/ui/metrics?tab=unused");
    await page.getByRole("checkbox", { name: "Select rests" }).check();
    await button(page, "Disable selected").click();
    const question = page.getByRole("dialog", { name: "Disable 1 tool?" });
    await button(question, "Cancel").click();
    await question.waitFor({ state: "detached" });
    expect(await isOn()).toBe(true);
    await button(page, "Disable selected").click();
    await button(question, "Disable 1 tool").click();
    await page.getByRole("status").getByText("1 tool disabled").waitFor();
    await page.getByRole("heading", { name: "Every tool is used" }).waitFor();
    expect(await isOn()).toBe(false);
  });
});

test("who may not see metrics is told so", async ({ driven, visit, page }) => {
  expect(driven.serverId).not.toBe("");
  await withoutMetrics(page);
  await visit.open("/ui/metrics");
  await page.getByText("You need the permission metrics.read").waitFor();
});
