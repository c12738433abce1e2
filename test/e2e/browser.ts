// A real browser on a real gateway: one of each per file, a fresh visit per test. Whatever goes wrong on the way
// (errors on the console, refused files, requests to other hosts, unexpected failures) fails the test it happened in.
import { type BrowserContext, chromium, type Locator, type Page } from "playwright-core";
import { test as base, expect } from "vitest";
import { COOKIE } from "../../src/identity/sessions.ts";
import { type Gateway, startGateway } from "../harness.ts";
import { findChromium } from "./chromium.ts";

/** How long anything may take to appear, in ms. */
const PATIENCE = 30_000;
const ARGUMENTS = [
  "--no-sandbox",
  "--disable-dev-shm-usage",
  // not even a name of another host can be looked up
  "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
];

/** One person's visit: a page with its own cookies. */
export interface Visit {
  readonly page: Page;
  /** Goes to a path, signed in as the administrator. */
  open(path: string): Promise<void>;
  /** Puts a secret where the dashboard keeps its session. */
  carry(secret: string): Promise<void>;
  /** Announces answers that are meant to fail, as "401 GET /auth/session". Each must come, no other may. */
  expects(...failures: string[]): void;
  /** Announces answers that fail when they come before the page has stopped asking. */
  tolerates(...failures: string[]): void;
}

/** Tests with a `gateway` (settings as given), and a `visit` with its `page` on it. */
export const dashboardTest = (vars: Record<string, string> = {}) =>
  base
    .extend("vars", { scope: "file" }, vars)
    .extend("executablePath", { scope: "file" }, findChromium())
    .extend("gateway", { scope: "file" }, async ({ vars }, { onCleanup }) => {
      const gateway = await startGateway(vars);
      onCleanup(gateway.dispose);
      return gateway;
    })
    .extend("browser", { scope: "file" }, async ({ executablePath }, { onCleanup }) => {
      const browser = await chromium.launch({ executablePath, args: ARGUMENTS });
      onCleanup(() => browser.close());
      return browser;
    })
    .extend("visit", async ({ gateway, browser }, { onCleanup }) => {
      const context = await browser.newContext({ baseURL: gateway.url });
      context.setDefaultTimeout(PATIENCE);
      const page = await context.newPage();
      const seen = watch(page, new URL(gateway.url).origin);
      const expected = new Set<string>();
      const tolerated = new Set<string>();
      onCleanup(async () => {
        await context.close();
        expect.soft(seen.complaints, "what went wrong in the browser").toEqual([]);
        const failures = [...seen.failures].filter((failure) => !tolerated.has(failure));
        expect(failures.sort(), "requests that failed").toEqual([...expected].sort());
      });
      return visitOf(context, page, gateway, { expected, tolerated });
    })
    .extend("page", ({ visit }) => visit.page);

function visitOf(
  context: BrowserContext,
  page: Page,
  gateway: Gateway,
  { expected, tolerated }: Record<"expected" | "tolerated", Set<string>>,
): Visit {
  const carry = (secret: string): Promise<void> =>
    context.addCookies([
      // a browser takes a __Host- cookie from this machine over http, its remote control only over https
      { name: COOKIE, value: secret, url: gateway.url.replace("http:", "https:"), httpOnly: true, sameSite: "Strict" },
    ]);
  return {
    page,
    carry,
    open: async (path) => {
      const answer = await gateway.api("POST", "/auth/session", { token: await gateway.token() });
      await carry(/=([^;]+)/.exec(answer.headers.get("set-cookie") ?? "")?.[1] ?? "");
      await page.goto(path);
    },
    expects: (...failures) => {
      for (const failure of failures) expected.add(failure);
    },
    tolerates: (...failures) => {
      for (const failure of failures) tolerated.add(failure);
    },
  };
}

/** Writes down what goes wrong on a page; failed answers apart, as "404 GET /path". */
function watch(page: Page, origin: string): { complaints: string[]; failures: Set<string> } {
  const complaints: string[] = [];
  const failures = new Set<string>();
  page.on("console", (message) => {
    if (message.type() !== "error") return;
    // the browser's own word about an answer that is in `failures`
    if (!message.text().startsWith("Failed to load resource: the server responded")) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error.stack ?? error)));
  page.on("dialog", (dialog) => {
    complaints.push(`a ${dialog.type()} said ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (url.origin !== origin && !["data:", "blob:"].includes(url.protocol)) complaints.push(`asked ${request.url()}`);
  });
  page.on("response", (response) => {
    const method = response.request().method();
    if (response.status() >= 400) failures.add(`${response.status()} ${method} ${new URL(response.url()).pathname}`);
  });
  return { complaints, failures };
}

/** Asks again until the answer is as expected. */
export const eventually = <T>(ask: () => Promise<T> | T) => expect.poll(ask, { timeout: PATIENCE });

/** The text field whose name begins so; "required" may follow. */
export const field = (within: Page | Locator, name: string): Locator =>
  within.getByRole("textbox", { name: new RegExp(`^${name}`) });

/** A button of exactly this name. */
export const button = (within: Page | Locator, name: string): Locator =>
  within.getByRole("button", { name, exact: true });

/** The path and query in the address bar. */
export const addressOf = (page: Page): string => page.url().slice(new URL(page.url()).origin.length);

/** The configuration the Connect page shows in the figure whose caption holds `caption`. */
export const shownConfig = (page: Page, caption: string): Promise<string> =>
  page.getByRole("figure").filter({ hasText: caption }).getByRole("code").innerText();
