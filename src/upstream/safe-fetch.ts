// The only way out of the gateway. Guards every URL that a user, an upstream or a document can name: public addresses
// only unless an operator allowed the host, redirects within the origin only and checked again, a deadline, byte caps,
// and at most five requests waiting for headers (the platform allows six). Fetch standard.
import type { Config } from "../env.ts";
import { GatewayError } from "../errors.ts";
import { classifyHost } from "../lib/address.ts";

const AT_ONCE = 5;
/** Milliseconds after which an answer is told to be slow. */
const SLOW = 2_000;
const REDIRECTS = 3;
const MAY_REDIRECT = new Set([301, 302, 303, 307, 308]);

const MOST_GUARDED = 1_000;
const verdicts = new WeakMap<object, Map<string, string>>();

/** Addresses that this isolate has found to be allowed under a configuration, in normal form. */
function guardedBy(config: object): Map<string, string> {
  const known = verdicts.get(config) ?? new Map<string, string>();
  verdicts.set(config, known);
  return known;
}

/** A request on its way out. `timeout` in milliseconds, from the moment a slot is free until the answer is read. */
export interface OutboundRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "HEAD" | "OPTIONS";
  readonly headers: Record<string, string>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  readonly timeout: number;
  readonly signal?: AbortSignal;
  /** Sent again, once, when the connection is lost before the answer; a GET is in any case. */
  readonly repeatable?: boolean;
  /** Called when the answer's end is not here within 2 s. */
  readonly onSlow?: (() => void) | undefined;
}

/** The outgoing requests of one incoming request. */
export class Outbound {
  readonly #config: Pick<Config, "privateUpstreams" | "maxBodyBytes" | "maxResultBytes">;
  readonly #guarded: Map<string, string>;
  #running = 0;
  readonly #waiting: (() => void)[] = [];
  readonly #signal: AbortSignal | undefined;

  /** `signal` ends whatever is under way. */
  constructor(config: Pick<Config, "privateUpstreams" | "maxBodyBytes" | "maxResultBytes">, signal?: AbortSignal) {
    this.#config = config;
    this.#guarded = guardedBy(config);
    this.#signal = signal;
  }

  /** The same, for what is said after the signal. */
  afterwards(): Outbound {
    return new Outbound(this.#config);
  }

  /**
   * Fetches a guarded URL and resolves when headers have arrived. Follows up to three redirects within the origin.
   * @throws GatewayError `upstream_blocked`, `upstream_refused`, `upstream_tls`, `upstream_timeout`,
   *   `upstream_nonsense` (redirect elsewhere) or `payload_too_large`.
   */
  async fetch(address: string, request: OutboundRequest): Promise<Reply> {
    const { body } = request;
    if (body !== undefined && body.length > this.#config.maxBodyBytes) {
      throw new GatewayError(
        "payload_too_large",
        `The request to the upstream is larger than ${this.#config.maxBodyBytes} bytes`,
      );
    }
    const signals = [this.#signal, request.signal].filter((signal) => signal !== undefined);
    const signal = signals.length > 1 ? AbortSignal.any(signals) : signals[0];
    let url = this.guard(address);
    for (let hop = 0; ; hop++) {
      const reply = await this.#inSlot(() => attempt(url, request, this.#config.maxResultBytes, signal));
      if (!MAY_REDIRECT.has(reply.status)) return reply;
      reply.discard();
      url = this.#follow(url, reply, request, hop);
    }
  }

  /** The address in normal form, if it may be reached. @throws GatewayError `upstream_blocked` with the reason. */
  guard(address: string): string {
    const known = this.#guarded.get(address);
    if (known !== undefined) return known;
    const { href } = this.#judge(address);
    if (address.includes("?")) return href; // made of a call's arguments, or holding a credential: not to be kept
    if (this.#guarded.size >= MOST_GUARDED) this.#guarded.clear();
    this.#guarded.set(address, href);
    return href;
  }

  #judge(address: string): URL {
    const url = URL.parse(address);
    if (!url) throw blocked("The upstream's address is not a URL");
    if (url.protocol !== "https:" && url.protocol !== "http:")
      throw blocked(`${url.protocol} addresses can't be reached`);
    if (url.username || url.password) throw blocked("Credentials belong into the credential fields, not into the URL");
    const allowed = this.#config.privateUpstreams;
    if (allowed !== true && (allowed.has(url.hostname) || allowed.has(url.host))) return url;
    const kind = classifyHost(url.hostname);
    if (allowed === true && kind !== "metadata" && kind !== "reserved") return url;
    if (kind !== "public") {
      throw blocked(
        `${url.hostname} is a ${kind} address, which the gateway does not call; an operator can allow it with ALLOW_PRIVATE_UPSTREAMS`,
      );
    }
    if (url.protocol === "http:")
      throw blocked(
        `${url.hostname} must be reached by https; ALLOW_PRIVATE_UPSTREAMS can name hosts that may use http`,
      );
    return url;
  }

  #follow(from: string, reply: Reply, request: OutboundRequest, hop: number): string {
    const location = reply.headers.get("location") ?? "";
    const to = URL.parse(location, from);
    const keepsMethod = request.method === "GET" || reply.status === 307 || reply.status === 308;
    if (!to || to.origin !== new URL(from).origin || !keepsMethod) {
      throw new GatewayError(
        "upstream_nonsense",
        `The upstream redirects (${reply.status}) to ${to?.origin ?? "nowhere"}, which is not followed; use the final address`,
      );
    }
    if (hop >= REDIRECTS)
      throw new GatewayError("upstream_nonsense", `The upstream redirects more than ${REDIRECTS} times`);
    return this.guard(to.href);
  }

  async #inSlot<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running < AT_ONCE) this.#running++;
    else await new Promise<void>((resume) => this.#waiting.push(resume));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift(); // who waited longest takes over the slot
      if (next) next();
      else this.#running--;
    }
  }
}

