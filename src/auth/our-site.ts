// A cookie is sent by the browser, whoever makes it: so a request that presents one must come from our own pages. What the
// browser says of it decides: Origin (RFC 6454), and Fetch metadata where it sends them (W3C Fetch Metadata Request Headers).
import { type Context, originOf } from "../context.ts";
import { GatewayError } from "../errors.ts";

/**
 * Refuses a request with a cookie that another site may have made. Changes and WebSockets need our Origin; what reads may
 * lack it, and a page may be led to by a link from anywhere, but no other site may load anything of ours into its own.
 * @throws GatewayError `foreign_origin`.
 */
export function requireOurSite(context: Context, request: Request): void {
  const { headers, method } = request;
  const origin = headers.get("origin");
  const reads = (method === "GET" || method === "HEAD") && !headers.has("upgrade");
  if (origin === null ? !reads : origin !== context.origin && origin !== originOf(request.url)) throw foreign();
  const site = headers.get("sec-fetch-site");
  if (site === null || site === "same-origin") return;
  if (!reads || (site !== "none" && headers.get("sec-fetch-mode") !== "navigate")) throw foreign();
}

const foreign = (): GatewayError =>
  new GatewayError("foreign_origin", "With a cookie, requests must come from the dashboard itself");
