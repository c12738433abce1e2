// REST: health, readiness and version.
import * as z from "zod";
import { confirm } from "../catalog/stamp.ts";
import { uptime } from "../context.ts";
import { withoutEffect } from "../env.ts";
import { asGatewayError } from "../errors.ts";
import { SUPPORTED_VERSIONS } from "../gateway/handshake.ts";
import { VERSION } from "../lib/version.ts";
import { type Route, route } from "./route.ts";

const tag = "System";

const statusItem = z.object({ name: z.string(), status_code: z.number(), message: z.string() });
const setting = z.object({ name: z.string(), reason: z.string() });

export const systemRoutes: readonly Route[] = [
  route("GET", "/health", {
    summary: "Whether the Worker runs",
    tag,
    answer: z.object({ status: z.literal("healthy") }),
    run: async () => ({ status: "healthy" }),
  }),
  route("GET", "/ready", {
    summary: "Whether the Worker can serve: 200, or 503 with what is missing",
    tag,
    otherwise: 503,
    answer: z.object({
      status: z.enum(["ready", "unready"]),
      status_items: z.array(statusItem),
      settings_without_effect: z.array(setting),
    }),
    async run({ context }) {
      const item = await database(context.store);
      const ready = item.status_code === 200;
      const body = {
        status: ready ? "ready" : "unready",
        status_items: [item],
        settings_without_effect: withoutEffect(context.env),
      };
      return new Response(JSON.stringify(body), {
        status: item.status_code,
        headers: { "content-type": "application/json" },
      });
    },
  }),
  route("GET", "/version", {
    summary: "What runs here",
    tag,
    permission: "admin.read",
    answer: z.object({
      timestamp: z.string(),
      uptime_seconds: z.number().describe("Of the isolate that answers"),
      app: z.object({
        name: z.string(),
        version: z.string(),
        mcp_protocol_version: z.string(),
        mcp_protocol_versions: z.array(z.string()),
      }),
      platform: z.object({ runtime: z.string(), environment: z.string() }),
      database: z.object({ dialect: z.literal("sqlite"), binding: z.string(), reachable: z.boolean() }),
      settings: z.array(setting).describe("Variables that are set but change nothing here"),
    }),
    async run({ context }) {
      return {
        timestamp: new Date().toISOString(),
        uptime_seconds: uptime(),
        app: {
          name: context.config.appName,
          version: VERSION,
          mcp_protocol_version: SUPPORTED_VERSIONS[0],
          mcp_protocol_versions: SUPPORTED_VERSIONS,
        },
        platform: { runtime: navigator.userAgent, environment: context.config.environment },
        database: { dialect: "sqlite", binding: "DB", reachable: (await database(context.store)).status_code === 200 },
        settings: withoutEffect(context.env),
      };
    },
  }),
];

async function database(store: Parameters<typeof confirm>[0]): Promise<z.infer<typeof statusItem>> {
  try {
    await confirm(store);
    return { name: "database", status_code: 200, message: "reachable, schema up to date" };
  } catch (thrown) {
    const failure = asGatewayError(thrown);
    return { name: "database", status_code: failure.status, message: failure.message };
  }
}
