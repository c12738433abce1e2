// The dashboard's page: one document for every path of it, under a policy that runs nothing but its own files.
import type { Context } from "./context.ts";

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "font-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** Paths that the dashboard serves: its own, the API's documentation, and a browser's visit to /admin. */
const isPage = (path: string): boolean => path === "/ui" || path.startsWith("/ui/") || path === "/docs";

/** The page for a path of the dashboard, or nothing for any other path. */
export async function dashboard(context: Context, request: Request, path: string): Promise<Response | undefined> {
  if (request.method !== "GET" && request.method !== "HEAD") return undefined;
  if (path === "/admin" && (request.headers.get("accept") ?? "").includes("text/html"))
    return new Response(null, { status: 302, headers: { location: "/ui/" } });
  if (!isPage(path) || !context.config.ui) return undefined;
  const { ASSETS } = context.env;
  if (!ASSETS) return undefined;
  const page = await ASSETS.fetch(new URL("/index.html", request.url));
  const found = page.status === 200 ? page : await followed(ASSETS, page, request.url);
  return new Response(found.body, {
    status: found.status,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": POLICY,
      "cache-control": "no-cache",
    },
  });
}

/** Asset routers answer /index.html with a redirect to /. */
const followed = (assets: Fetcher, page: Response, url: string): Promise<Response> =>
  assets.fetch(new URL(page.headers.get("location") ?? "/", url));
