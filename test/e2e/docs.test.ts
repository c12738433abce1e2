// The API docs page shows the whole API; and what a first visit has to load stays small.
import { gzipSync } from "node:zlib";
import { expect } from "vitest";
import { dashboardTest } from "./browser.ts";

const MOST_JS = 60 * 1024;
const METHODS = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

const test = dashboardTest();

type Document = { paths: Record<string, Record<string, { summary?: string }>> };

test("lists every operation of /openapi.json, once", async ({ gateway, visit, page }) => {
  const { body } = await gateway.api<Document>("GET", "/openapi.json");
  const operations = Object.entries(body.paths).flatMap(([path, item]) =>
    Object.entries(item)
      .filter(([method]) => METHODS.includes(method))
      .map(([method, { summary = "" }]) => `${method.toUpperCase()}${path}${summary}`),
  );
  expect(operations.length).toBeGreaterThan(30);
  await visit.open("/docs");
  await page.getByRole("status").getByText(`${operations.length} operations`, { exact: true }).waitFor();
  const shown = await page.getByRole("main").locator("details[name=operation] > summary").allTextContents();
  expect(shown.toSorted()).toEqual(operations.toSorted());
});

test("every operation opens, with its answers and a command to copy", async ({ visit, page }) => {
  await visit.open("/docs");
  const search = page.getByRole("searchbox", { name: "Search the API" });
  await search.fill("post /gateways");
  const operation = page.locator("details[name=operation]").filter({ hasText: "/gateways/test" });
  await operation.locator("summary").first().click();
  await operation.getByText(/curl -s -X POST 'http.*\/gateways\/test'/).waitFor();
  await operation.getByText("200", { exact: true }).waitFor();
  await search.fill("no such operation");
  await page.getByText("No operation matches.").waitFor();
});

test("the first page sends at most 60 KB of JavaScript, compressed", async ({ visit, page }) => {
  const scripts = new Map<string, Promise<number>>();
  page.on("response", (response) => {
    const { pathname } = new URL(response.url());
    if (pathname.endsWith(".js"))
      scripts.set(
        pathname,
        response.body().then((body) => gzipSync(body).length),
      );
  });
  await visit.open("/ui/");
  await page.getByRole("heading", { name: "First steps" }).waitFor();
  const sizes = await Promise.all(scripts.values());
  const sum = sizes.reduce((total, size) => total + size, 0);
  expect(sizes.length).toBeGreaterThan(1);
  expect(sum).toBeLessThanOrEqual(MOST_JS);
});
