// What can be wrong with a server, as declarations: startFaulty(html), startFaulty({ ...hangs("headers"), times: 1 }).
// A fault befalls every request, unless `on` names JSON-RPC methods or `times` how often; else the server is healthy.

import { type Answer, type Message, plainTool } from "./plain-mcp.ts";

/** When a fault befalls a request. */
export interface Occurrence {
  /** Only requests with these JSON-RPC methods. */
  readonly on?: readonly string[];
  /** Only the first so many of them. */
  readonly times?: number;
}

/** A fault by how it is brought about. */
export type Fault = Occurrence &
  (
    | { readonly kind: "refuses" }
    | { readonly kind: "hangs"; readonly after: "request" | "headers" }
    | {
        readonly kind: "answers";
        readonly status: number;
        readonly headers: Readonly<Record<string, string>>;
        readonly body: string;
      }
    | { readonly kind: "pads"; readonly bytes: number }
    | { readonly kind: "mangles"; readonly mangle: (json: Buffer) => Buffer }
    | { readonly kind: "rewrites"; readonly rewrite: (answer: Answer["message"], request: Message) => object }
    | { readonly kind: "dies"; readonly in: "body" | "stream" }
  );

const answers = (status: number, headers: Record<string, string> = {}, body = ""): Fault => ({
  kind: "answers",
  status,
  headers,
  body,
});
const PAGE = { "content-type": "text/html; charset=utf-8" };

/** Nobody listens on the port. */
export const refuses: Fault = { kind: "refuses" };

/** Accepts the request and says nothing more: no headers at all, or headers and no body. */
export const hangs = (after: "request" | "headers"): Fault => ({ kind: "hangs", after });

/** A web page with status 200, as a captive portal or a login wall answers. */
export const html: Fault = answers(200, PAGE, "<!doctype html><title>Welcome</title><p>Please sign in.</p>");

/** 401 with a challenge. */
export const unauthorized = (challenge = 'Bearer realm="faulty", error="invalid_token"'): Fault =>
  answers(401, { "www-authenticate": challenge });

/** 403, 500, 502, 503 … with the page a proxy shows. */
export const fails = (status: number): Fault => answers(status, PAGE, `<!doctype html><h1>${status}</h1>`);

/** 429; Retry-After in seconds or as an HTTP date. */
export const rateLimited = (retryAfter: string): Fault => answers(429, { "retry-after": retryAfter });

/** A redirect to an absolute URL. */
export const redirects = (to: string, status: 301 | 302 | 303 | 307 | 308 = 301): Fault =>
  answers(status, { location: to });

/** A right answer that is followed by so many bytes of white space, without saying its length. */
export const oversized = (bytes: number): Fault => ({ kind: "pads", bytes });

/** The first half of a right answer, complete as far as HTTP can tell. */
export const truncatedJson: Fault = { kind: "mangles", mangle: (json) => json.subarray(0, json.length / 2) };

/** A right answer after a byte order mark. */
export const byteOrderMark: Fault = {
  kind: "mangles",
  mangle: (json) => Buffer.concat([Buffer.of(0xef, 0xbb, 0xbf), json]),
};

/** A right answer to another request. */
export const wrongId: Fault = { kind: "rewrites", rewrite: (answer) => ({ ...answer, id: "another" }) };

/** A connection that breaks inside a body whose length was announced, or inside an event stream. */
export const dies = (where: "body" | "stream"): Fault => ({ kind: "dies", in: where });

const FLAWS = {
  "no name": { name: undefined },
  "no schema": { inputSchema: undefined },
  "schema is no object": { inputSchema: "object" },
  "schema is of another type": { inputSchema: { type: "array" } },
} as const;

/** Three tools, the second of them malformed. */
export const malformedTool = (flaw: keyof typeof FLAWS): Fault =>
  listing(() => ({ tools: [plainTool("first"), { ...plainTool("second"), ...FLAWS[flaw] }, plainTool("third")] }));

/** Pages of one tool that never end: each with a cursor of its own, or all with the same. */
export const endlessCursors = (cursors: "new" | "same" = "new"): Fault =>
  listing((cursor) => {
    const page = Number(cursor ?? 0) + 1;
    return { tools: [plainTool(`tool${page}`)], nextCursor: cursors === "new" ? String(page) : "1" };
  });

function listing(page: (cursor: unknown) => Record<string, unknown>): Fault {
  return {
    kind: "rewrites",
    on: ["tools/list"],
    rewrite: (answer, { params }) => ({ ...answer, result: { ...answer.result, ...page(params?.cursor) } }),
  };
}
