// What a request carries through every room: configuration, caller, storage, the way out. Built once per request.
import { type Author, type Desk, deskOf } from "./catalog/change.ts";
import type { Store } from "./catalog/stamp.ts";
import { type Scope, viewOf } from "./catalog/views.ts";
import type { View } from "./catalog/view.ts";
import { type Bindings, type Config, configOf } from "./env.ts";
import { ANONYMOUS, type Caller } from "./identity/caller.ts";
import { newId } from "./lib/ids.ts";
import { VERSION } from "./lib/version.ts";
import { Outbound } from "./upstream/safe-fetch.ts";

/** When this isolate saw its first request: before that, Workers have no clock. */
let began: number | undefined;

/** Seconds this isolate has served. */
export const uptime = (): number => Math.round((Date.now() - (began ?? Date.now())) / 1000);

/** One incoming request (or scheduled run) and all that belongs to it. */
export class Context {
  readonly env: Bindings;
  readonly config: Config;
  readonly store: Store;
  /** The origin clients know this gateway by. */
  readonly origin: string;
  /** Set by auth/authenticate.ts. */
  caller: Caller = ANONYMOUS;
  readonly #headers: Headers | undefined;
  #requestId: string | undefined;
  #outbound: Outbound | undefined;

  constructor(env: Bindings, execution: Pick<ExecutionContext, "waitUntil">, request?: Request) {
    began ??= Date.now();
    this.env = env;
    this.config = configOf(env);
    this.store = { d1: env.DB, kv: env.VIEWS, waitUntil: (work) => execution.waitUntil(work) };
    this.origin = this.config.publicUrl ?? (request ? new URL(request.url).origin : "");
    this.#headers = request?.headers;
  }

  /** Names this request in answers, logs and the audit trail: the client's X-Correlation-ID when it is a decent one. */
  get requestId(): string {
    if (this.#requestId === undefined) {
      const given = this.#headers?.get("x-correlation-id") ?? "";
      this.#requestId = /^[A-Za-z0-9._-]{8,64}$/.test(given) ? given : newId();
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
    return deskOf(this.store, this.#author());
  }

  /** The compiled view of a scope; see catalog/views.ts. */
  view(scope: Scope): View | undefined | Promise<View | undefined> {
    return viewOf(this.store, scope, this.config.listPageSize);
  }

  #author(): Author {
    const userAgent = this.#headers?.get("user-agent") ?? null;
    const via = this.#headers?.has("cookie") && !this.#headers.has("authorization") ? "ui" : this.#headers ? "api" : "schedule";
    return { email: this.caller.id, requestId: this.requestId, ip: this.#headers?.get("cf-connecting-ip") ?? null, via, userAgent };
  }
}
