// What holds before anybody asks who is calling: Host, Origin, CORS, security headers.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Gateway, startGateway } from "../harness.ts";
import { bearer, PING } from "./forge.ts";

const SITE = "https://app.example";
let gateway: Gateway;
let token: string;
beforeAll(async () => {
  gateway = await startGateway({ ALLOWED_HOSTS: "gateway.test, gateway.test:8443", ALLOWED_ORIGINS: `["${SITE}"]` });
  token = await gateway.token();
});
afterAll(() => gateway.dispose());

/** Asks the gateway under a name of our choice; the connection's own host would be 127.0.0.1. */
async function ask(
  url: string,
  { method = "GET", headers = {}, body }: { method?: string; headers?: Record<string, string>; body?: object } = {},
) {
  const response = await gateway.host.mf.dispatchFetch(url, {
    method,
    headers: { ...bearer(token), ...headers },
    redirect: "manual",
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  return { status: response.status, headers: response.headers as unknown as Headers, text: await response.text() };
}
const PATHS = ["/health", "/tools", "/v1/tools", "/mcp", "/rpc", "/servers/x/mcp", "/ui/", "/nothing"];

describe("the Host", () => {
  test("must be one that is allowed, port and all, at every door", async () => {
    for (const path of PATHS) {
      for (const host of [
        "http://127.0.0.1:8787",
        "http://evil.example",
        "http://gateway.test:1234",
        "http://gateway.test.evil.example",
        "http://sub.gateway.test",
      ]) {
        const { status, text } = await ask(host + path);
        expect([status, text], host + path).toEqual([403, expect.stringContaining("ALLOWED_HOSTS")]);
      }
    }
    for (const host of ["http://gateway.test", "http://gateway.test:8443", "http://GATEWAY.test"])
      expect((await ask(`${host}/tools`)).status, host).toBe(200);
  });
});

describe("the Origin", () => {
  const foreign = [
    "https://evil.example",
    "null",
    "http://app.example",
    "https://app.example.evil.example",
    "https://app.example:444",
  ];

  test.each(foreign)("%j may not call, at any door, with any method", async (origin) => {
    for (const path of PATHS) {
      for (const method of ["GET", "POST", "OPTIONS"]) {
        const { status, headers } = await ask(`http://gateway.test${path}`, {
          method,
          headers: { origin },
          ...(method === "POST" ? { body: PING } : {}),
        });
        expect([status, headers.get("access-control-allow-origin")], `${method} ${path}`).toEqual([403, null]);
      }
    }
  });

  test("may be the gateway's own or an allowed one, which alone may read the answers", async () => {
    for (const [origin, allowed] of [
      ["http://gateway.test", null],
      [SITE, SITE],
    ] as const) {
      const { status, headers } = await ask("http://gateway.test/tools", { headers: { origin } });
      expect([status, headers.get("access-control-allow-origin")]).toEqual([200, allowed]);
      expect(headers.get("access-control-allow-credentials")).toBeNull();
    }
    const { headers } = await ask("http://gateway.test/rpc", { method: "POST", headers: { origin: SITE }, body: PING });
    expect(headers.get("access-control-allow-origin")).toBe(SITE);
    expect(headers.get("vary")).toContain("Origin");
    const exposed = (headers.get("access-control-expose-headers") ?? "").split(", ");
    const limits = ["X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "Retry-After"];
    expect(exposed).toEqual(expect.arrayContaining(["Mcp-Session-Id", ...limits]));
  });

  test("that is allowed gets its preflight answered without a credential, everybody else's is refused", async () => {
    const preflight = {
      origin: SITE,
      "access-control-request-method": "POST",
      "access-control-request-headers": "authorization,mcp-protocol-version",
    };
    for (const path of ["/mcp", "/tools", "/servers/x/mcp"]) {
      const { status, headers } = await ask(`http://gateway.test${path}`, {
        method: "OPTIONS",
        headers: { ...preflight, authorization: "" },
      });
      expect(
        [status, headers.get("access-control-allow-origin"), headers.get("access-control-allow-headers")],
        path,
      ).toEqual([204, SITE, "authorization,mcp-protocol-version"]);
      expect(headers.get("access-control-allow-methods")).toContain("POST");
    }
  });
});

describe("headers that guard", () => {
  const REST = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "cache-control": "no-store",
  };

  test("are on every REST answer, refusals too", async () => {
    for (const [path, status] of [
      ["/tools", 200],
      ["/tools/none", 404],
      ["/nothing", 404],
      ["/health", 200],
    ] as const) {
      const answer = await ask(`http://gateway.test${path}`);
      expect(answer.status).toBe(status);
      for (const [name, value] of Object.entries(REST))
        expect(answer.headers.get(name), `${name} of ${path}`).toBe(value);
      expect(answer.headers.get("content-security-policy")).toBe("default-src 'none'; frame-ancestors 'none'");
    }
    const { headers } = await ask("http://gateway.test/tools", { headers: { authorization: "Bearer x" } });
    expect([headers.get("cache-control"), headers.get("x-frame-options")]).toEqual(["no-store", "DENY"]);
  });

  test("let the dashboard run nothing but its own files", async () => {
    const { status, headers, text } = await ask("http://gateway.test/ui/");
    expect([status, headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
    const policy = headers.get("content-security-policy") ?? "";
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
    expect(text).not.toMatch(/<script(?![^>]*\bsrc=)|\son\w+=|<style/i);
  });

  test("are on MCP answers where they mean something, and none of them is stored", async () => {
    const { headers } = await ask("http://gateway.test/rpc", { method: "POST", body: PING });
    expect([headers.get("x-content-type-options"), headers.get("cache-control")]).toEqual(["nosniff", "no-store"]);
  });

  test("ask browsers for https on https alone", async () => {
    expect((await ask("https://gateway.test/health")).headers.get("strict-transport-security")).toBe(
      "max-age=31536000",
    );
    expect((await ask("http://gateway.test/health")).headers.get("strict-transport-security")).toBeNull();
  });

  test("name every answer: by our id, or by the caller's own when it is a decent one", async () => {
    const { headers, text } = await ask("http://gateway.test/tools/none");
    expect(headers.get("x-correlation-id")).toMatch(/^[0-9a-f]{32}$/);
    expect(JSON.parse(text).request_id).toBe(headers.get("x-correlation-id"));
    const named = await ask("http://gateway.test/tools/none", { headers: { "x-correlation-id": "my-own-id.1" } });
    expect(JSON.parse(named.text).request_id).toBe("my-own-id.1");
    const odd = await ask("http://gateway.test/tools/none", { headers: { "x-correlation-id": "<script>" } });
    expect(odd.headers.get("x-correlation-id")).toMatch(/^[0-9a-f]{32}$/);
  });

  test("never name a server", async () => {
    for (const path of PATHS) {
      const { headers } = await ask(`http://gateway.test${path}`);
      expect([headers.get("server"), headers.get("x-powered-by")], path).toEqual([null, null]);
    }
  });
});
