// What a REST route is: a row of the table in routes.ts. Reading the request, asking the policy, and writing the answer
// are the same for all of them and stand here once.
import type { Hono } from "hono";
import type * as z from "zod";
import type { Context } from "../context.ts";
import { asGatewayError, GatewayError, toldInLog } from "../errors.ts";
import { toBase64url } from "../lib/base64url.ts";
import { readText } from "../lib/body.ts";
import { JsonError, parseStrict } from "../lib/json.ts";
import { countDenial } from "../observability/counts.ts";
import { type Permission, permit, requireCaller, requireLogin } from "../policy/can.ts";
import { type Rule, takeForAddress } from "../policy/limiter.ts";

/** Hono's environment here: every request carries its Context. */
export interface AppEnv {
  Bindings: { context: Context };
}

type Schema = z.ZodType;
type Out<S extends Schema | undefined> = S extends Schema ? z.output<S> : undefined;

/** A request, read and checked. `version` is that of If-Match; `headers` go into the answer, `etag` as a version. */
export interface Call<Q extends Schema | undefined, B extends Schema | undefined> {
  readonly context: Context;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Out<Q>;
  readonly body: Out<B>;
  readonly version: number | undefined;
  readonly headers: Headers;
}

/**
 * A route. Without a `permission` it is about the caller's own (`own`: for anybody with a credential, or for those who
 * logged in, since it changes what they log in with), or it needs no credential. A DELETE may come without its body.
 * `media`: what the answer is, unless JSON. `limit`: how often one address may use it, counted exactly.
 */
export interface Route {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly path: string;
  readonly summary: string;
  readonly tag: string;
  readonly permission?: Permission;
  readonly own?: "credential" | "login";
  readonly limit?: Rule;
  readonly query?: Schema;
  readonly body?: Schema;
  readonly answer: Schema;
  readonly media?: string;
  readonly status: number;
  /** Another status that the same shape is answered with. */
  readonly otherwise?: number;
  run(call: Call<Schema | undefined, Schema | undefined>): Promise<unknown>;
}

/** A route as the OpenAPI document needs it. */
export type Described = Omit<Route, "run">;

/** Declares a route; the types of query and body flow into its handler. Its answer may be a `Response` of its own. */
export function route<Q extends Schema | undefined = undefined, B extends Schema | undefined = undefined>(
  method: Route["method"],
  path: string,
  spec: {
    readonly summary: string;
    readonly tag: string;
    readonly permission?: Permission;
    readonly own?: Route["own"];
    readonly limit?: Rule;
    readonly query?: Q;
    readonly body?: B;
    readonly answer: Schema;
    readonly media?: string;
    readonly status?: number;
    readonly otherwise?: number;
    run(call: Call<Q, B>): Promise<unknown>;
  },
): Route {
  return { status: 200, ...spec, method, path } as unknown as Route;
}

/** Puts routes on an app, at each of the given roots. Other methods of their paths answer 405. */
export function mount(app: Hono<AppEnv>, routes: readonly Route[], roots: readonly string[]): void {
  for (const root of roots) {
    for (const entry of routes)
      app.on(
        entry.method,
        root + entry.path,
        async (c) => await serve(c.env.context, c.req.raw, c.req.param() as Record<string, string>, entry),
      );
  }
  for (const [path, entries] of Map.groupBy(routes, (entry) => entry.path)) {
    const allow = entries.map((entry) => entry.method).join(", ");
    for (const root of roots) {
      app.all(root + path, (c) =>
        restFailure(
          c.env.context,
          new GatewayError("method_not_allowed", `${c.req.method} is not served here`, { headers: { allow } }),
        ),
      );
    }
  }
}

/** Permissions to change the catalog; MCPGATEWAY_ADMIN_API_ENABLED=false takes them from everybody. */
const CHANGES = /\.(create|update|delete)$/;

