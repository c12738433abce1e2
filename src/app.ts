// The floor plan: what every request passes, in order, and every door behind it.
import { Hono } from "hono";
import { type AppEnv, restFailure } from "./api/route.ts";
import { mountApi, patternOf } from "./api/routes.ts";
import { authenticate, fromToken } from "./auth/authenticate.ts";
import { commonHeaders, finish, preflight, requireOurDoor } from "./auth/doors.ts";
import { requireClaimed } from "./auth/first-run.ts";
import { confirm } from "./catalog/stamp.ts";
import { isServed } from "./catalog/views.ts";
import { Context } from "./context.ts";
import { dashboard } from "./dashboard.ts";
import { handleMcp, type Transport } from "./downstream/endpoint.ts";
import { failureResponse } from "./downstream/json-rpc.ts";
import { handleRpc } from "./downstream/rpc.ts";
import { type Bindings, ConfigError } from "./env.ts";
import { asGatewayError, GatewayError } from "./errors.ts";
import { recordRefusal } from "./gateway/recording.ts";
import { ANONYMOUS, type Caller, sightOf } from "./identity/caller.ts";
import { countAddress, countUser } from "./policy/rate-limits.ts";
import { countRefusal, isHeld, permitUse } from "./policy/restrictions.ts";

/** Doors that speak JSON-RPC, so that their refusals do too. */
const MCP_DOOR = /^(?:\/v1)?(?:\/servers\/([^/]+))?\/(mcp|sse|message|ws)$|^(?:\/v1)?\/rpc$/;

/** Doors that answer before the database is ready. */
const ALWAYS_OPEN = new Set(["/health", "/ready", "/v1/health", "/v1/ready"]);

const WAYS_IN =
  /^(?:\/v1)?\/auth\/(?:log(?:in|out)|session|claim|email\/(?:login|register|forgot-password|reset-password\/[^/]+))$/;

/** Ways in and out ask for no credential, so one that went bad is in nobody's way. */
const isWayIn = (path: string, method: string): boolean =>
  WAYS_IN.test(path) && !(method === "GET" && path.endsWith("/session"));

/** Everything that is no page and speaks no MCP. */
export const rest = new Hono<AppEnv>({ strict: false });
mountApi(rest);
rest.get("/", (c) => c.redirect("/ui/"));
rest.notFound((c) => restFailure(c.env.context, new GatewayError("not_found", `There is nothing at ${c.req.path}`)));
rest.onError((error, c) => restFailure(c.env.context, error));

/** Serves a request: never throws. */
export async function serve(request: Request, env: Bindings, execution: ExecutionContext): Promise<Response> {
  let context: Context | undefined;
  const began = Date.now();
  const path = pathOf(request.url);
  const door = MCP_DOOR.exec(path);
  const mcp = door !== null;
  try {
    context = new Context(env, execution, request);
    requireOurDoor(context, request);
    context.headers = commonHeaders(context, request);
    const response = preflight(context, request) ?? (await behindTheDoor(context, request, path, door));
    return mcp ? response : finish(context, request, response);
  } catch (thrown) {
    const failure =
      thrown instanceof ConfigError ? new GatewayError("misconfigured", thrown.message, { cause: thrown }) : thrown;
    if (!context) return restFailure(undefined, failure);
    if (!mcp) return finish(context, request, restFailure(context, failure));
    recordRefusal(context, began, asGatewayError(failure), serverAt(door?.[1]));
    return failureResponse(context, failure, null);
  }
}

/** The virtual server of a path, where one is known by that id: what strangers make up must not fill the records. */
const serverAt = (id: string | undefined): string => (id !== undefined && isServed(id) ? id : "");

async function behindTheDoor(
  context: Context,
  request: Request,
  path: string,
  door: RegExpExecArray | null,
): Promise<Response> {
  const page = door ? undefined : await dashboard(context, request, path);
  if (page) return page;
  if (!ALWAYS_OPEN.has(path)) {
    countAddress(context);
    const pending = confirm(context.store);
    if (pending) await pending;
    const claimed = requireClaimed(context, path);
    if (claimed) await claimed;
  }
  if (!door && isWayIn(path, request.method)) context.caller = await whoever(context, request);
  else if (!ALWAYS_OPEN.has(path)) {
    const caller = authenticate(context, request, door ? "mcp" : "rest");
    context.caller = caller instanceof Promise ? await caller : caller;
    countUser(context);
  }
  if (!isHeld(context.caller)) return await answer(context, request, door);
  const endpoint = door ? path.replace(/^\/v1/, "").replace(/^\/servers\/[^/]+/, "/servers/:id") : patternOf(path);
  await permitUse(context, endpoint);
  const response = await answer(context, request, door);
  if (response.status === 403) countRefusal(context, endpoint);
  return response;
}

async function answer(context: Context, request: Request, door: RegExpExecArray | null): Promise<Response> {
  if (!door) {
    context.identify = async (token) => await fromToken(context, token);
    return await rest.fetch(request, { context });
  }
  const [, serverId, transport] = door;
  if (transport === undefined) return await handleRpc(context, request);
  const scope = serverId === undefined ? { sight: sightOf(context.caller) } : { serverId };
  return await handleMcp(context, request, transport as Transport, scope);
}

/** The caller, if what is presented is any good: whoever logs in or out may do so with what is not. */
async function whoever(context: Context, request: Request): Promise<Caller> {
  try {
    return await authenticate(context, request, "rest");
  } catch (error) {
    if (error instanceof GatewayError && error.status < 500) return ANONYMOUS;
    throw error;
  }
}

/** The path of a request's URL, without a trailing slash. Cut out, since parsing a URL costs more than the rest of this page. */
function pathOf(url: string): string {
  const begin = url.indexOf("/", url.indexOf("//") + 2);
  const query = url.indexOf("?", begin);
  const path = query < 0 ? url.slice(begin) : url.slice(begin, query);
  return path.length > 1 && path.endsWith("/") && !path.startsWith("/ui/") ? path.slice(0, -1) : path;
}
