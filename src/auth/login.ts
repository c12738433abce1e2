// The dashboard's session: a valid token, kept in a cookie that scripts can't read and other sites can't use.
import type { Hono } from "hono";
import type { Context } from "../context.ts";
import { GatewayError } from "../errors.ts";
import type { Caller } from "../identity/caller.ts";
import { readText } from "../lib/body.ts";
import { isObject, JsonError, parseStrict } from "../lib/json.ts";
import { requireCaller } from "../policy/can.ts";
import { COOKIE, fromToken } from "./authenticate.ts";

const ATTRIBUTES = "Path=/; Secure; HttpOnly; SameSite=Strict";

/** No browser keeps a larger cookie. */
const MOST_BYTES = 4096;

function tokenIn(body: string): unknown {
  try {
    const given = parseStrict(body);
    return isObject(given) ? given.token : undefined;
  } catch (error) {
    if (error instanceof JsonError) return undefined;
    throw error;
  }
}

/** What the dashboard shows of who is logged in. */
const shown = (caller: Caller) => ({
  email: caller.id,
  isAdmin: caller.admin,
  serverId: caller.scope?.serverIds?.[0] ?? null,
  expiresAt: caller.expiresAt === undefined ? null : new Date(caller.expiresAt * 1000).toISOString(),
});

/** `/auth/session`: GET tells who is logged in, POST `{token}` logs in, DELETE logs out. */
export function loginRoutes(app: Hono<{ Bindings: { context: Context } }>): void {
  for (const path of ["/auth/session", "/v1/auth/session"]) {
    app.get(path, (c) => {
      requireCaller(c.env.context.caller);
      return c.json(shown(c.env.context.caller));
    });
    app.post(path, async (c) => {
      const token = tokenIn((await readText(c.req.raw, MOST_BYTES)) ?? "");
      if (typeof token !== "string" || token === "")
        throw new GatewayError("invalid_params", "token must be a text", { details: { field: "token" } });
      const caller = await fromToken(c.env.context, token.trim());
      const maxAge = Math.max(0, Math.floor((caller.expiresAt ?? 0) - Date.now() / 1000));
      c.header("set-cookie", `${COOKIE}=${token.trim()}; Max-Age=${maxAge}; ${ATTRIBUTES}`);
      return c.json(shown(caller));
    });
    app.delete(path, (c) => {
      c.header("set-cookie", `${COOKIE}=; Max-Age=0; ${ATTRIBUTES}`);
      return c.body(null, 204);
    });
  }
}
