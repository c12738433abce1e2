// Host, Origin, CORS and security headers: what holds for every request before anybody asks who is calling
// (MCP basic/transports "Security Warning"; Fetch standard, CORS).
import { type Context, originOf } from "../context.ts";
import type { Config } from "../env.ts";
import { GatewayError } from "../errors.ts";

/** Refuses a Host that is not ours and an Origin that may not call. @throws GatewayError `foreign_origin`. */
export function requireOurDoor(context: Context, request: Request): void {
  if (!isOurs(context.config, hostOf(request.url))) {
    throw new GatewayError("foreign_origin", `Host ${hostOf(request.url)} is not one of ALLOWED_HOSTS`);
  }
  const origin = request.headers.get("origin");
  if (origin !== null && !mayCall(context, request, origin)) {
    throw new GatewayError(
      "foreign_origin",
      `Origin ${origin} may not call this gateway; ALLOWED_ORIGINS lists who may`,
    );
  }
}

const THIS_MACHINE = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/;

/** Unset, ALLOWED_HOSTS means what the platform routes here; on a developer's machine, that machine only. */
const isOurs = ({ allowedHosts, local }: Config, host: string): boolean =>
  allowedHosts.size > 0 ? allowedHosts.has(host) : !local || THIS_MACHINE.test(host);

/** `host:port` of a URL, lower case as URLs normalise it. */
const hostOf = (url: string): string => originOf(url).slice(url.indexOf("//") + 2);

function mayCall({ config, origin: ours }: Context, request: Request, origin: string): boolean {
  return origin === ours || origin === originOf(request.url) || config.allowedOrigins.has(origin);
}

/** The answer to a preflight of an allowed origin, if this is one. */
export function preflight({ config }: Context, request: Request): Response | undefined {
  if (request.method !== "OPTIONS" || !config.cors) return undefined;
  const origin = request.headers.get("origin");
  if (origin === null || !config.allowedOrigins.has(origin)) return undefined;
  return new Response(null, {
    status: 204,
    headers: {
      ...corsHeaders(config, origin),
      "access-control-allow-methods": "GET, POST, PUT, DELETE, OPTIONS",
      "access-control-allow-headers":
        request.headers.get("access-control-request-headers") ?? "authorization, content-type",
      "access-control-max-age": "600",
    },
  });
}

const corsHeaders = (config: Config, origin: string | null): Record<string, string> =>
  config.cors && origin !== null && config.allowedOrigins.has(origin)
    ? {
        "access-control-allow-origin": origin,
        "access-control-expose-headers":
          "Mcp-Session-Id, MCP-Protocol-Version, WWW-Authenticate, X-Correlation-ID, ETag, Retry-After, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset",
        vary: "Origin",
      }
    : {};

/** Headers that every answer carries. Given to a Response when it is made: touching its headers later costs ten times that. */
export function commonHeaders(context: Context, request: Request): Record<string, string> {
  const { config } = context;
  const headers: Record<string, string> = { "x-correlation-id": context.requestId };
  const origin = request.headers.get("origin");
  if (origin !== null) Object.assign(headers, corsHeaders(config, origin));
  if (!config.securityHeaders) return headers;
  headers["x-content-type-options"] = "nosniff";
  if (config.hstsMaxAge > 0 && request.url.startsWith("https:"))
    headers["strict-transport-security"] = `max-age=${config.hstsMaxAge}`;
  return headers;
}

/** Adds what every answer carries to a finished one, and what guards answers that a browser may show. */
export function finish(context: Context, request: Request, response: Response): Response {
  const { config } = context;
  const out = response.headers;
  for (const [name, value] of Object.entries(commonHeaders(context, request))) out.set(name, value);
  if (!config.securityHeaders) return response;
  out.set("referrer-policy", "no-referrer");
  out.set("x-frame-options", config.frameOptions);
  out.set("cross-origin-opener-policy", "same-origin");
  out.set("cross-origin-resource-policy", "same-origin");
  if (!out.has("content-security-policy"))
    out.set("content-security-policy", "default-src 'none'; frame-ancestors 'none'");
  if (!out.has("cache-control")) out.set("cache-control", "no-store");
  return response;
}
