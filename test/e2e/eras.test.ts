// What the dashboard says of eras: how a server's was found, what it was, what is lost, the stream an admin may hold; and
// the ways in that the Connect page offers beside Streamable HTTP.
import { describe, expect } from "vitest";
import type { UpstreamRead } from "../../src/schemas/upstreams.ts";
import { dashboardTest, eventually, shownConfig } from "./browser.ts";
import { bundleOf, register, startTools } from "./upstreams.ts";

const test = dashboardTest().extend("catalog", { scope: "file" }, async ({ gateway }, { onCleanup }) => {
  const upstream = await startTools([{ name: "only" }]);
  onCleanup(upstream.close);
  const { id, tools } = await register(gateway, "Old", upstream);
  return { id, server: await bundleOf(gateway, "Team", [tools.only ?? ""]) };
});

describe("a server's page", () => {
  test("says what showed its era, what it was before and what does not come through", async ({
    gateway,
    catalog,
    visit,
    page,
  }) => {
    await visit.open(`/ui/servers/${catalog.id}`);
    const server = page.getByRole("dialog", { name: "Old" });
    await server
      .getByText(
        "server/discover refused with JSON-RPC error -32601, then initialize answered 2025-11-25, without a session id",
      )
      .waitFor();
    await server.getByText("never", { exact: true }).waitFor();
    const { body } = await gateway.api<UpstreamRead>("GET", `/gateways/${catalog.id}`);
    expect(body.eraFacts.lost.length).toBeGreaterThan(3);
    await server.getByText("What does not come through").click();
    for (const { what } of body.eraFacts.lost) await server.getByText(what, { exact: true }).waitFor();

    const change = { at: new Date(0).toISOString(), from: { era: "sse", protocolVersion: "2024-11-05" }, to: {} };
    await gateway.sql("UPDATE upstreams SET era_change = ? WHERE id = ?", JSON.stringify(change), catalog.id);
    await page.reload();
    await server.getByTitle("HTTP+SSE, 2024-11-05").waitFor();
    expect(await server.getByText("never", { exact: true }).count()).toBe(0);
  });

  test("has a switch for a stream that is kept, and tells what it costs", async ({ gateway, catalog, visit, page }) => {
    const kept = async () => (await gateway.api<UpstreamRead>("GET", `/gateways/${catalog.id}`)).body.keepLive;
    await visit.open(`/ui/servers/${catalog.id}`);
    const server = page.getByRole("dialog", { name: "Old" });
    const control = server.getByRole("switch", { name: "Keep a stream to it" });
    await server.getByText("about $4 a month").waitFor();
    expect(await control.getAttribute("aria-checked")).toBe("false");
    await control.click();
    await eventually(kept).toBe(true);
    await eventually(() => control.getAttribute("aria-checked")).toBe("true");
    await page.reload();
    await eventually(() => control.getAttribute("aria-checked")).toBe("true");
    await control.click();
    await eventually(kept).toBe(false);
  });

  test("has no such switch for what is built in", async ({ gateway, visit, page }) => {
    const { body } = await gateway.api<UpstreamRead>("POST", "/gateways", { name: "Inside", url: "builtin:sample" });
    await visit.open(`/ui/servers/${body.id}`);
    const server = page.getByRole("dialog", { name: "Inside" });
    await server.getByText("part of this Worker").waitFor();
    expect(await server.getByRole("switch").count()).toBe(0);
  });
});

describe("the Connect page", () => {
  test("offers HTTP+SSE to clients that know it, at its own address", async ({ gateway, catalog, visit, page }) => {
    const main = page.getByRole("main");
    const url = `${gateway.url}/servers/${catalog.server}/sse`;
    await visit.open(`/ui/connect?server=${catalog.server}&client=claude-code`);
    await main.getByRole("combobox", { name: "Form" }).selectOption({ label: "HTTP+SSE, for old clients" });
    await main.getByText(url, { exact: true }).waitFor();
    await main.getByText("nothing newer than 2024-11-05").waitFor();
    await eventually(() => main.innerText()).toContain(`claude mcp add --transport sse --scope user team \\\n  ${url}`);
    await main.getByRole("radio", { name: ".mcp.json" }).click();
    expect(JSON.parse(await shownConfig(page, ".mcp.json in the project")).mcpServers.team).toMatchObject({
      type: "sse",
      url,
    });
    await main.getByRole("radio", { name: "VS Code" }).click();
    expect(JSON.parse(await shownConfig(page, ".vscode/mcp.json")).servers.team).toMatchObject({ type: "sse", url });
    await page.reload();
    await main.getByText(url, { exact: true }).waitFor();
  });

  test("leaves clients without that form at the newer address, and says so", async ({
    gateway,
    catalog,
    visit,
    page,
  }) => {
    const main = page.getByRole("main");
    await visit.open(`/ui/connect?server=${catalog.server}&client=codex&via=sse`);
    await main.getByText("Codex speaks HTTP itself and needs no HTTP+SSE.").waitFor();
    await eventually(() => main.innerText()).toContain(`--url ${gateway.url}/servers/${catalog.server}/mcp`);
  });

  test("names the WebSocket address, and that no revision of MCP defines it", async ({
    gateway,
    catalog,
    visit,
    page,
  }) => {
    await visit.open(`/ui/connect?server=${catalog.server}`);
    const address = `${gateway.url.replace("http:", "ws:")}/servers/${catalog.server}/ws`;
    await page.getByText(address, { exact: true }).waitFor();
    await page.getByText("no revision of MCP defines it").waitFor();
  });
});
