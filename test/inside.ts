// The gateway inside a test's own isolate: the same floor plan (src/app.ts), with the bindings a test hands it.
// For what can't be seen from outside: storage operations, memory, time.
import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { signToken } from "../src/cli/sign.ts";
import type { Bindings } from "../src/env.ts";

const SECRET = "only-for-tests-and-long-enough-to-sign";

/** Settings of a gateway for tests; upstreams on this machine are allowed. */
export const bindings = (more: Record<string, unknown> = {}): Bindings => ({
  DB: env.DB,
  VIEWS: env.VIEWS,
  SESSION: env.SESSION,
  ENVIRONMENT: "local",
  JWT_SECRET_KEY: SECRET,
  AUTH_ENCRYPTION_SECRET: "only-for-tests-and-long-enough-to-seal",
  ALLOW_PRIVATE_UPSTREAMS: "true",
  ...more,
});

/** `serve` of src/app.ts, from whichever copy of the modules. */
export type Serve = (request: Request, bindings: Bindings, execution: ExecutionContext) => Promise<Response>;

/** A request answered to its end: its background work is done too. */
export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

const token = signToken({ subject: "admin", minutes: 600, secret: SECRET });

/** A gateway as a test talks to it. Bodies that are not texts are sent as JSON. */
export function gatewayOf(serve: Serve, given: Bindings) {
  const request = async (
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answered> => {
    const execution = createExecutionContext();
    const response = await serve(
      new Request(`http://gateway.test${path}`, {
        method,
        headers: { authorization: `Bearer ${await token}`, "content-type": "application/json", ...headers },
        ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
      }),
      given,
      execution,
    );
    const text = await response.text();
    await waitOnExecutionContext(execution);
    return { status: response.status, headers: response.headers, text };
  };
  const api = async <Body>(method: string, path: string, body?: unknown): Promise<Body> => {
    const { status, text } = await request(method, path, body);
    if (status >= 300) throw new Error(`${method} ${path} answered ${status}: ${text}`);
    return JSON.parse(text) as Body;
  };
  /** Registers an upstream and puts its tools into a virtual server; gives the path of its endpoint. */
  const bundle = async (name: string, url: string): Promise<{ path: string; serverId: string; gatewayId: string }> => {
    const gateway = await api<{ id: string }>("POST", "/gateways", { name, url });
    const tools = await api<{ id: string }[]>("GET", `/tools?limit=0&gateway_id=${gateway.id}`);
    const server = await api<{ id: string }>("POST", "/servers", { name, associatedTools: tools.map(({ id }) => id) });
    return { path: `/servers/${server.id}/mcp`, serverId: server.id, gatewayId: gateway.id };
  };
  return { request, api, bundle };
}
