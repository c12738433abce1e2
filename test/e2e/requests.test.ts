// The request log as people read it: every call with where its time went, narrowed, kept under a name, exported, and as
// it comes.
import { readFile } from "node:fs/promises";
import type { Page } from "playwright-core";
import { describe, expect } from "vitest";
import { callerOf } from "../wire.ts";
import { LOOKS_MS, violations } from "./axe.ts";
import { addressOf, button, dashboardTest, eventually, field } from "./browser.ts";
import { bundleOf, register, startTools } from "./upstreams.ts";

const HOSTILE = "<img src=x onerror='attacked=true'>\u202Eecaf";

const test = dashboardTest().extend("calls", { scope: "file" }, async ({ gateway }, { onCleanup }) => {
  const upstream = await startTools([{ name: "forecast" }, { name: "broken" }], {
    call: ({ message }) => ({
      content: [{ type: "text", text: message?.params?.name === "broken" ? HOSTILE : "Sunny" }],
      isError: message?.params?.name === "broken",
    }),
  });
  onCleanup(upstream.close);
  const { id, tools } = await register(gateway, "Weather", upstream);
  const server = await bundleOf(gateway, "Desk", Object.values(tools));
  const caller = await callerOf("modern", `${gateway.url}/servers/${server}/mcp`, await gateway.token());
  let last = 0;
  const call = async (name: string): Promise<void> =>
    void (await caller(++last, "tools/call", { name, arguments: {} }));
  return { id, server, tool: tools.forecast ?? "", call };
});

const table = (page: Page) => page.getByRole("table", { name: "Requests" });
const rows = (page: Page, name: string) => table(page).getByRole("row").filter({ hasText: name });

test("before there is any, the page says how to get there", async ({ visit, page }) => {
  await visit.open("/ui/requests");
  await page.getByRole("heading", { name: "No requests yet" }).waitFor();
  await page.getByRole("main").getByRole("link", { name: "Connect a client" }).click();
  await page.getByRole("heading", { level: 1, name: "Connect a client" }).waitFor();
});

test("a call stands there with what came of it, and opens under its own address", async ({ calls, visit, page }) => {
  await calls.call("forecast");
  await calls.call("broken");
  await visit.open("/ui/requests");
  const row = rows(page, "forecast");
  await row.getByText("tools/call").waitFor();
  for (const text of ["OK", "Weather", "via Desk", "2026-07-28"]) await row.getByText(text, { exact: true }).waitFor();
  await row.getByRole("img", { name: /^gateway [\d.,]+ ms, server [\d.,]+ ms$/ }).waitFor();
  await row.getByRole("link", { name: "forecast" }).click();
  const drawer = page.getByRole("dialog", { name: "forecast" });
  await drawer.getByText("Where the time went").waitFor();
  expect(addressOf(page)).toMatch(/^\/ui\/requests\/[^?]+\?at=\d+$/);
  await page.reload();
  for (const [name, path] of [
    ["forecast", `/ui/tools/${calls.tool}`],
    ["Desk", `/ui/virtual-servers/${calls.server}`],
    ["Weather", `/ui/servers/${calls.id}`],
  ] as const)
    expect(await drawer.getByRole("link", { name, exact: true }).getAttribute("href")).toBe(path);
  await page.keyboard.press("Escape");
  await drawer.waitFor({ state: "hidden" });
  expect(addressOf(page)).toBe("/ui/requests");
});

test("what a failure says is text, with every character in it to be seen", async ({ calls, visit, page }) => {
  await calls.call("broken");
  await visit.open("/ui/requests?errors_only=true");
  await rows(page, "broken").first().getByRole("link", { name: "broken" }).click();
  const wrong = page.getByRole("dialog").getByRole("region", { name: "What went wrong" });
  await wrong.getByText("␣U+202E").waitFor();
  expect(await wrong.innerText()).toContain("<img src=x onerror='attacked=true'>");
  expect(await page.evaluate(() => ["attacked" in window, document.querySelectorAll("img").length])).toEqual([
    false,
    0,
  ]);
});

test("filters stand in the address, and can be kept under a name and exported", async ({ calls, visit, page }) => {
  await calls.call("forecast");
  await calls.call("broken");
  await visit.open("/ui/requests");
  await rows(page, "forecast").first().waitFor();
  await page.getByRole("switch", { name: "Errors only" }).click();
  await eventually(() => rows(page, "forecast").count()).toBe(0);
  await rows(page, "broken").first().waitFor();
  await page.getByRole("switch", { name: "Errors only" }).click();
  await page.getByRole("button", { name: "Outcome" }).click();
  await page.getByRole("radio", { name: "Tool failed" }).click();
  await page.getByRole("radio", { name: "1 h", exact: true }).click();
  await eventually(() => addressOf(page)).toBe("/ui/requests?outcome=tool_error&last=1h");
  await rows(page, "broken").first().waitFor();
  expect(await rows(page, "forecast").count()).toBe(0);

  await button(page, "Saved").click();
  await field(page, "Keep this filter as").fill("Tools that fail");
  await button(page, "Keep").click();
  await page.getByRole("link", { name: "Tools that fail" }).waitFor();
  await page.keyboard.press("Escape");
  await button(page, "Export").click();
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: "NDJSON" }).click(),
  ]);
  const lines = (await readFile(await download.path(), "utf8")).trim().split("\n");
  const exported = lines.map((line) => JSON.parse(line) as { outcome: string });
  expect(new Set(exported.map(({ outcome }) => outcome))).toEqual(new Set(["tool_error"]));

  await page.goto("/ui/requests");
  await button(page, "Saved").click();
  await page.getByRole("link", { name: "Tools that fail" }).click();
  await eventually(() => addressOf(page)).toBe("/ui/requests?outcome=tool_error&last=1h");
  await field(page, "Search")
    .or(page.getByRole("searchbox", { name: "Search requests" }))
    .fill("nothing is called so");
  await page.getByRole("heading", { name: "No request matches" }).waitFor();
});

