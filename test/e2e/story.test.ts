// The whole way through the dashboard on an empty gateway, by browser alone: a server, a virtual server, a client.
import type { Page } from "playwright-core";
import { describe, expect } from "vitest";
import { startSessionEverything } from "../fakes/everything/session.ts";
import { connectSession } from "../peers.ts";
import { addressOf, button, dashboardTest, eventually, field, shownConfig } from "./browser.ts";

const test = dashboardTest();
const STORY_MS = 60_000;
/** How Cursor reads the token from its environment. */
const VARIABLE = `Bearer \${${"env:GW_TOKEN"}}`;

test("from nothing to a client that calls a renamed tool", { timeout: STORY_MS }, async ({ gateway, visit, page }) => {
  const upstream = await startSessionEverything();
  await visit.open("/ui/");
  const main = page.getByRole("main");

  // a server: probed first, saved after
  await main.getByRole("link", { name: "Add an MCP server" }).click();
  const adding = page.getByRole("dialog", { name: "Add server" });
  await field(adding, "URL").fill(upstream.url);
  await button(adding, "Probe").click();
  const found = adding.getByRole("region", { name: "What the probe found" });
  await found.getByText("2025-11-25", { exact: true }).waitFor();
  await found.getByText("session-everything 1.0.0").waitFor();
  await found.getByText("test_simple_text", { exact: true }).waitFor();
  for (const noun of ["gateways", "tools"]) {
    expect((await gateway.api("GET", `/${noun}?limit=0&include_inactive=true`)).body, noun).toEqual([]);
  }
  await field(adding, "Name").fill("Everything");
  await button(adding, "Add server").click();
  const server = page.getByRole("dialog", { name: "Everything" });
  await server.getByText("2025-11-25", { exact: true }).waitFor();
  const saved = await gateway.api<{ name: string; url: string }[]>("GET", "/gateways");
  expect(saved.body.map(({ name, url }) => ({ name, url }))).toEqual([{ name: "Everything", url: upstream.url }]);
  await button(server, "Close").click();

  // a virtual server of two of its tools, one under another name
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Virtual servers" }).click();
  await main.getByRole("link", { name: "New virtual server" }).first().click();
  await field(main, "Name").fill("Team");
  await button(main, "Unfold Everything").click();
  await main.getByRole("checkbox", { name: "test_simple_text" }).check();
  await main.getByRole("checkbox", { name: "test_x_mcp_header" }).check();
  await button(main, "Rename test_simple_text").click();
  await field(main, "Name clients see").fill("say_hello");
  await button(main, "Create virtual server").click();
  await page.getByRole("status").getByText("Team is saved").waitFor();
  await eventually(() => addressOf(page)).toMatch(/^\/ui\/virtual-servers\/[0-9a-f]{32}$/);
  const id = addressOf(page).split("/").at(-1);
  const url = `${gateway.url}/servers/${id}/mcp`;
  await main.getByText(url, { exact: true }).waitFor();

  // the words for each client
  await main.getByRole("link", { name: "Connect a client" }).click();
  await main.getByRole("heading", { level: 1, name: "Connect a client" }).waitFor();
  await main.getByText(url, { exact: true }).waitFor();
  expect(await shownConfig(page, "Terminal, where the gateway is deployed from")).toContain(`--server ${id}`);
  await main.getByRole("radio", { name: "Claude Code" }).click();
  await eventually(() => main.innerText()).toContain(`claude mcp add --transport http --scope user team \\\n  ${url}`);
  await main.getByRole("radio", { name: "Codex" }).click();
  await main.getByRole("radio", { name: "config.toml" }).click();
  expect(await shownConfig(page, "~/.codex/config.toml")).toContain(`[mcp_servers.team]\nurl = "${url}"\n`);
  await main.getByRole("radio", { name: "Cursor" }).click();
  const http = JSON.parse(await shownConfig(page, "mcp.json"));
  expect(http).toEqual({ mcpServers: { team: { url, headers: { Authorization: VARIABLE } } } });
  await main.getByRole("combobox", { name: "Form" }).selectOption({ label: "stdio, through mcp-remote" });
  const stdio = JSON.parse(await shownConfig(page, "mcp.json")).mcpServers.team;
  expect(stdio).toMatchObject({ command: "npx", env: { AUTH: VARIABLE } });
  expect(stdio.args).toEqual(expect.arrayContaining([expect.stringMatching(/^mcp-remote@\d/), url]));
  await page.reload();
  await main.getByRole("radio", { name: "Cursor", checked: true }).waitFor();
  expect(JSON.parse(await shownConfig(page, "mcp.json")).mcpServers.team).toEqual(stdio);

  // a tool, tried through the gateway
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Tools" }).click();
  await main.getByRole("searchbox", { name: "Search tools" }).fill("test_x_mcp_header");
  await main.getByRole("link", { name: "test_x_mcp_header" }).click();
  const tool = page.getByRole("dialog", { name: "test_x_mcp_header" });
  await tool.getByRole("tab", { name: "Try it" }).click();
  await field(tool, "region").fill("eu-1");
  await button(tool, "Run").click();
  const answer = tool.getByRole("region", { name: "Answer" });
  await answer.getByText('Called with {"region":"eu-1"}').waitFor();

  // a client at the very URL the page showed
  const { client } = await connectSession(http.mcpServers.team.url, await gateway.token({ serverId: id ?? "" }));
  expect((await client.listTools()).tools.map(({ name }) => name).sort()).toEqual(["say_hello", "test_x_mcp_header"]);
  const result = await client.callTool({ name: "say_hello", arguments: {} });
  expect(result.content).toEqual([{ type: "text", text: "This is a simple text response for testing." }]);
  await client.close();
  await upstream.close();
});

describe("a tool that takes its time", () => {
  test.beforeAll(async ({ gateway }) => {
    const added = await gateway.api("POST", "/gateways", { name: "Sample", url: "builtin:sample" });
    expect(added.status).toBe(201);
  });

  const slow = async (page: Page, seconds: number) => {
    await page.getByRole("main").getByRole("link", { name: "slow" }).click();
    const tool = page.getByRole("dialog", { name: "slow" });
    await tool.getByRole("tab", { name: "Try it" }).click();
    await field(tool, "seconds").fill(String(seconds));
    await button(tool, "Run").click();
    const answer = tool.getByRole("region", { name: "Answer" });
    await answer.getByText(new RegExp(`^\\d of ${seconds} seconds$`)).waitFor();
    return { tool, answer };
  };

  test("shows its progress, then its answer", async ({ visit, page }) => {
    await visit.open("/ui/tools?q=slow");
    const { answer } = await slow(page, 3);
    expect(Number(await answer.getByRole("progressbar").getAttribute("max"))).toBe(3);
    await answer.getByText("Worked for 3 s", { exact: true }).waitFor();
    await answer.getByText("Answered").waitFor();
  });

  test("is cancelled when asked, and can run again", async ({ visit, page }) => {
    await visit.open("/ui/tools?q=slow");
    const { tool, answer } = await slow(page, 30);
    await button(tool, "Cancel").click();
    await answer.getByText("Cancelled.").waitFor();
    await field(tool, "seconds").fill("1");
    await button(tool, "Run").click();
    await answer.getByText("Worked for 1 s", { exact: true }).waitFor();
  });
});
