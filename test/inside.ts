// The gateway inside a test's own isolate: the same floor plan (src/app.ts), with the bindings a test hands it.
// For what can't be seen from outside: storage operations, memory, time.
import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { vi } from "vitest";
import { signToken } from "../src/cli/sign.ts";
import type { Bindings } from "../src/env.ts";
import { type Counted, counted } from "./counting.ts";
import type { Wire } from "./wire.ts";

/** The bindings of test/vitest.config.ts, some of them other or more. */
export const bindings = (more: Record<string, unknown> = {}): Bindings => ({ ...env, ...more });

/** `serve` of src/app.ts, from whichever copy of the modules. */
type Serve = (request: Request, bindings: Bindings, execution: ExecutionContext) => Promise<Response>;

/** A request answered to its end: its background work is done too. */
export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

const token = signToken({ subject: "admin", minutes: 600, secret: env.JWT_SECRET_KEY });

/** A gateway as a test talks to it. Bodies that are not texts are sent as JSON. */
export interface Inside {
  /** Sends a request; `settled` resolves when its background work is done. */
  begin(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<{ response: Response; settled: () => Promise<void> }>;
  request(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answered>;
  post(path: string, wire: Wire): Promise<Answered>;
  /** Calls the REST API as the administrator. @throws when it refuses. */
  api<Body>(method: string, path: string, body?: unknown): Promise<Body>;
  /** Registers an upstream and puts its tools into a virtual server; gives the path of its endpoint. */
  bundle(name: string, url: string): Promise<{ path: string; serverId: string; gatewayId: string }>;
}

export function gatewayOf(serve: Serve, given: Bindings): Inside {
  const begin: Inside["begin"] = async (method, path, body, headers = {}) => {
    const execution = createExecutionContext();
    const init = {
      method,
      headers: { authorization: `Bearer ${await token}`, "content-type": "application/json", ...headers },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    };
    const response = await serve(new Request(`http://localhost${path}`, init), given, execution);
    return { response, settled: () => waitOnExecutionContext(execution) };
  };
  const request: Inside["request"] = async (...what) => {
    const { response, settled } = await begin(...what);
    const text = await response.text();
    await settled();
    return { status: response.status, headers: response.headers, text };
  };
  const api: Inside["api"] = async <Body>(method: string, path: string, body?: unknown): Promise<Body> => {
    const { status, text } = await request(method, path, body);
    if (status >= 300) throw new Error(`${method} ${path} answered ${status}: ${text}`);
    return JSON.parse(text) as Body;
  };
  const bundle: Inside["bundle"] = async (name, url) => {
    const gateway = await api<{ id: string }>("POST", "/gateways", { name, url });
    const tools = await api<{ id: string }[]>("GET", `/tools?limit=0&gateway_id=${gateway.id}`);
    const server = await api<{ id: string }>("POST", "/servers", { name, associatedTools: tools.map(({ id }) => id) });
    return { path: `/servers/${server.id}/mcp`, serverId: server.id, gatewayId: gateway.id };
  };
  return { begin, request, post: (path, { body, headers }) => request("POST", path, body, headers), api, bundle };
}

/** A cold isolate: its own copy of every module and of what it remembers, with its storage operations written down. */
export async function coldIsolate(more: Record<string, unknown> = {}): Promise<Inside & Counted> {
  vi.resetModules();
  const { serve } = await import("../src/app.ts");
  const watched = counted(bindings(more));
  return { ...gatewayOf(serve, watched.bindings), ...watched };
}