test("what is kept of a call is looked into, searched, and sent again", async ({ calls, visit, page }) => {
  await visit.open(`/ui/virtual-servers/${calls.server}`);
  await page.getByRole("radio", { name: "All but secrets" }).click();
  await field(page, "For how many days").fill("3");
  await button(page, "Save changes").click();
  await page.getByRole("status").getByText("is saved").waitFor();
  await calls.call("broken");
  await page.goto("/ui/requests");
  await rows(page, "broken").first().getByRole("link", { name: "broken" }).click();
  const drawer = page.getByRole("dialog", { name: "broken" });
  await drawer.getByRole("tab", { name: "Request" }).click();
  await drawer.getByRole("region", { name: "Request" }).getByText('"broken"').waitFor();
  await button(drawer, "Copy the path name").waitFor();
  await drawer.getByRole("tab", { name: "Answer" }).click();
  const answer = drawer.getByRole("region", { name: "Answer" });
  await answer.getByText("␣U+202E").waitFor();
  await answer.getByRole("searchbox").fill("iserror");
  await answer.getByText("1 hit").waitFor();
  expect(await violations(page)).toEqual([]);
  await page.setViewportSize({ width: 1280, height: 800 });
  await button(drawer, "Copy as curl").waitFor();
  expect(await drawer.getByRole("link", { name: "Try the tool" }).getAttribute("href")).toContain("?tab=try");
});

test("the live tail shows calls made meanwhile; while somebody looks they wait", async ({ calls, visit, page }) => {
  await calls.call("forecast");
  await visit.open("/ui/requests");
  await rows(page, "forecast").first().waitFor();
  const before = await rows(page, "broken").count();
  await page.getByRole("switch", { name: "Live tail" }).click();
  await page.getByRole("status").getByText("Live", { exact: true }).waitFor();
  await calls.call("broken");
  await eventually(() => rows(page, "broken").count()).toBe(before + 1);

  await rows(page, "forecast").first().hover();
  await page.getByRole("status").getByText("new requests wait").waitFor();
  await calls.call("broken");
  await button(page, "1 newer request").waitFor();
  expect(await rows(page, "broken").count()).toBe(before + 1);
  await button(page, "1 newer request").click();
  await eventually(() => rows(page, "broken").count()).toBe(before + 2);
});

test("a live tail that breaks says so, and goes on by itself with what was missed", async ({ calls, visit, page }) => {
  await calls.call("broken");
  await calls.call("forecast");
  await visit.open("/ui/requests?live=1");
  await page.getByRole("status").getByText("Live", { exact: true }).waitFor();
  await rows(page, "forecast").first().waitFor();
  visit.tolerates("503 GET /requests/stream");
  await page.route("**/requests/stream?*", (route) =>
    route.fulfill({
      status: 503,
      contentType: "application/json",
      body: JSON.stringify({ detail: "Not now", code: "x" }),
    }),
  );
  // another filter needs another stream
  await page.getByRole("searchbox", { name: "Search requests" }).fill("b");
  await page.getByRole("status").getByText("Not live").waitFor();
  await page.getByText("Not now").waitFor();
  await rows(page, "forecast").first().waitFor({ state: "hidden" });
  await rows(page, "broken").first().waitFor();
  const before = await rows(page, "broken").count();
  await calls.call("broken");
  await page.unroute("**/requests/stream?*");
  await page.getByRole("status").getByText("Live", { exact: true }).waitFor();
  await eventually(() => rows(page, "broken").count()).toBe(before + 1);
});

test("by keyboard alone", async ({ calls, visit, page }) => {
  await calls.call("forecast");
  await visit.open("/ui/");
  await page.getByRole("heading", { level: 1 }).waitFor();
  await page.keyboard.press("g");
  await page.keyboard.press("l");
  const link = rows(page, "forecast").first().getByRole("link", { name: "forecast" });
  await link.focus();
  await page.keyboard.press("Enter");
  await page.getByRole("dialog", { name: "forecast" }).waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "hidden" });
  await page.keyboard.press("/");
  await page.keyboard.type("broken");
  await eventually(() => addressOf(page)).toBe("/ui/requests?q=broken");
});

describe("axe finds nothing, at 1280 and 375 px, light and dark", { timeout: LOOKS_MS }, () => {
  test("the list, live", async ({ calls, visit, page }) => {
    await calls.call("broken");
    await visit.open("/ui/requests?live=1");
    await page.getByRole("status").getByText("Live", { exact: true }).waitFor();
    await rows(page, "broken").first().waitFor();
    expect(await violations(page)).toEqual([]);
  });

  test("one request", async ({ calls, visit, page }) => {
    await calls.call("broken");
    await visit.open("/ui/requests");
    await rows(page, "broken").first().getByRole("link", { name: "broken" }).click();
    await page.getByRole("dialog").getByText("Where the time went").waitFor();
    expect(await violations(page)).toEqual([]);
  });
});