async function serve(
  context: Context,
  request: Request,
  params: Record<string, string>,
  entry: Route,
): Promise<Response> {
  if (entry.permission ?? entry.own) requireCaller(context.caller);
  if (entry.own === "login") requireLogin(context.caller);
  if (entry.permission) {
    permit(context.caller, entry.permission, "Page");
    if (!context.config.adminApi && CHANGES.test(entry.permission)) {
      throw new GatewayError("forbidden", "Changes are switched off here (MCPGATEWAY_ADMIN_API_ENABLED=false)", {
        details: { permission: entry.permission },
      });
    }
  }
  if (entry.limit && context.config.exactLimits)
    await takeForAddress(context.env, `${entry.method} ${entry.path}`, context.clientAddress, entry.limit);
  const headers = new Headers();
  const query = entry.query
    ? check(entry.query, Object.fromEntries(new URL(request.url).searchParams), "query")
    : undefined;
  const bare = entry.method === "DELETE" && request.body === null;
  const body = entry.body
    ? check(entry.body, bare ? {} : await readJson(request, context.config.maxBodyBytes), "body")
    : undefined;
  const answer = await entry.run({ context, params, query, body, version: versionIn(request.headers), headers });
  if (answer instanceof Response) return answer;
  const text = JSON.stringify(answer);
  const version = headers.get("etag");
  if (version !== null) headers.set("etag", `"${version}-${await fingerprint(text)}"`);
  if (entry.method === "GET" && matches(request.headers.get("if-none-match"), headers.get("etag")))
    return new Response(null, { status: 304, headers });
  headers.set("content-type", "application/json");
  return new Response(text, { status: entry.status, headers });
}

/** Tells answers apart that are of one version, yet differ in what belongs to others, such as a gateway's name. */
async function fingerprint(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return toBase64url(new Uint8Array(digest, 0, 12));
}

/** Whether If-None-Match names the answer (RFC 9110 §13.1.2, weak comparison). */
const matches = (given: string | null, etag: string | null): boolean =>
  given !== null &&
  etag !== null &&
  given.split(",").some((one) => ["*", etag].includes(one.trim().replace(/^W\//, "")));

/** If-Match as a version. `*` matches any. @throws GatewayError `invalid_params` when it is something else. */
function versionIn(headers: Headers): number | undefined {
  const given = headers.get("if-match");
  if (given === null || given === "*") return undefined;
  const version = /^(?:W\/)?"(\d+)(?:-[\w-]+)?"$/.exec(given)?.[1];
  if (version === undefined)
    throw new GatewayError("invalid_params", 'If-Match must be an ETag such as "3"', {
      details: { field: "If-Match" },
    });
  return Number(version);
}

async function readJson(request: Request, maxBytes: number): Promise<unknown> {
  const type = request.headers.get("content-type") ?? "";
  if (!/^application\/json\s*(;|$)/i.test(type))
    throw new GatewayError("unsupported_media_type", "Content-Type must be application/json");
  const text = await readText(request, maxBytes);
  if (text === undefined) throw new GatewayError("payload_too_large", `The body is larger than ${maxBytes} bytes`);
  try {
    return parseStrict(text);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw new GatewayError(
      error.reason === "syntax" ? "parse_error" : "invalid_request",
      error.reason === "syntax" ? "The body is not JSON" : error.message,
    );
  }
}

function check<S extends Schema>(schema: S, value: unknown, where: "query" | "body"): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new InvalidFields(parsed.error.issues.flatMap((issue) => fieldsOf(issue, where)));
}

/** One field that does not fit, in FastAPI's shape. */
export interface FieldError {
  readonly type: string;
  readonly loc: (string | number)[];
  readonly msg: string;
}

const fieldsOf = (issue: z.core.$ZodIssue, where: string): FieldError[] => {
  const at = issue.path.map((part) => (typeof part === "symbol" ? String(part) : part));
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((key) => ({
      type: "unknown_field",
      loc: [where, ...at, key],
      msg: `${key} is not a field of this`,
    }));
  return [{ type: issue.code, loc: [where, ...at], msg: issue.message }];
};

/** A request whose fields do not fit: 422 with an entry for each. */
export class InvalidFields extends GatewayError {
  readonly fields: readonly FieldError[];
  constructor(fields: readonly FieldError[]) {
    super(
      "invalid_params",
      fields.map((field) => `${field.loc.slice(1).join(".") || field.loc[0]}: ${field.msg}`).join("; "),
    );
    this.fields = fields;
  }
}

/** A failure as the REST API words it (schemas/common.ts errorBody). Internal causes go to the log only. */
export function restFailure(context: Context | undefined, thrown: unknown): Response {
  const failure = asGatewayError(thrown);
  if (context) countDenial(context.store, context.caller.id, failure);
  if (failure.code === "internal")
    console.error({ event: "internal error", request_id: context?.requestId, cause: toldInLog(failure.cause) });
  const detail = failure instanceof InvalidFields ? failure.fields : failure.message;
  const body = { detail, code: failure.code, request_id: context?.requestId ?? null, ...failure.details };
  return new Response(JSON.stringify(body), {
    status: failure.status,
    headers: { "content-type": "application/json", ...failure.headers },
  });
}
