// The overview: an empty gateway gets a checklist; else its numbers are those that a driver counted, over the time that the
// address says, and they keep up by themselves.
import type { Page } from "playwright-core";
import { describe, expect } from "vitest";
import { LOOKS_MS, violations } from "./axe.ts";
import { addressOf, dashboardTest, eventually } from "./browser.ts";
import { startDriven, withoutMetrics } from "./driver.ts";

const READS = 5;
const BREAKS = 2;

const test = dashboardTest().extend("driven", { scope: "file" }, async ({ gateway }, { onCleanup }) => {
  const driven = await startDriven(gateway);
  onCleanup(driven.upstream.close);
  await driven.call("reads", READS);
  await driven.call("breaks", BREAKS);
  return driven;
});

/** What stands beside a name in the lists of figures. */
const figure = async (page: Page, name: string): Promise<string> =>
  (await page.locator("dl > div").filter({ hasText: name }).first().locator("dd").innerText()).replace(/\s+/g, " ");

const section = (page: Page, name: string) => page.getByRole("region", { name, exact: true });
const lines = (page: Page, name: string) => section(page, name).getByRole("listitem");

test(
  "an empty gateway says what to do first, and shows no empty charts",
  async ({ visit, page }) => {
    await visit.open("/ui/");
    await section(page, "First steps").getByRole("link", { name: "Add an MCP server" }).waitFor();
    expect(await figure(page, "MCP servers up")).toBe("0 of 0");
    expect(await page.getByRole("img", { name: "Calls by outcome" }).count()).toBe(0);
    await page.getByText(/^Updated \d\d:\d\d:\d\d$/).waitFor();
    expect(await violations(page)).toEqual([]);
  },
  LOOKS_MS,
);

describe("a gateway that is used", () => {
  test("shows what the driver counted, in figures, chart, road and lists", async ({ driven, visit, page }) => {
    await visit.open("/ui/");
    await eventually(() => figure(page, "Calls")).toContain(String(READS + BREAKS));
    expect(await figure(page, "Error rate")).toContain("28.6 %");
    expect(await figure(page, "Time Causeway adds")).toMatch(/^(?:< )?[\d.]+ (ms|s) p50 (?:< )?[\d.]+ (ms|s)$/);
    expect(await figure(page, "MCP servers up")).toContain("1 of 1");
    expect(await figure(page, "Tools enabled")).toContain("3 of 3");
    expect(await figure(page, "Pending changes")).toBe("0");
    expect(await figure(page, "Unused tools")).toContain("1 in 30 days");

    const calls = section(page, "Calls by outcome");
    expect(await calls.getByRole("listitem").allInnerTexts()).toEqual([`OK\n${READS}`, `Tool failed\n${BREAKS}`]);
    const road = section(page, "The road");
    expect(await road.getByRole("link").allInnerTexts()).toEqual([
      `wire 1\n${READS + BREAKS}`,
      expect.stringContaining(`${READS + BREAKS} calls`),
      expect.stringMatching(/Driven[\s\S]*\n7$/),
    ]);

    const names = () => lines(page, "Tools").getByRole("link").allInnerTexts();
    await eventually(names).toEqual(["reads", "breaks"]);
    await page.getByRole("radio", { name: "Failing" }).click();
    await eventually(names).toEqual(["breaks"]);
    expect(addressOf(page)).toBe("/ui/?tools=errors");
    await page.getByRole("radio", { name: "Unused" }).click();
    await eventually(names).toEqual(["rests"]);
    expect(await lines(page, "Recent failures").getByRole("link").allInnerTexts()).toEqual(["breaks", "breaks"]);
    expect(await lines(page, "Recent changes").allInnerTexts()).toContainEqual(
      expect.stringContaining("server.create Road works"),
    );
    await lines(page, "Recent failures").getByRole("link").first().click();
    await page.getByRole("dialog", { name: "breaks" }).waitFor();
    await page.goBack();
    await road.getByRole("link", { name: "Driven" }).click();
    await eventually(() => addressOf(page)).toBe(`/ui/servers/${driven.upstreamId}`);
  });

  test("keeps the time that is chosen in the address", async ({ driven, visit, page }) => {
    expect(driven.serverId).not.toBe("");
    await visit.open("/ui/?range=7d");
    await page.getByRole("radio", { name: "7 d", checked: true }).waitFor();
    await page.getByText("Who calls, what answers, last 7 days").waitFor();
    for (const [name, words] of [
      ["1 h", "last hour"],
      ["30 d", "last 30 days"],
    ] as const) {
      await page.getByRole("radio", { name }).click();
      await page.getByText(`Who calls, what answers, ${words}`).waitFor();
      expect(await figure(page, "Calls")).toContain(String(READS + BREAKS));
    }
    expect(addressOf(page)).toBe("/ui/?range=30d");
  });

  test("a chart is read by keyboard, and as a table with the same numbers", async ({ driven, visit, page }) => {
    expect(driven.serverId).not.toBe("");
    await visit.open("/ui/");
    const reader = page.getByRole("slider", { name: "Calls by outcome" });
    await reader.focus();
    const last = await reader.getAttribute("aria-valuetext");
    await page.keyboard.press("ArrowLeft");
    await eventually(() => reader.getAttribute("aria-valuetext")).not.toBe(last);
    const shown = page.locator(".tip");
    expect((await reader.getAttribute("aria-valuetext"))?.split(":")[0]).toBe(
      (await shown.locator("b").innerText()).split(":")[0],
    );
    await page.keyboard.press("Escape");
    await shown.waitFor({ state: "detached" });

    await page.getByRole("button", { name: "Calls by outcome as a table" }).press("Enter");
    const cells = await page.getByRole("table", { name: "Calls by outcome" }).locator("tbody tr").allInnerTexts();
    const sums = cells.map((row) => row.split("\t").slice(1).map(Number));
    expect(sums.reduce(([ok = 0, bad = 0], [more = 0, worse = 0]) => [ok + more, bad + worse], [0, 0])).toEqual([
      READS,
      BREAKS,
    ]);
  });

  test("loads again by itself, and leaves the focus where it is", async ({ driven, visit, page }) => {
    await page.clock.install();
    await visit.open("/ui/");
    await eventually(() => figure(page, "Calls")).toContain(String(READS + BREAKS));
    const link = section(page, "Tools").getByRole("link", { name: "breaks" });
    await link.focus();
    const updated = page.getByText(/^Updated/);
    const before = await updated.innerText();
    await driven.call("reads", 1);
    await page.clock.fastForward(16_000);
    await eventually(() => figure(page, "Calls")).toContain(String(READS + BREAKS + 1));
    expect(await updated.innerText()).not.toBe(before);
    expect(await link.and(page.locator(":focus")).count()).toBe(1);
  });

  test("axe finds nothing, with a chart and a table", { timeout: LOOKS_MS }, async ({ driven, visit, page }) => {
    expect(driven.serverId).not.toBe("");
    await visit.open("/ui/");
    await page.getByRole("button", { name: "Latency, p95 as a table" }).click();
    await page.getByRole("slider", { name: "Calls by outcome" }).focus();
    await lines(page, "Tools").first().waitFor();
    expect(await violations(page)).toEqual([]);
  });

  test("who may not see metrics is told so, and sees the rest", async ({ driven, visit, page }) => {
    expect(driven.serverId).not.toBe("");
    await withoutMetrics(page);
    await visit.open("/ui/");
    await page.getByText("Calls are not shown").waitFor();
    expect(await figure(page, "Virtual servers")).toContain("1 of 1");
    expect(await page.getByRole("link", { name: "Metrics", exact: true }).count()).toBe(0);
  });
});
