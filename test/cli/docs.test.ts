// What `npm run docs` writes is up to date, and docs/configuration.md says of every variable what it does.
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { ACCESS, access, FILE, PROTOCOLS, page, protocols } from "../../src/cli/docs.ts";
import { ROOT } from "../../src/cli/local-vars.ts";
import { withoutEffect } from "../../src/env.ts";
import { BUILT_IN } from "../../src/identity/permissions.ts";
import { LOSSES } from "../../src/schemas/losses.ts";
import { VARIABLES } from "../../src/variables.ts";

describe("docs/configuration.md", () => {
  test("is up to date (run npm run docs)", () => {
    expect(readFileSync(FILE, "utf8")).toBe(page());
  });

  test("has one row for every variable", () => {
    const rows = [...page().matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name);
    expect(rows.sort()).toEqual(VARIABLES.map(({ name }) => name).sort());
    expect(new Set(rows).size).toBe(rows.length);
  });
});

describe("docs/protocols.md", () => {
  const text = readFileSync(PROTOCOLS, "utf8");

  test("lists what is lost as the gateway tells it (run npm run docs)", () => {
    expect(text).toBe(protocols(text));
    for (const { what } of LOSSES) expect(text).toContain(what);
  });

  test("has its table written anew", () => {
    const [, what = ""] = /\| ([^|]+) \|\n\n<!-- end -->/.exec(text) ?? [];
    expect(what.length).toBeGreaterThan(10);
    expect(protocols(text.replace(what, "something else"))).toBe(text);
  });
});

describe("docs/access.md", () => {
  const text = readFileSync(ACCESS, "utf8");

  test("lists the built-in roles with all they grant (run npm run docs)", () => {
    expect(text).toBe(access(text));
    for (const { name, permissions } of BUILT_IN)
      expect(text).toMatch(
        new RegExp(`^\\| \`${name}\` .*\`${permissions.at(-1)?.replaceAll("*", "\\*")}\` \\|$`, "m"),
      );
  });

  test("has its table written anew", () => {
    const granted = "`tokens.revoke` |";
    expect(text).toContain(granted);
    expect(access(text.replace(granted, "|"))).toBe(text);
  });
});

describe("the table of variables", () => {
  const source = readFileSync(`${ROOT}src/env.ts`, "utf8");
  const configuration = source.slice(source.indexOf("export function readConfig"));

  test("calls used exactly what the configuration reads", () => {
    const used = VARIABLES.filter(({ effect }) => effect === "used").map(({ name }) => name);
    const read = new Set([...configuration.matchAll(/"([A-Z][A-Z0-9_]+)"/g)].map(([, name]) => name));
    expect(used.filter((name) => !read.has(name))).toEqual([]);
    expect(VARIABLES.filter(({ name, effect }) => effect !== "used" && read.has(name)).map(({ name }) => name)).toEqual(
      [],
    );
  });

  test("has every name of ContextForge's quick start, so that none is unknown", () => {
    const names = [
      "APP_NAME",
      "HOST",
      "PORT",
      "ENVIRONMENT",
      "JWT_SECRET_KEY",
      "JWT_ALGORITHM",
      "TOKEN_EXPIRY",
      "AUTH_ENCRYPTION_SECRET",
      "AUTH_REQUIRED",
      "BASIC_AUTH_USER",
      "BASIC_AUTH_PASSWORD",
      "PLATFORM_ADMIN_EMAIL",
      "PLATFORM_ADMIN_PASSWORD",
      "MCPGATEWAY_UI_ENABLED",
      "MCPGATEWAY_ADMIN_API_ENABLED",
      "MCPGATEWAY_BULK_IMPORT_ENABLED",
      "MCPGATEWAY_A2A_ENABLED",
      "MCPGATEWAY_A2A_MAX_AGENTS",
      "MCPGATEWAY_A2A_DEFAULT_TIMEOUT",
      "MCPGATEWAY_A2A_MAX_RETRIES",
      "FEDERATION_ENABLED",
      "FEDERATION_DISCOVERY",
      "FEDERATION_PEERS",
      "FEDERATION_TIMEOUT",
      "FEDERATION_SYNC_INTERVAL",
      "OTEL_ENABLE_OBSERVABILITY",
      "OTEL_TRACES_EXPORTER",
      "OTEL_EXPORTER_OTLP_ENDPOINT",
      "OTEL_EXPORTER_OTLP_HEADERS",
      "OTEL_SERVICE_NAME",
      "OTEL_DEPLOYMENT_ENVIRONMENT",
      "CORS_ENABLED",
      "ALLOWED_ORIGINS",
      "SECURITY_HEADERS_ENABLED",
      "HSTS_ENABLED",
      "HSTS_MAX_AGE",
      "X_FRAME_OPTIONS",
      "SECURE_COOKIES",
      "COOKIE_SAMESITE",
      "REMOVE_SERVER_HEADERS",
      "SKIP_SSL_VERIFY",
      "DATABASE_URL",
      "CACHE_TYPE",
      "REDIS_URL",
      "CACHE_PREFIX",
      "MCP_AUTH",
      "MCP_SERVER_URL",
      "MCP_TOOL_CALL_TIMEOUT",
      "MCPGATEWAY_BEARER_TOKEN",
    ];
    expect(names.filter((name) => !VARIABLES.some((variable) => variable.name === name))).toEqual([]);
  });

  test("tells of every variable without effect why, and keeps silent about those that work", () => {
    const set = Object.fromEntries(VARIABLES.map(({ name }) => [name, "x"]));
    const told = withoutEffect({ ...set, MCPGATEWAY_NEW: "1", UNRELATED: "1", EMPTY: "" });
    const silent = VARIABLES.filter(({ effect }) => ["used", "local start", "command line"].includes(effect)).map(
      ({ name }) => name,
    );
    expect(told.map(({ name }) => name)).toContain("MCPGATEWAY_NEW");
    expect(told.map(({ name }) => name)).not.toContain("UNRELATED");
    expect(told.filter(({ name }) => silent.includes(name))).toEqual([]);
    expect(told).toHaveLength(VARIABLES.length - silent.length + 1);
    for (const { reason } of told) expect(reason.length).toBeGreaterThan(10);
  });
});
