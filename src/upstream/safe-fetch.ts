// The only way out of the gateway. Guards every URL that a user, an upstream or a document can name: public addresses
// only unless an operator allowed the host, redirects within the origin only and checked again, a deadline, byte caps,
// and at most five requests waiting for headers (the platform allows six). Fetch standard; security.md T8, T13, T21.
import type { Config } from "../env.ts";
import { GatewayError } from "../errors.ts";
import { classifyHost } from "../lib/address.ts";

const AT_ONCE = 5;
const REDIRECTS = 3;
const MAY_REDIRECT = new Set([301, 302, 303, 307, 308]);

/** A request on its way out. `timeout` in milliseconds, counted from the moment a slot is free until headers arrive. */
export interface OutboundRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly headers: Record<string, string>;
  readonly body?: string;
  readonly timeout: number;
  readonly signal?: AbortSignal;
}

/** The outgoing requests of one incoming request. */
export class Outbound {
  readonly #config: Pick<Config, "privateUpstreams" | "maxBodyBytes" | "maxResultBytes">;
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(config: Pick<Config, "privateUpstreams" | "maxBodyBytes" | "maxResultBytes">) {
    this.#config = config;
  }

  /**
   * Fetches a guarded URL and resolves with the answer's headers. Follows up to three redirects within the origin.
   * @throws GatewayError `upstream_blocked`, `upstream_refused`, `upstream_tls`, `upstream_timeout`,
   *   `upstream_nonsense` (redirect elsewhere) or `payload_too_large`.
   */
  async fetch(address: string, request: OutboundRequest): Promise<Response> {
    const { body } = request;
    if (body !== undefined && body.length > this.#config.maxBodyBytes) {
      throw new GatewayError("payload_too_large", `The request to the upstream is larger than ${this.#config.maxBodyBytes} bytes`);
    }
    let url = this.guard(address);
    for (let hop = 0; ; hop++) {
      const response = await this.#inSlot(() => attempt(url, request));
      if (!MAY_REDIRECT.has(response.status)) return response;
      await response.body?.cancel();
      url = this.#follow(url, response, request, hop);
    }
  }

  /** The URL, if it may be reached. @throws GatewayError `upstream_blocked` with the reason. */
  guard(address: string): URL {
    const url = URL.parse(address);
    if (!url) throw blocked("The upstream's address is not a URL");
    if (url.protocol !== "https:" && url.protocol !== "http:") throw blocked(`${url.protocol} addresses can't be reached`);
    if (url.username || url.password) throw blocked("Credentials belong into the credential fields, not into the URL");
    const allowed = this.#config.privateUpstreams;
    if (allowed === true || allowed.has(url.hostname) || allowed.has(url.host)) return url;
    const kind = classifyHost(url.hostname);
    if (kind !== "public") {
      throw blocked(
        `${url.hostname} is a ${kind} address, which the gateway does not call; an operator can allow it with ALLOW_PRIVATE_UPSTREAMS`,
      );
    }
    if (url.protocol === "http:") throw blocked(`${url.hostname} must be reached by https; ALLOW_PRIVATE_UPSTREAMS can name hosts that may use http`);
    return url;
  }

  /** Reads an answer whole, as UTF-8. @throws GatewayError `upstream_too_large`, `upstream_timeout`, `upstream_refused`. */
  async text(response: Response, timeout: number): Promise<string> {
    const length = knownLength(response);
    const limit = this.#config.maxResultBytes;
    if (length !== undefined && length > limit) {
      await response.body?.cancel();
      throw tooLarge(limit);
    }
    const reading = length === undefined ? this.#counted(response, limit) : response.text();
    return await within(timeout, reading.catch(asUpstreamFailure), () => void response.body?.cancel().catch(() => {}));
  }

  async #counted(response: Response, limit: number): Promise<string> {
    if (!response.body) return "";
    const decoder = new TextDecoder();
    let bytes = 0;
    let text = "";
    for await (const chunk of response.body) {
      bytes += chunk.byteLength;
      if (bytes > limit) throw tooLarge(limit);
      text += decoder.decode(chunk, { stream: true });
    }
    return text + decoder.decode();
  }

  #follow(from: URL, response: Response, request: OutboundRequest, hop: number): URL {
    const location = response.headers.get("location") ?? "";
    const to = URL.parse(location, from);
    const keepsMethod = request.method === "GET" || response.status === 307 || response.status === 308;
    if (!to || to.origin !== from.origin || !keepsMethod) {
      throw new GatewayError("upstream_nonsense", `The upstream redirects (${response.status}) to ${to?.origin ?? "nowhere"}, which is not followed; use the final address`);
    }
    if (hop >= REDIRECTS) throw new GatewayError("upstream_nonsense", `The upstream redirects more than ${REDIRECTS} times`);
    return this.guard(to.href);
  }

  async #inSlot<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= AT_ONCE) await new Promise<void>((resume) => this.#waiting.push(resume));
    this.#running++;
    try {
      return await work();
    } finally {
      this.#running--;
      this.#waiting.shift()?.();
    }
  }
}

async function attempt(url: URL, request: OutboundRequest): Promise<Response> {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), request.timeout);
  const giveUp = () => deadline.abort();
  request.signal?.addEventListener("abort", giveUp, { once: true });
  try {
    return await fetch(url, {
      method: request.method,
      headers: request.headers,
      ...(request.body === undefined ? {} : { body: request.body }),
      redirect: "manual",
      signal: deadline.signal,
    });
  } catch (error) {
    if (deadline.signal.aborted && !request.signal?.aborted) throw timedOut(request.timeout);
    return asUpstreamFailure(error);
  } finally {
    clearTimeout(timer);
  }
}

/** Content-Length, if it counts the bytes that will be read: compressed answers say something else. */
export function knownLength(response: Response): number | undefined {
  const length = response.headers.get("content-length");
  return length === null || response.headers.has("content-encoding") ? undefined : Number(length);
}

/** Fails with `upstream_timeout` when `work` takes longer than `timeout` milliseconds. */
export async function within<T>(timeout: number, work: Promise<T>, onLate: () => void): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    onLate();
    late.reject(timedOut(timeout));
  }, timeout);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

const blocked = (why: string) => new GatewayError("upstream_blocked", why);
const timedOut = (ms: number) => new GatewayError("upstream_timeout", `The upstream did not answer within ${ms / 1000} s`);
const tooLarge = (limit: number) => new GatewayError("upstream_too_large", `The upstream's answer is larger than ${limit} bytes`);

function asUpstreamFailure(error: unknown): never {
  if (error instanceof GatewayError) throw error;
  if (/tls|certificate|ssl/i.test(String(error))) throw new GatewayError("upstream_tls", "The upstream's certificate was not accepted", { cause: error });
  throw new GatewayError("upstream_refused", "The upstream can't be reached, or it closed the connection", { cause: error });
}
