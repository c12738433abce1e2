// A probe that fails says which server, at which stage, under which request id, and what to do next. It saves nothing.
import type { Locator, Page } from "playwright-core";
import { describe, expect } from "vitest";
import { type Fault, fails, html, refuses, unauthorized } from "../fakes/faults.ts";
import { startFaulty } from "../fakes/faulty.ts";
import { button, dashboardTest, field } from "./browser.ts";
import { startTools } from "./upstreams.ts";

const test = dashboardTest();
const guarded = dashboardTest({ ALLOW_PRIVATE_UPSTREAMS: "false" });

const CHALLENGE =
  'Bearer realm="vault", resource_metadata="https://vault.example/.well-known/oauth-protected-resource"';

/** Probes a URL; gives the failure shown and the request id the gateway gave it. */
async function probe(page: Page, url: string): Promise<{ form: Locator; said: string; requestId: string | undefined }> {
  const form = page.getByRole("dialog", { name: "Add server" });
  await field(form, "URL").fill(url);
  const answered = page.waitForResponse((response) => new URL(response.url()).pathname === "/gateways/test");
  await button(form, "Probe").click();
  const requestId = (await answered).headers()["x-correlation-id"];
  const note = form.getByRole("alert").filter({ hasText: "The probe failed" });
  await note.waitFor();
  return { form, said: await note.innerText(), requestId };
}

describe("a failed probe tells what happened and what to do", () => {
  const failures: [name: string, fault: Fault, status: number, said: string[]][] = [
    ["nobody listens", refuses, 502, ["connecting", "Check that the URL is right"]],
    ["credentials are wanted", unauthorized(CHALLENGE), 424, [CHALLENGE, "Add them under Credentials"]],
    ["a web page answers", html, 502, ["not as an MCP server", "/mcp or /sse"]],
    ["the server fails", fails(503), 502, ["503", "Its own log says more"]],
  ];
  test.for(failures)("%s", async ([, fault, status, expected], { gateway, visit, page }) => {
    visit.expects(`${status} POST /gateways/test`);
    const upstream = await startFaulty(fault);
    await visit.open("/ui/servers/new");
    const { said, requestId } = await probe(page, upstream.url);
    for (const text of [upstream.url, ...expected, requestId ?? "a request id"]) expect(said).toContain(text);
    expect((await gateway.api("GET", "/gateways?include_inactive=true")).body).toEqual([]);
    await upstream.close();
  });
});

test("the credentials it asked for are typed into the same form, and the probe succeeds", async ({ visit, page }) => {
  visit.expects("424 POST /gateways/test");
  const closed = await startFaulty({ ...unauthorized(CHALLENGE), times: 1 });
  await visit.open("/ui/servers/new");
  const { form } = await probe(page, closed.url);
  await form.getByRole("combobox", { name: "Credentials" }).selectOption({ label: "Bearer token" });
  await form.getByLabel(/^Token/).fill("open-sesame");
  await button(form, "Probe").click();
  await form.getByText("It answered").waitFor();
  expect(closed.requests.at(-1)?.headers.authorization).toBe("Bearer open-sesame");
  await closed.close();
});

test("a URL that is none, or has another scheme, is refused before anything is sent", async ({ visit, page }) => {
  await visit.open("/ui/servers/new");
  const form = page.getByRole("dialog", { name: "Add server" });
  for (const url of ["", "not a url", "file:///etc/passwd", "javascript:alert(1)"]) {
    await field(form, "URL").fill(url);
    await button(form, "Probe").click();
    await form.getByText("Enter an http or https URL").waitFor();
    expect(await field(form, "URL").getAttribute("aria-invalid"), url).toBe("true");
  }
});

guarded(
  "names a private address as what the gateway may not reach, and how that is allowed",
  async ({ visit, page }) => {
    visit.expects("422 POST /gateways/test");
    const upstream = await startTools([]);
    await visit.open("/ui/servers/new");
    const { said, requestId } = await probe(page, upstream.url);
    const expected = [upstream.url, "The gateway may not reach this address", "allowed by its configuration"];
    for (const text of [...expected, requestId ?? "a request id"]) expect(said).toContain(text);
    expect(upstream.heard).toEqual([]);
    await upstream.close();
  },
);
