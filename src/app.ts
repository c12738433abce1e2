// The floor plan: what every request passes, in order, and every door behind it.
import { Hono } from "hono";
import { mountApi } from "./api/routes.ts";
import { type AppEnv, restFailure } from "./api/route.ts";
import { authenticate } from "./auth/authenticate.ts";
import { finish, preflight, requireOurDoor } from "./auth/doors.ts";
import { loginRoutes } from "./auth/login.ts";
import { confirm } from "./catalog/stamp.ts";
import { Context } from "./context.ts";
import { dashboard } from "./dashboard.ts";
import { handleMcp } from "./downstream/endpoint.ts";
import { failureResponse } from "./downstream/json-rpc.ts";
import { handleRpc } from "./downstream/rpc.ts";
import { type Bindings, ConfigError } from "./env.ts";
import { GatewayError } from "./errors.ts";
import { sightOf } from "./identity/caller.ts";

/** Doors that speak JSON-RPC, so that their refusals do too. */
const MCP_DOOR = /^\/(?:mcp|rpc|servers\/[^/]+\/mcp)$/;

/** Doors that answer before the database is ready. */
const ALWAYS_OPEN = new Set(["/health", "/ready", "/v1/health", "/v1/ready"]);

const rest = new Hono<AppEnv>();
loginRoutes(rest);
mountApi(rest);
rest.get("/", (c) => c.redirect("/ui/"));
rest.notFound((c) => restFailure(c.env.context, new GatewayError("not_found", `There is nothing at ${c.req.path}`)));
rest.onError((error, c) => restFailure(c.env.context, error));

/** Serves a request: never throws. */
export async function serve(request: Request, env: Bindings, execution: ExecutionContext): Promise<Response> {
  let context: Context | undefined;
  const path = pathOf(request.url);
  const mcp = MCP_DOOR.test(path);
  try {
    context = new Context(env, execution, request);
    requireOurDoor(context, request);
    const response = preflight(context, request) ?? (await behindTheDoor(context, request, path, mcp));
    return finish(context, request, response);
  } catch (thrown) {
    const failure = thrown instanceof ConfigError ? new GatewayError("misconfigured", thrown.message, { cause: thrown }) : thrown;
    if (!context) return restFailure(undefined, failure);
    return finish(context, request, mcp ? failureResponse(context, failure, null) : restFailure(context, failure));
  }
}

async function behindTheDoor(context: Context, request: Request, path: string, mcp: boolean): Promise<Response> {
  const page = await dashboard(context, request, path);
  if (page) return page;
  if (!ALWAYS_OPEN.has(path)) {
    const pending = confirm(context.store);
    if (pending) await pending;
  }
  const caller = authenticate(context, request, mcp ? "mcp" : "rest");
  context.caller = caller instanceof Promise ? await caller : caller;
  if (!mcp) return await rest.fetch(request, { context });
  if (path === "/mcp") return await handleMcp(context, request, { sight: sightOf(context.caller) });
  if (path === "/rpc") return await handleRpc(context, request);
  return await handleMcp(context, request, { serverId: decodeURIComponent(path.slice("/servers/".length, -"/mcp".length)) });
}

const pathOf = (url: string): string => {
  const path = new URL(url).pathname;
  return path.length > 1 && path.endsWith("/") && !path.startsWith("/ui/") ? path.slice(0, -1) : path;
};
