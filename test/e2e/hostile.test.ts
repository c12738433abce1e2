// What an upstream says is text: it runs nothing, loads nothing, hides nothing and turns nothing round.
import type { Page } from "playwright-core";
import { expect } from "vitest";
import { button, dashboardTest, field } from "./browser.ts";
import { register, startTools } from "./upstreams.ts";

const IMAGE = `<img src=x onerror="window.attacked=true">`;
const SCRIPT = "<script>window.attacked=true</script>";
const MARKDOWN = "[click me](javascript:window.attacked=true) ![pixel](https://evil.example/pixel.png) **bold**";
const LONG = `${"long ".repeat(20_000)}END_OF_LONG`;
const TURNED = "safe\u202Eexe.cod\u202C \u200Bzero\u200Bwidth \u2066isolated\u2069 \u05E9\u05DC\u05D5\u05DD";

const test = dashboardTest().extend("hostile", { scope: "file" }, async ({ gateway }, { onCleanup }) => {
  const upstream = await startTools(
    [
      {
        name: "image",
        title: IMAGE,
        description: `${IMAGE}${SCRIPT}`,
        inputSchema: { type: "object", title: IMAGE, properties: { [SCRIPT]: { type: "string", description: IMAGE } } },
      },
      { name: "markdown", description: MARKDOWN, annotations: { title: MARKDOWN } },
      { name: "long", description: LONG },
      { name: "turned", description: TURNED },
    ],
    {
      about: { instructions: `${IMAGE} ${MARKDOWN}`, serverInfo: { name: IMAGE, version: SCRIPT } },
      call: () => ({
        content: [
          { type: "text", text: `${IMAGE}${SCRIPT}${MARKDOWN}` },
          {
            type: "image",
            mimeType: "image/svg+xml",
            data: btoa(`<svg xmlns="http://www.w3.org/2000/svg" onload="attacked=true"/>`),
          },
          { type: "resource_link", uri: "javascript:window.attacked=true", name: IMAGE },
          { type: "resource", resource: { uri: "ui://page", mimeType: "text/html", text: SCRIPT } },
        ],
        structuredContent: { [IMAGE]: SCRIPT },
      }),
    },
  );
  onCleanup(upstream.close);
  return { url: upstream.url, ...(await register(gateway, `${IMAGE}`, upstream)) };
});

/** Nothing of theirs became an element, ran or can be followed. */
async function isOnlyText(page: Page): Promise<void> {
  const found = await page.evaluate(() => ({
    ran: "attacked" in window,
    images: document.querySelectorAll("img[onerror], img[src='x'], img[src^='https'], object, iframe, embed").length,
    scripts: [...document.scripts].filter((script) => script.src === "").length,
    links: [...document.links].filter((link) => !/^https?:/.test(link.protocol)).length,
  }));
  expect(found).toEqual({ ran: false, images: 0, scripts: 0, links: 0 });
}

test("a probe shows it as it is", async ({ hostile, visit, page }) => {
  await visit.open("/ui/servers/new");
  const form = page.getByRole("dialog", { name: "Add server" });
  await field(form, "URL").fill(hostile.url);
  await button(form, "Probe").click();
  const found = form.getByRole("region", { name: "What the probe found" });
  await found.getByText(`${IMAGE} ${SCRIPT}`).waitFor();
  await found.getByText(`${IMAGE}${SCRIPT}`, { exact: true }).waitFor();
  await found.getByText(`${IMAGE} ${MARKDOWN}`).waitFor();
  await isOnlyText(page);
});

test("so do the lists, the server, and every tab of a tool", async ({ hostile, visit, page }) => {
  await visit.open(`/ui/tools?source=${hostile.id}`);
  const table = page.getByRole("table", { name: "Tools" });
  await table.getByText(MARKDOWN).first().waitFor();
  await table.getByText(`${IMAGE}${SCRIPT}`).waitFor();
  await isOnlyText(page);
  await table.getByRole("link", { name: "image" }).click();
  const tool = page.getByRole("dialog", { name: "image" });
  for (const tab of ["Overview", "Try it", "Schema", "Definition"]) {
    await tool.getByRole("tab", { name: tab }).click();
    await tool.getByRole("tabpanel", { name: tab }).getByText("onerror").first().waitFor();
    await isOnlyText(page);
  }
  await page.goto(`/ui/servers/${hostile.id}`);
  await page.getByRole("dialog", { name: IMAGE }).getByText(`${IMAGE} ${MARKDOWN}`).waitFor();
  await isOnlyText(page);
  await page.goto("/ui/");
  await page.getByRole("link", { name: IMAGE }).first().waitFor();
  await isOnlyText(page);
});

test("and so does the answer of a tool, whatever it is made of", async ({ hostile, visit, page }) => {
  await visit.open(`/ui/tools/${hostile.tools.image}?tab=try`);
  const tool = page.getByRole("dialog", { name: "image" });
  await button(tool, "Run").click();
  const answer = tool.getByRole("region", { name: "Answer" });
  await answer.getByText(`${IMAGE}${SCRIPT}${MARKDOWN}`, { exact: true }).waitFor();
  await answer.getByText("javascript:window.attacked=true", { exact: true }).waitFor();
  await isOnlyText(page);
  expect(await answer.getByRole("img").count()).toBe(0);
});

test("a description of 100 KB neither breaks the list nor loses its end", async ({ hostile, visit, page }) => {
  await visit.open(`/ui/tools?source=${hostile.id}`);
  const row = page.getByRole("row").filter({ hasText: "END_OF_LONG" });
  await row.waitFor();
  const [high, wide] = await page.evaluate(() => [
    Math.max(...[...document.querySelectorAll("tbody tr")].map((one) => one.getBoundingClientRect().height)),
    document.documentElement.scrollWidth - document.documentElement.clientWidth,
  ]);
  expect(high).toBeLessThan(200);
  expect(wide).toBe(0);
  await row.getByRole("link", { name: "long" }).click();
  const tool = page.getByRole("dialog", { name: "long" });
  expect((await tool.getByRole("tabpanel").innerText()).includes(LONG.slice(0, 4_000))).toBe(true);
});

test("letters that turn text round or hide in it keep to themselves", async ({ hostile, visit, page }) => {
  await visit.open(`/ui/tools/${hostile.tools.turned}`);
  const text = page.getByRole("dialog", { name: "turned" }).getByText("safe");
  await text.waitFor();
  expect(await text.textContent()).toBe(TURNED);
  expect(await text.evaluate((element) => getComputedStyle(element).unicodeBidi)).toMatch(/isolate|plaintext/);
});
