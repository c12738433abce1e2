// Alerts, by hand in the browser: a webhook is made, tried, found wanting, put right and taken away; and everybody can
// use the page: no violation axe knows of, in either theme, on a desk or a phone.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, onTestFinished } from "vitest";
import { startReceiver, verified } from "../fakes/receiver.ts";
import { LOOKS_MS, violations } from "./axe.ts";
import { addressOf, button, dashboardTest, eventually, field, shownConfig } from "./browser.ts";

const test = dashboardTest();

async function receiver() {
  const started = await startReceiver();
  onTestFinished(started.close);
  return started;
}

describe("a webhook", { timeout: LOOKS_MS }, () => {
  test("is made, tried, and shows what came of it", async ({ visit, page }) => {
    const { url, received, answers } = await receiver();
    await visit.open("/ui/alerts");
    await page.getByText("No webhooks yet").waitFor();
    expect(await violations(page)).toEqual([]);
    await page.getByRole("link", { name: "New webhook" }).first().click();
    await button(page, "Make webhook").click();
    await page.getByText("Enter a name").waitFor();
    await field(page, "Name").fill("On call");
    await field(page, "URL").fill("http://169.254.169.254/latest");
    await page.getByRole("radio", { name: "Some" }).click();
    await page.getByRole("checkbox", { name: "errors.high" }).uncheck();
    await page.getByRole("checkbox", { name: "auth.expiring" }).uncheck();
    expect(await violations(page)).toEqual([]);
    visit.expects("422 POST /webhooks");
    await button(page, "Make webhook").click();
    await page.getByText("169.254.169.254 is a metadata address").waitFor();
    await field(page, "URL").fill(url);
    await button(page, "Make webhook").click();

    const ready = page.getByRole("dialog", { name: "On call is ready" });
    await ready.getByText("It is shown this once only.").waitFor();
    const secret = await shownConfig(page, "Secret of On call");
    expect(await violations(page)).toEqual([]);
    await button(ready, "Done, I have it").click();
    const drawer = page.getByRole("dialog", { name: "On call", exact: true });
    await drawer.getByText("An MCP server can't be reached any more").waitFor();
    expect(await drawer.getByText("errors.high").count()).toBe(0);
    expect(await page.content()).not.toContain(secret);

    await button(drawer, "Send test").click();
    await drawer.getByText("Delivered: answered 204.").waitFor();
    expect(received.map((message) => verified(message, secret))).toEqual([1]);
    answers(500);
    await button(drawer, "Send test").click();
    await drawer.getByText("Not delivered: answered 500.").waitFor();
    expect(await violations(page)).toEqual([]);

    await drawer.getByRole("tab", { name: "Deliveries" }).click();
    await drawer.getByRole("radio", { name: "Failed" }).click();
    await eventually(() => drawer.locator("summary").count()).toBe(1);
    await drawer.locator("summary").click();
    await drawer.getByText('"webhook": "On call"').waitFor();
    expect(await violations(page)).toEqual([]);
    await button(drawer, "Send it again").click();
    await page.getByRole("status").getByText("Delivered: answered 204").waitFor();
    await drawer.getByText("None of these.").waitFor();
    expect(received).toHaveLength(3);
    await page.keyboard.press("Escape");
    await page
      .getByRole("row", { name: /On call/ })
      .getByText("all 2 delivered")
      .waitFor();
  });

  test("is changed, rotated, switched off and deleted", async ({ gateway, visit, page }) => {
    const { url, received } = await receiver();
    const body = { name: "Chat", url, events: ["upstream.down"] };
    const made = (await gateway.api<{ webhook: { id: string }; secret: string }>("POST", "/webhooks", body)).body;
    await visit.open(`/ui/alerts/${made.webhook.id}`);
    const drawer = page.getByRole("dialog", { name: "Chat", exact: true });
    await drawer.getByRole("link", { name: "Edit" }).click();
    await page.getByRole("radio", { name: "Every event" }).click();
    await button(page, "Save changes").click();
    await drawer.getByText("Every event, also what is yet to come.").waitFor();

    await button(drawer, "Rotate secret").click();
    await page.getByRole("dialog", { name: "Rotate the secret of Chat?" }).waitFor();
    expect(await violations(page)).toEqual([]);
    await button(page.getByRole("dialog", { name: "Rotate the secret of Chat?" }), "Rotate").click();
    const next = await shownConfig(page, "Secret of Chat");
    await page.keyboard.press("Escape");
    await button(page.getByRole("dialog", { name: "Is the secret where you need it?" }), "Close").click();
    await button(drawer, "Send test").click();
    await drawer.getByText("Delivered: answered 204.").waitFor();
    expect(received.map((message) => [made.secret, next].map((one) => verified(message, one)))).toEqual([[1, 1]]);

    await button(drawer, "Switch off").click();
    await drawer.getByText("It is off: nothing is sent").waitFor();
    expect(await violations(page)).toEqual([]);
    await button(drawer, "Delete").click();
    await button(page.getByRole("dialog", { name: "Delete Chat?" }), "Delete webhook").click();
    await page.getByRole("status").getByText("Chat is deleted").waitFor();
    expect(addressOf(page)).toBe("/ui/alerts");
    expect((await gateway.api("GET", `/webhooks/${made.webhook.id}`)).status).toBe(404);
  });

  test("comes with code that verifies what it sends, in Node and in Python", async ({ visit, page }) => {
    const { url, received } = await receiver();
    await visit.open("/ui/alerts/new");
    await field(page, "Name").fill("Script");
    await field(page, "URL").fill(url);
    await button(page, "Make webhook").click();
    const secret = await shownConfig(page, "Secret of Script");
    const node = await shownConfig(page, "verify.mjs");
    await page.getByRole("radio", { name: "Python" }).click();
    const python = await shownConfig(page, "verify.py");
    await button(page, "Done, I have it").click();
    await button(page, "Send test").click();
    await page.getByText("Delivered: answered 204.").waitFor();
    const [message] = received;
    if (!message) throw new Error("nothing came");
    const documented = readFileSync(new URL("../../docs/alerts.md", import.meta.url), "utf8");
    expect(documented).toContain(node.trim());
    expect(documented).toContain(python.trim());

    const folder = mkdtempSync(join(tmpdir(), "verify-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, "verify.mjs");
    writeFileSync(file, node);
    type Verify = (headers: object, body: Buffer, secret: string) => boolean;
    const { isFromCauseway } = (await import(pathToFileURL(file).href)) as { isFromCauseway: Verify };
    writeFileSync(join(folder, "verify.py"), python);
    const asks = `import json, sys\nfrom verify import is_from_causeway\ngiven = json.load(sys.stdin)
print(is_from_causeway(given["headers"], given["body"].encode(), given["secret"]))`;
    const inPython = (headers: object, body: string, key: string): boolean => {
      const input = JSON.stringify({ headers, body, secret: key });
      const options = {
        cwd: folder,
        input,
        encoding: "utf8",
        env: { ...process.env, PYTHONDONTWRITEBYTECODE: "1" },
      } as const;
      return execFileSync("python3", ["-c", asks], options).trim() === "True";
    };
    for (const verify of [
      (headers: object, body: string, key: string) => isFromCauseway(headers, Buffer.from(body), key),
      inPython,
    ]) {
      expect(verify(message.headers, message.body, secret)).toBe(true);
      expect(verify(message.headers, `${message.body} `, secret)).toBe(false);
      expect(verify(message.headers, message.body, `whsec_${btoa("x".repeat(24))}`)).toBe(false);
      expect(verify({ ...message.headers, "webhook-timestamp": "1700000000" }, message.body, secret)).toBe(false);
    }
  });
});
