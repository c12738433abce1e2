// What a browser may do with the cookie it holds, and what other sites can make it do: nothing. Requests here are as
// browsers send them: Origin, Fetch metadata and cookie are theirs to write, not the page's.
import { type IncomingMessage, request as send } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Gateway, startGateway } from "../harness.ts";
import { bearer } from "./forge.ts";

const OURS = "our own origin";
const FRIEND = "https://friend.example";
const EVIL = "https://evil.example";
let gateway: Gateway;
let ours: string;
let cookie: string;
let token: string;
beforeAll(async () => {
  gateway = await startGateway({ ALLOWED_ORIGINS: FRIEND });
  ours = gateway.url;
  token = await gateway.token();
  const { headers } = await ask("POST", "/auth/session", { origin: OURS }, { token });
  cookie = (headers.get("set-cookie") ?? "").split(";")[0] ?? "";
  expect(cookie).toMatch(/^__Host-/);
});
afterAll(() => gateway.dispose());

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** Sends exactly these headers: fetch would write Fetch metadata of its own. */
function ask(method: string, path: string, headers: Record<string, string>, body?: object): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const text = body && JSON.stringify(body);
  const connection = "upgrade" in headers ? { connection: "upgrade" } : {};
  const sent = send(`${ours}${path}`, {
    method,
    headers: {
      "content-type": "application/json",
      ...connection,
      ...(text === undefined ? {} : { "content-length": String(Buffer.byteLength(text)) }),
      ...headers,
      ...(headers.origin === OURS ? { origin: ours } : {}),
    },
    agent: false,
  });
  const answerOf = (answer: IncomingMessage, read: string): Answer => ({
    status: answer.statusCode ?? 0,
    headers: new Headers(Object.entries(answer.headers).map(([name, value]) => [name, String(value)])),
    text: read,
  });
  sent.on("error", reject);
  sent.on("upgrade", (answer, socket) => {
    socket.destroy();
    resolve(answerOf(answer, ""));
  });
  sent.on("response", (answer) => {
    answer.toArray().then((parts) => resolve(answerOf(answer, Buffer.concat(parts).toString())), reject);
  });
  sent.end(text);
  return promise;
}
/** What a browser says of a request: where it comes from, how it was made, and its Origin where it sends one. */
const said = (site: string, mode: string, origin?: string) => ({
  "sec-fetch-site": site,
  "sec-fetch-mode": mode,
  ...(origin ? { origin } : {}),
});
const prompt = (name: string) => ({ name, template: "x" });
const names = async () =>
  (JSON.parse((await ask("GET", "/prompts", bearer(token))).text) as { name: string }[]).map(({ name }) => name);

describe("a change with the cookie", () => {
  test("is made from our own pages", async () => {
    expect(
      (await ask("POST", "/prompts", { ...said("same-origin", "cors", OURS), cookie }, prompt("own"))).status,
    ).toBe(201);
    expect((await ask("POST", "/prompts", { cookie, origin: OURS }, prompt("old-browser"))).status).toBe(201);
  });

  test.each([
    ["another site", said("cross-site", "cors", EVIL)],
    ["a form of another site", said("cross-site", "navigate", EVIL)],
    ["a sandboxed frame", said("cross-site", "cors", "null")],
    ["a sibling of our host", said("same-site", "cors", "https://sibling.test")],
    ["a site that may call with a token", said("cross-site", "cors", FRIEND)],
    ["a page whose Origin is ours and whose browser says otherwise", said("cross-site", "cors", OURS)],
    ["nowhere", said("none", "navigate", OURS)],
    ["something that names no Origin", said("same-origin", "cors")],
  ])("is refused from %s", async (_, headers) => {
    const before = await names();
    for (const [method, path] of [
      ["POST", "/prompts"],
      ["PUT", "/prompts/x"],
      ["DELETE", "/prompts/x"],
      ["POST", "/mcp"],
      ["POST", "/rpc"],
      ["POST", "/servers/x/mcp"],
      ["DELETE", "/mcp"],
    ] as const) {
      const { status, headers: answered } = await ask(method, path, { ...headers, cookie }, prompt("foreign"));
      expect([status, answered.get("access-control-allow-credentials")], `${method} ${path}`).toEqual([403, null]);
    }
    expect(await names()).toEqual(before);
  });
});

describe("reading with the cookie", () => {
  test.each([
    ["our own page", said("same-origin", "cors")],
    ["a script that names our Origin", said("same-origin", "cors", OURS)],
    ["the address bar", said("none", "navigate")],
    ["a link on another site", said("cross-site", "navigate")],
    ["an old browser, which says nothing", {}],
  ])("works from %s", async (_, headers) => {
    expect((await ask("GET", "/prompts", { ...headers, cookie })).status).toBe(200);
  });

  test.each([
    ["an image or script of another site", said("cross-site", "no-cors")],
    ["a script of another site", said("cross-site", "cors", EVIL)],
    ["an image of a sibling of our host", said("same-site", "no-cors")],
    ["a site that may call with a token", said("cross-site", "cors", FRIEND)],
    ["the same in an old browser", { origin: FRIEND }],
  ])("is refused to %s", async (_, headers) => {
    for (const path of ["/prompts", "/auth/session", "/mcp", "/sse"]) {
      const { status, headers: answered } = await ask("GET", path, { ...headers, cookie });
      expect([status, answered.get("access-control-allow-credentials")], path).toEqual([403, null]);
    }
  });

  test("is no matter of a token, which no browser sends by itself", async () => {
    const { status } = await ask("GET", "/prompts", {
      ...bearer(token),
      origin: FRIEND,
      "sec-fetch-site": "cross-site",
      "sec-fetch-mode": "cors",
    });
    expect(status).toBe(200);
  });
});

