// Building a virtual server: what was chosen stays chosen, nobody overwrites anybody, and consequences are named.
import { expect, onTestFinished } from "vitest";
import { startLibrary } from "../fakes/library.ts";
import { button, dashboardTest, eventually, field } from "./browser.ts";
import { bundleOf, numbered, register, startTools } from "./upstreams.ts";

const test = dashboardTest().extend("catalog", { scope: "file" }, async ({ gateway }, { onCleanup }) => {
  const many = await startTools(numbered(120));
  const twin = await startTools([{ name: "tool_001", description: "The same name at another server" }]);
  onCleanup(async () => {
    await many.close();
    await twin.close();
  });
  const first = await register(gateway, "Many", many);
  const second = await register(gateway, "Twin", twin);
  return { many: first, twin: second };
});

test("what is chosen survives searching, folding and scrolling", async ({ gateway, catalog, visit, page }) => {
  expect(Object.keys(catalog.many.tools)).toHaveLength(120);
  await visit.open("/ui/virtual-servers/new");
  const tick = (name: string) => page.getByRole("checkbox", { name, exact: true }).check();
  await field(page, "Name").fill("Chosen");
  await button(page, "Unfold Many").click();
  await tick("tool_002");
  const search = page.getByRole("searchbox", { name: "Search the catalog" });
  await search.fill("tool_11");
  await page.getByRole("checkbox", { name: "tool_002" }).waitFor({ state: "detached" });
  await tick("tool_117");
  await search.fill("");
  await button(page, "Show 20 more").click();
  await page.getByRole("checkbox", { name: "tool_120" }).scrollIntoViewIfNeeded();
  await tick("tool_120");
  await button(page, "Fold Many").click();

  const seen = page.getByRole("region", { name: "What clients see" });
  for (const name of ["tool_002", "tool_117", "tool_120"]) await seen.getByText(name, { exact: true }).waitFor();
  await button(page, "Create virtual server").click();
  await page.getByRole("status").getByText("Chosen is saved").waitFor();
  const [server] = (await gateway.api<{ name: string; tools: { name: string }[] }[]>("GET", "/servers")).body;
  expect(server?.tools.map((tool) => tool.name)).toEqual(["tool_002", "tool_117", "tool_120"]);
});

test("a save that would overwrite somebody else's is refused, and their version can be loaded", async ({
  gateway,
  catalog,
  visit,
  page,
}) => {
  const id = await bundleOf(gateway, "Shared", [catalog.many.tools.tool_001 ?? ""]);
  visit.expects(`412 PUT /servers/${id}`);
  await visit.open(`/ui/virtual-servers/${id}`);
  await field(page, "Description").fill("mine");
  expect((await gateway.api("PUT", `/servers/${id}`, { description: "theirs" })).status).toBe(200);
  await button(page, "Save changes").click();
  const conflict = page.getByRole("alert").filter({ hasText: "Someone else saved this virtual server meanwhile" });
  await conflict.waitFor();
  expect(await conflict.innerText()).toMatch(/Request \S{8,}/);
  expect(await field(page, "Description").inputValue()).toBe("mine");

  await button(conflict, "Reload, losing my changes").click();
  await eventually(() => field(page, "Description").inputValue()).toBe("theirs");
  await field(page, "Description").fill("agreed");
  await button(page, "Save changes").click();
  await page.getByRole("status").getByText("Shared is saved").waitFor();
  const read = await gateway.api<{ description: string }>("GET", `/servers/${id}`);
  expect(read.body.description).toBe("agreed");
});

test("opening it to everyone warns what that gives away, before it is saved", async ({
  gateway,
  catalog,
  visit,
  page,
}) => {
  const { tool_001 = "", tool_010 = "" } = catalog.many.tools;
  const id = await bundleOf(gateway, "Door", [tool_001, tool_010]);
  await visit.open(`/ui/virtual-servers/${id}`);
  const open = page.getByRole("switch", { name: /^Open to everyone/ });
  await open.click();
  const warning = page.getByRole("alert").filter({ hasText: "Anyone who knows the URL can call 2 tools" });
  await warning.getByText("1 of them says it may destroy data").waitFor();
  const isOpen = async () => (await gateway.api<{ open: boolean }>("GET", `/servers/${id}`)).body.open;
  expect(await isOpen()).toBe(false);
  await open.click();
  await warning.waitFor({ state: "detached" });
  await open.click();
  await button(page, "Save changes").click();
  await page.getByRole("status").getByText("Door is saved").waitFor();
  expect(await isOpen()).toBe(true);
});

