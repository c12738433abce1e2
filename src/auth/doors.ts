// Host, Origin, CORS and security headers: what holds for every request before anybody asks who is calling
// (MCP basic/transports "Security Warning"; Fetch standard, CORS; security.md T14, T17, T18).
import type { Context } from "../context.ts";
import type { Config } from "../env.ts";
import { GatewayError } from "../errors.ts";

/** Refuses a Host that is not ours and an Origin that may not call. @throws GatewayError `foreign_origin`. */
export function requireOurDoor(context: Context, request: Request): void {
  const { allowedHosts } = context.config;
  const host = hostOf(request.url);
  if (allowedHosts.size > 0 && !allowedHosts.has(host)) {
    throw new GatewayError("foreign_origin", `Host ${host} is not one of ALLOWED_HOSTS`);
  }
  const origin = request.headers.get("origin");
  if (origin !== null && !mayCall(context, request, origin)) throw new GatewayError("foreign_origin", `Origin ${origin} may not call this gateway; ALLOWED_ORIGINS lists who may`);
}

/** `host:port` of a URL, lower case as URLs normalise it. */
const hostOf = (url: string): string => url.slice(url.indexOf("//") + 2, url.indexOf("/", url.indexOf("//") + 2));

function mayCall({ config, origin: ours }: Context, request: Request, origin: string): boolean {
  return origin === ours || origin === new URL(request.url).origin || config.allowedOrigins.has(origin);
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
      "access-control-allow-headers": request.headers.get("access-control-request-headers") ?? "authorization, content-type",
      "access-control-max-age": "600",
    },
  });
}

const corsHeaders = (config: Config, origin: string | null): Record<string, string> =>
  config.cors && origin !== null && config.allowedOrigins.has(origin)
    ? {
        "access-control-allow-origin": origin,
        "access-control-expose-headers": "Mcp-Session-Id, MCP-Protocol-Version, WWW-Authenticate, X-Correlation-ID, ETag, Retry-After",
        vary: "Origin",
      }
    : {};

/** Adds what every answer carries. */
export function finish(context: Context, request: Request, response: Response): Response {
  const { config } = context;
  const out = response.headers;
  out.set("x-correlation-id", context.requestId);
  const origin = request.headers.get("origin");
  if (origin !== null) for (const [name, value] of Object.entries(corsHeaders(config, origin))) out.set(name, value);
  if (!config.securityHeaders) return response;
  out.set("x-content-type-options", "nosniff");
  out.set("referrer-policy", "no-referrer");
  out.set("x-frame-options", config.frameOptions);
  if (!out.has("content-security-policy")) out.set("content-security-policy", "default-src 'none'; frame-ancestors 'none'");
  if (!out.has("cache-control")) out.set("cache-control", "no-store");
  if (config.hstsMaxAge > 0 && request.url.startsWith("https:")) out.set("strict-transport-security", `max-age=${config.hstsMaxAge}`);
  return response;
}