describe("a WebSocket with the cookie", () => {
  const upgrade = {
    upgrade: "websocket",
    "sec-websocket-protocol": "mcp",
    "sec-websocket-version": "13",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
  };

  test("opens for our own pages", async () => {
    expect((await ask("GET", "/ws", { ...upgrade, ...said("same-origin", "websocket", OURS), cookie })).status).toBe(
      101,
    );
  });

  test.each([
    ["another site", said("cross-site", "websocket", EVIL)],
    ["a site that may call with a token", said("cross-site", "websocket", FRIEND)],
    ["a sibling of our host", said("same-site", "websocket", OURS)],
    ["something that names no Origin", {}],
  ])("is refused to %s", async (_, headers) => {
    expect((await ask("GET", "/ws", { ...upgrade, ...headers, cookie })).status).toBe(403);
  });

  test("opens with a token for a site that may call, and for no other", async () => {
    const presented = { ...upgrade, ...bearer(token), "sec-fetch-site": "cross-site" };
    expect((await ask("GET", "/ws", { ...presented, origin: FRIEND })).status).toBe(101);
    expect((await ask("GET", "/ws", { ...presented, origin: EVIL })).status).toBe(403);
  });
});

describe("CORS", () => {
  test("names nobody and nothing unless ALLOWED_ORIGINS does, and never allows credentials", async () => {
    const closed = await startGateway();
    for (const origin of [EVIL, FRIEND, "null", "http://localhost:3000"]) {
      const answer = await fetch(`${closed.url}/tools`, { method: "OPTIONS", headers: { origin } });
      expect([answer.status, answer.headers.get("access-control-allow-origin")], origin).toEqual([403, null]);
    }
    await closed.dispose();
    const preflight = { origin: FRIEND, "access-control-request-method": "POST" };
    const { headers } = await ask("OPTIONS", "/tools", preflight);
    expect(headers.get("access-control-allow-origin")).toBe(FRIEND);
    expect(headers.get("access-control-allow-credentials")).toBeNull();
    expect(headers.get("vary")).toContain("Origin");
  });

  test("is off when CORS_ENABLED is false", async () => {
    const off = await startGateway({ CORS_ENABLED: "false", ALLOWED_ORIGINS: FRIEND });
    const { headers } = await fetch(`${off.url}/tools`, {
      headers: { ...bearer(await off.token()), origin: FRIEND },
    });
    expect(headers.get("access-control-allow-origin")).toBeNull();
    await off.dispose();
  });

  test.each(["*", '["*"]', "null", "https://*.example", "https://app.example/", "app.example"])(
    "takes no origin behind which any site can be, or that is none: %s",
    async (value) => {
      const other = await startGateway({ ALLOWED_ORIGINS: value });
      const { status, body } = await other.api("GET", "/tools");
      expect([status, body]).toEqual([
        503,
        expect.objectContaining({ code: "misconfigured", detail: expect.stringContaining("ALLOWED_ORIGINS") }),
      ]);
      await other.dispose();
    },
  );
});

describe("answers that a browser may show", () => {
  test("can't be framed, opened into or loaded by another site", async () => {
    for (const path of ["/ui/", "/tools", "/nothing", "/docs"]) {
      const { headers } = await ask("GET", path, bearer(token));
      expect(headers.get("content-security-policy"), path).toContain("frame-ancestors 'none'");
      expect(headers.get("content-security-policy"), path).not.toMatch(/unsafe-|\*/);
      expect(headers.get("x-frame-options"), path).toBe("DENY");
      expect(headers.get("cross-origin-opener-policy"), path).toBe("same-origin");
      expect(headers.get("cross-origin-resource-policy"), path).toBe("same-origin");
    }
  });

  test("lead on only to paths of this host", async () => {
    for (const [path, accept] of [
      ["/", "*/*"],
      ["/admin", "text/html"],
      ["/admin?next=https://evil.example", "text/html"],
      ["//evil.example/ui", "text/html"],
    ] as const) {
      const { status, headers } = await ask("GET", path, {
        accept,
        "x-forwarded-host": "evil.example",
        "x-forwarded-proto": "https",
      });
      const to = headers.get("location");
      expect(to === null ? status >= 400 : to.startsWith("/") && !to.startsWith("//"), `${path}: ${status} ${to}`).toBe(
        true,
      );
    }
  });
});