async function attempt(
  address: string,
  request: OutboundRequest,
  maxBytes: number,
  signal: AbortSignal | undefined,
): Promise<Reply> {
  const deadline = new Deadline(request.timeout, request.onSlow);
  const send = () =>
    fetch(address, {
      method: request.method,
      headers: request.headers,
      ...(request.body === undefined ? {} : { body: request.body }),
      redirect: "manual",
      ...(signal ? { signal } : {}),
    });
  const sendAgain = (error: unknown) => {
    if (signal?.aborted || deadline.passed || !(request.repeatable ?? request.method === "GET")) throw error;
    return send();
  };
  try {
    return new Reply(await deadline.before(send().catch(sendAgain)), deadline, maxBytes);
  } catch (error) {
    deadline.met();
    throw asUpstreamFailure(error);
  }
}

/** The time a request may take. What is late is left to the runtime, which ends it with the request it belongs to. */
class Deadline {
  passed = false;
  #timer: ReturnType<typeof setTimeout>;
  #giveUp: (reason: GatewayError) => void = () => {};

  /** One timer does for both moments: timers are dear. */
  constructor(ms: number, onSlow: (() => void) | undefined) {
    const late = () => {
      this.passed = true;
      this.#giveUp(timedOut(ms));
    };
    const slow = () => {
      this.#timer = setTimeout(late, ms - SLOW);
      onSlow?.();
    };
    this.#timer = onSlow && ms > SLOW ? setTimeout(slow, SLOW) : setTimeout(late, ms);
  }

  /** The outcome of `work`, or `upstream_timeout` when it is late. One work at a time. */
  before<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#giveUp = reject;
      work.then(resolve, reject);
    });
  }

  /** The time no longer counts: the answer is here, or goes on as a stream. */
  met(): void {
    clearTimeout(this.#timer);
  }
}

/** An answer whose headers have arrived. Its deadline runs until it is read, discarded or handed on as a stream. */
export class Reply {
  readonly status: number;
  readonly headers: Headers;
  /** Media type in lower case, empty when there is none. */
  readonly type: string;
  readonly #response: Response;
  readonly #deadline: Deadline;
  /** Most bytes the answer may have. */
  readonly maxBytes: number;

  constructor(response: Response, deadline: Deadline, maxBytes: number) {
    this.status = response.status;
    this.headers = response.headers;
    this.type = (this.headers.get("content-type") ?? "").toLowerCase();
    this.#response = response;
    this.#deadline = deadline;
    this.maxBytes = maxBytes;
  }

  get ok(): boolean {
    return this.#response.ok;
  }

  /** Content-Length, if it counts the bytes that will be read: compressed answers say something else. */
  get length(): number | undefined {
    const length = this.headers.get("content-length");
    return length === null || this.headers.has("content-encoding") ? undefined : Number(length);
  }

  /** The whole answer as UTF-8. @throws GatewayError `upstream_too_large`, `upstream_timeout`, `upstream_refused`. */
  async text(): Promise<string> {
    const { length } = this;
    try {
      if (length !== undefined && length > this.maxBytes) throw tooLarge(this.maxBytes);
      const text = await this.#deadline.before(length === undefined ? this.#counted() : this.#response.text());
      this.#deadline.met();
      return text;
    } catch (error) {
      this.discard();
      throw asUpstreamFailure(error);
    }
  }

  /** The bytes as they come, without a deadline; null when there are none. @throws GatewayError `upstream_too_large`. */
  stream(): ReadableStream<Uint8Array> | null {
    if ((this.length ?? 0) > this.maxBytes) throw tooLarge(this.maxBytes);
    this.#deadline.met();
    return this.#response.body;
  }

  /** Lets go of an answer that nobody will read. */
  discard(): void {
    this.#deadline.met();
    if (!this.#response.bodyUsed) this.#response.body?.cancel().catch(() => {});
  }

  async #counted(): Promise<string> {
    const decoder = new TextDecoder();
    let bytes = 0;
    let text = "";
    for await (const chunk of this.#response.body ?? []) {
      bytes += chunk.byteLength;
      if (bytes > this.maxBytes) throw tooLarge(this.maxBytes);
      text += decoder.decode(chunk, { stream: true });
    }
    return text + decoder.decode();
  }
}

/** Fails with `upstream_timeout` when `work` takes longer than `ms`. */
export async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const outcome = await unlessLate(ms, work);
  if (outcome === LATE) throw timedOut(ms);
  return outcome;
}

/** What took longer than it might. */
export const LATE = Symbol("late");

/** The outcome of `work`, or `LATE` when it takes longer than `ms`; it goes on then. */
export async function unlessLate<T>(ms: number, work: Promise<T>): Promise<T | typeof LATE> {
  const late = Promise.withResolvers<typeof LATE>();
  const timer = setTimeout(late.resolve, ms, LATE);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

const blocked = (why: string) => new GatewayError("upstream_blocked", why);
/** The failure to answer in time. */
export const timedOut = (ms: number): GatewayError =>
  new GatewayError("upstream_timeout", `The upstream did not answer within ${ms / 1000} s`);
const tooLarge = (limit: number) =>
  new GatewayError("upstream_too_large", `The upstream's answer is larger than ${limit} bytes`);

function asUpstreamFailure(error: unknown): GatewayError {
  if (error instanceof GatewayError) return error;
  // The runtime does not say whether it was the name, the port, TLS or the connection.
  const why = "The upstream can't be reached, its certificate was not accepted, or it closed the connection";
  return new GatewayError("upstream_refused", why, { cause: error });
}
