// What a request carries through every room: configuration, caller, storage, the way out. Built once per request.
import { type Author, type Desk, deskOf } from "./catalog/change.ts";
import { narrowed } from "./catalog/narrow.ts";
import type { Store } from "./catalog/stamp.ts";
import type { View } from "./catalog/view.ts";
import { type Scope, viewOf } from "./catalog/views.ts";
import { type Bindings, type Config, configOf } from "./env.ts";
import { bootstrapAdmin, type UserFacts } from "./identity/access.ts";
import { ANONYMOUS, type Caller } from "./identity/caller.ts";
import { newId } from "./lib/ids.ts";
import { VERSION } from "./lib/version.ts";
import { writeDueCounts } from "./observability/counts.ts";
import { Outbound } from "./upstream/safe-fetch.ts";

/** When this isolate saw its first request: before that, Workers have no clock. */
let began: number | undefined;

/** Seconds this isolate has served. */
export const uptime = (): number => Math.round((Date.now() - (began ?? Date.now())) / 1000);

let isolateName: string | undefined;
let requests = 0;

/** A new request id: the isolate's random name and a number, which costs a tenth of a random id. */
function nextRequestId(): string {
  isolateName ??= newId().slice(0, 20);
  return isolateName + (++requests).toString(16).padStart(12, "0");
}

const unasked = (): Promise<never> => Promise.reject(new Error("nobody verifies tokens here"));

/** One incoming request (or scheduled run) and all that belongs to it. */
export class Context {
  readonly env: Bindings;
  readonly config: Config;
  readonly store: Store;
  /** Set by auth/authenticate.ts. */
  caller: Caller = ANONYMOUS;
  /** Who holds a token, other than the one that was presented; set by app.ts, as verifying is a matter of the doors. */
  identify: (token: string) => Promise<Caller> = unasked;
  /** Headers every answer carries; set by auth/doors.ts. */
  headers: Readonly<Record<string, string>> = {};
  readonly #request: Request | undefined;
  #requestId: string | undefined;
  #outbound: Outbound | undefined;

  constructor(env: Bindings, execution: Pick<ExecutionContext, "waitUntil">, request?: Request) {
    began ??= Date.now();
    this.env = env;
    this.config = configOf(env);
    this.store = { d1: env.DB, kv: env.VIEWS, waitUntil: (work) => execution.waitUntil(work) };
    writeDueCounts(this.store);
    this.#request = request;
  }

  /** The same caller's next request on a connection that carries several: a request id of its own, the same way out. */
  renewed(): Context {
    const next = new Context(this.env, this.store, this.#request);
    next.caller = this.caller;
    next.headers = this.headers;
    next.#outbound = this.outbound;
    return next;
  }

  /** The origin clients know this gateway by. */
  get origin(): string {
    return this.config.publicUrl ?? (this.#request ? originOf(this.#request.url) : "");
  }

  /** Names this request in answers, logs and the audit trail: the client's X-Correlation-ID when it is a decent one. */
  get requestId(): string {
    if (this.#requestId === undefined) {
      const given = this.#request?.headers.get("x-correlation-id") ?? "";
      this.#requestId = /^[A-Za-z0-9._-]{8,64}$/.test(given) ? given : nextRequestId();
    }
    return this.#requestId;
  }

  /** The outgoing requests of this request. */
  get outbound(): Outbound {
    this.#outbound ??= new Outbound(this.config);
    return this.#outbound;
  }

  /** How the gateway introduces itself. */
  get introduction(): { name: string; version: string } {
    return { name: this.config.appName, version: VERSION };
  }

  /** Where the catalog is changed, in the caller's name. */
  get desk(): Desk {
    return deskOf(this.store, this.#author(), { name: this.config.appName, url: this.origin || null });
  }

  /** The compiled view of a scope, as the caller has it; see catalog/views.ts and catalog/narrow.ts. */
  view(scope: Scope): View | undefined | Promise<View | undefined> {
    const view = viewOf(this.store, scope, this.config.listPageSize);
    const own = (found: View | undefined): View | undefined => found && narrowed(found, this.caller);
    return view instanceof Promise ? view.then(own) : own(view);
  }

  /** The administrator who needs no row: whoever holds the gateway's own secrets is one. */
  get bootstrapAdmin(): UserFacts {
    return bootstrapAdmin(this.config.adminEmail);
  }

  /** Address the request comes from, as the platform saw it; on a developer's machine everybody is that machine. */
  get clientAddress(): string | null {
    const { config } = this;
    const header = config.local ? config.testAddressHeader : "cf-connecting-ip";
    return (header ? this.#request?.headers.get(header) : undefined) ?? (config.local ? "127.0.0.1" : null);
  }

  /** What Cloudflare Access says of who is asking, to be verified; null when it does not stand before this gateway. */
  get accessAssertion(): string | null {
    return this.#request?.headers.get("cf-access-jwt-assertion") ?? null;
  }

  #author(): Author {
    const headers = this.#request?.headers;
    const via = headers?.has("cookie") && !headers.has("authorization") ? "ui" : headers ? "api" : "schedule";
    const userAgent = headers?.get("user-agent") ?? null;
    return {
      email: this.caller.id,
      requestId: this.requestId,
      ip: headers ? this.clientAddress : null,
      via,
      userAgent,
    };
  }
}

/** The origin of a request's URL, which the platform has normalised. */
export const originOf = (url: string): string => url.slice(0, url.indexOf("/", url.indexOf("//") + 2));
