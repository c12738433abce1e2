// Variables that decide who may enter, and what happens when users can't be read.
import { describe, expect, test } from "vitest";
import { ADMIN, type Gateway, startGateway } from "../harness.ts";
import { bearer, forge, PING } from "./forge.ts";

describe("when users can't be read", () => {
  test("nobody new is let in: 503, and nothing of the database is told", async () => {
    const other = await startGateway();
    const [known, fresh] = [await other.token(), await other.token()];
    expect((await other.api("GET", "/tools", undefined, bearer(known))).status).toBe(200);
    await other.sql("DROP TABLE users");
    await other.sql("UPDATE stamps SET version = version + 1 WHERE name = 'access'");
    const { status, body } = await other.api(
      "GET",
      "/tools",
      undefined,
      bearer(await other.token({ subject: "x@example.com" })),
    );
    expect([status, body.code]).toEqual([503, "unavailable"]);
    expect(JSON.stringify(body)).not.toMatch(/D1|SQL|table/i);
    expect((await other.api("GET", "/tools", undefined, bearer(fresh))).status).not.toBe(500);
    await other.dispose();
  });
});

describe("configuration", () => {
  const started = async (vars: Record<string, string>, use: (other: Gateway) => Promise<void>) => {
    const other = await startGateway(vars);
    await use(other).finally(other.dispose);
  };
  const basic = (pair: string) => ({ authorization: `Basic ${Buffer.from(pair).toString("base64")}` });

  test("basic authentication is for REST only, and only when user and password are set", async () => {
    const secret = "a-long-password-ü";
    await started({ BASIC_AUTH_USER: "admin" }, async ({ api }) => {
      for (const pair of ["admin:changeme", "admin:", "admin"])
        expect((await api("GET", "/tools", undefined, basic(pair))).status, pair).toBe(401);
    });
    await started({ BASIC_AUTH_USER: "root", BASIC_AUTH_PASSWORD: secret }, async ({ api }) => {
      const status = async (pair: string, path = "/version") => (await api("GET", path, undefined, basic(pair))).status;
      expect(await status(`root:${secret}`)).toBe(200);
      for (const pair of [`root:${secret}x`, `toor:${secret}`, "root:", ":", "", `root${secret}`])
        expect(await status(pair), pair).toBe(401);
      expect((await api("GET", "/tools", undefined, { authorization: "Basic ???" })).status).toBe(401);
      for (const path of ["/mcp", "/rpc"]) {
        const headers = { ...bearer(""), ...basic(`root:${secret}`) };
        expect((await api("POST", path, PING, headers)).status, path).toBe(401);
      }
    });
  });

  test("AUTH_REQUIRED=false lets everybody in locally, and stops a deployment naming the variable", async () => {
    await started({ AUTH_REQUIRED: "false" }, async ({ api }) => {
      expect((await api("GET", "/version", undefined, {})).status).toBe(200);
    });
    await started({ AUTH_REQUIRED: "false", ENVIRONMENT: "production" }, async ({ api, token }) => {
      for (const headers of [{}, bearer(await token())]) {
        const { status, body } = await api("GET", "/version", undefined, headers);
        expect([status, body]).toEqual([
          503,
          expect.objectContaining({ code: "misconfigured", detail: expect.stringContaining("AUTH_REQUIRED") }),
        ]);
      }
    });
  });

  test.each([
    ["JWT_SECRET_KEY", "short"],
    ["AUTH_ENCRYPTION_SECRET", "short"],
    ["BASIC_AUTH_PASSWORD", "changeme"],
    ["SECURITY_HEADERS_ENABLED", "false"],
    ["JWT_ALGORITHM", "none"],
  ])("%s=%s stops a deployment naming the variable, and never shows a secret", async (name, value) => {
    await started({ ENVIRONMENT: "production", [name]: value }, async ({ api }) => {
      const { status, body } = await api("GET", "/tools", undefined, {});
      expect([status, body]).toEqual([
        503,
        expect.objectContaining({ code: "misconfigured", detail: expect.stringContaining(name) }),
      ]);
    });
  });

  test("another algorithm, issuer, audience and administrator may be set", async () => {
    const vars = {
      JWT_ALGORITHM: "HS512",
      JWT_ISSUER: "me",
      JWT_AUDIENCE: "us",
      PLATFORM_ADMIN_EMAIL: "Root@Example.com",
    };
    await started(vars, async (other) => {
      const status = async (claims: object, alg: string) =>
        (await other.api("GET", "/version", undefined, bearer(await forge(other, { ...claims }, { alg })))).status;
      expect(await status({ sub: "root@example.com", iss: "me", aud: "us" }, "HS512")).toBe(200);
      expect(await status({ sub: "admin" }, "HS512")).toBe(200);
      expect(await status({ sub: "admin" }, "HS256")).toBe(401);
      expect(await status({ sub: "admin", iss: "mcpgateway" }, "HS512")).toBe(401);
      expect(await status({ sub: ADMIN }, "HS512")).toBe(401);
    });
  });
});