test("two tools of one name: says which one is renamed and how, and takes a better name", async ({
  gateway,
  catalog,
  visit,
  page,
}) => {
  expect(catalog.twin.tools.tool_001).toBeDefined();
  await visit.open("/ui/virtual-servers/new");
  await field(page, "Name").fill("Twins");
  await page.getByRole("searchbox", { name: "Search the catalog" }).fill("tool_001");
  for (const box of await page.getByRole("checkbox", { name: "tool_001" }).all()) await box.check();
  const seen = page.getByRole("region", { name: "What clients see" });
  await seen.getByText("Two tools are called tool_001.").waitFor();
  await seen.getByRole("listitem").getByText("twin__tool_001", { exact: true }).waitFor();
  await button(seen, "Rename").click();
  const alias = field(seen, "Name clients see");
  await alias.fill("no spaces");
  await seen.getByText(/1 to 128 letters/).waitFor();
  // a name given by hand wins: now it is the other one that is renamed
  await alias.fill("tool_001");
  await seen.getByText("Only one can keep the name; that of Many is offered as many__tool_001.").waitFor();
  await alias.fill("other_001");
  await button(page, "Create virtual server").click();
  await page.getByRole("status").getByText("Twins is saved").waitFor();
  const servers = await gateway.api<{ name: string; tools: { name: string }[] }[]>("GET", "/servers");
  const saved = servers.body.find((server) => server.name === "Twins");
  expect(saved?.tools.map((tool) => tool.name).sort()).toEqual(["other_001", "tool_001"]);

  // a name somebody uses already is nobody else's
  await button(seen, "Rename other_001").click();
  await alias.fill("tool_001");
  await seen.getByText("Another one has this name").waitFor();
  expect(await button(page, "Save changes").isDisabled()).toBe(true);
});

test("two resources of one URI: says which one gets a mark, and that is what is saved", async ({
  gateway,
  visit,
  page,
}) => {
  const libraries = await Promise.all(["north", "south"].map((name) => startLibrary(name, "session")));
  onTestFinished(async () => void (await Promise.all(libraries.map(({ close }) => close()))));
  for (const [at, name] of ["North", "South"].entries()) await register(gateway, name, libraries[at] ?? { url: "" });
  await visit.open("/ui/virtual-servers/new");
  await field(page, "Name").fill("Both libraries");
  await page.getByRole("searchbox", { name: "Search the catalog" }).fill("note://shared");
  for (const box of await page.getByRole("checkbox", { name: "note://shared" }).all()) await box.check();
  const seen = page.getByRole("region", { name: "What clients see" });
  await seen.getByText("Two resources have the URI note://shared.").waitFor();
  const told = await seen.getByText(/that of (North|South) is offered as/).innerText();
  const later = /that of North/.test(told) ? "north" : "south"; // whose box comes second
  expect(told).toContain(`is offered as note://${later}--shared.`);
  const listed = seen.getByRole("listitem").getByText(`note://${later}--shared`, { exact: true });
  await listed.waitFor();
  expect(await button(seen, "Rename").count()).toBe(0);
  await button(page, "Create virtual server").click();
  await page.getByRole("status").getByText("Both libraries is saved").waitFor();
  const servers = await gateway.api<{ name: string; resources: { name: string }[] }[]>("GET", "/servers");
  const saved = servers.body.find((server) => server.name === "Both libraries");
  expect(saved?.resources.map((resource) => resource.name)).toEqual(["note://shared", `note://${later}--shared`]);
  await listed.waitFor();
});

test("leaving with unsaved changes asks first", async ({ visit, page }) => {
  await visit.open("/ui/virtual-servers/new");
  await field(page, "Name").fill("Half done");
  const away = page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "MCP servers" });
  await away.click();
  const question = page.getByRole("dialog", { name: "Discard your changes?" });
  await button(question, "Cancel").click();
  expect(await field(page, "Name").inputValue()).toBe("Half done");
  await away.click();
  await button(question, "Discard").click();
  await page.getByRole("heading", { level: 1, name: "MCP servers" }).waitFor();
});
