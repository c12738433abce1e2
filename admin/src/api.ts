// The one door to the gateway's REST API: same origin, the session cookie, JSON both ways, failures as ApiError.
import { signal } from "@preact/signals";
import type { z } from "zod";
import type { errorBody } from "../../src/schemas/common.ts";
import type { PromptRead } from "../../src/schemas/prompts.ts";
import type { ResourceRead } from "../../src/schemas/resources.ts";
import type { ServerRead } from "../../src/schemas/servers.ts";
import type { ToolRead } from "../../src/schemas/tools.ts";
import type { UpstreamRead } from "../../src/schemas/upstreams.ts";

export type { PromptRead, ResourceRead, ServerRead, ToolRead, UpstreamRead };

type ErrorBody = z.infer<typeof errorBody>;

/** What each list of the API holds. */
export type Nouns = {
  gateways: UpstreamRead;
  tools: ToolRead;
  resources: ResourceRead;
  prompts: PromptRead;
  servers: ServerRead;
};
export type Noun = keyof Nouns;
/** Everything whose changes are counted: the catalog, and who may use it. */
export type Kind = Noun | "users" | "sessions" | "teams" | "roles" | "tokens" | "audit" | "webhooks" | "changes";
export type Page<T> = { items: T[]; nextCursor: string | null; total: number };
export type Query = Record<string, string | number | boolean | null | undefined>;

/**
 * A request that failed. `status` is 0 when no answer came; `fields` maps body fields to what is wrong with them;
 * `retryAfter` is in seconds.
 */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly requestId: string | null;
  readonly retryAfter: number | null;
  readonly fields: ReadonlyMap<string, string>;
  readonly more: Pick<ErrorBody, "upstream" | "url" | "stage" | "challenge"> & { field?: string; reset_path?: string };

  constructor(status: number, body: Partial<ErrorBody>, headers = new Headers()) {
    const fields = Array.isArray(body.detail) ? body.detail.map((one) => [fieldOf(one.loc), one.msg] as const) : [];
    const told =
      typeof body.detail === "string" ? body.detail : fields.map(([name, text]) => `${name}: ${text}`).join("; ");
    super(told || `The gateway answered ${status}`);
    this.status = status;
    this.code = body.code ?? "unknown";
    this.requestId = body.request_id ?? headers.get("x-correlation-id");
    this.retryAfter = Number(headers.get("retry-after")) || null;
    this.fields = new Map(fields);
    this.more = body;
  }

  /** What is wrong with one field of a form. */
  about(field: string): string | undefined {
    return this.fields.get(field) ?? (this.more.field === field ? this.message : undefined);
  }

  /** Whether it is about none of the fields. */
  get isGeneral(): boolean {
    return this.fields.size === 0 && this.more.field === undefined;
  }
}

const fieldOf = (loc: (string | number)[]): string => loc.filter((part) => part !== "body").join(".");

/** Counts the changes made here, by kind: a list that shows the kind loads again when its number moves. */
export const changes = signal<Partial<Record<Kind, number>>>({});

/** Says that records of these kinds changed. */
export function changed(...kinds: Kind[]): void {
  const next = { ...changes.value };
  for (const kind of kinds) next[kind] = (next[kind] ?? 0) + 1;
  changes.value = next;
}

/** Called when the gateway no longer knows the session. Set by session.ts. */
export const onSignedOut: { run: () => void } = { run: () => undefined };

type Sending = { body?: unknown; ifMatch?: number; signal?: AbortSignal };

/** Sends one request and returns the JSON of its answer. Throws ApiError, or the AbortError of `signal`. */
export async function send<T>(method: string, path: string, sending: Sending = {}): Promise<T> {
  const headers = new Headers({ accept: "application/json" });
  if (sending.body !== undefined) headers.set("content-type", "application/json");
  if (sending.ifMatch !== undefined) headers.set("if-match", `"${sending.ifMatch}"`);
  const body = sending.body === undefined ? undefined : JSON.stringify(sending.body);
  const response = await ask(path, { method, headers, body, signal: sending.signal });
  const text = await response.text();
  const { status, headers: about } = response;
  if (text === "") return undefined as T;
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new ApiError(status, { detail: "The gateway's answer was not JSON", code: "not_json" }, about);
  }
}

/** An answer that is fine. Throws ApiError, or the AbortError of the signal. */
export async function ask(path: string, init: RequestInit): Promise<Response> {
  const response = await fetchOrFail(path, init);
  const { ok, status, headers } = response;
  if (ok) return response;
  if (status === 401) onSignedOut.run();
  throw new ApiError(status, asErrorBody(await response.text(), status), headers);
}

/** fetch, with a network failure turned into an ApiError. */
export async function fetchOrFail(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(path, init);
  } catch (cause) {
    if (init.signal?.aborted) throw cause;
    throw new ApiError(0, {
      detail: "The gateway did not answer. Is it running, and are you online?",
      code: "no_answer",
    });
  }
}

function asErrorBody(text: string, status: number): Partial<ErrorBody> {
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body === "object" && body !== null) return body as Partial<ErrorBody>;
  } catch {
    // not JSON: a proxy or the runtime spoke instead of the gateway
  }
  return { detail: `The gateway answered ${status} without saying why`, code: "unknown" };
}

export const get = <T>(path: string, signal?: AbortSignal): Promise<T> => send<T>("GET", path, { signal });

/** A path with a query; fields without a value are left out. */
export function withFields(path: string, query: Query): string {
  const asked = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value != null && value !== "") asked.set(name, String(value));
  return `${path}?${asked}`;
}

/** One page of a list of the catalog; `limit: 0` asks for everything. */
export async function list<N extends Noun>(noun: N, query: Query, signal?: AbortSignal): Promise<Page<Nouns[N]>> {
  const answer = await get<Record<N, Nouns[N][]> & { nextCursor: string | null; total: number }>(
    withFields(`/${noun}`, { include_pagination: true, ...query }),
    signal,
  );
  return { items: answer[noun], nextCursor: answer.nextCursor, total: answer.total };
}

/** Everything of a noun, disabled records too. */
export const listAll = async <N extends Noun>(noun: N, query: Query = {}, signal?: AbortSignal): Promise<Nouns[N][]> =>
  (await list(noun, { limit: 0, include_inactive: true, ...query }, signal)).items;

/** Turns a record on or off. */
export const setState = (noun: Noun, id: string, on: boolean): Promise<unknown> =>
  send("POST", `/${noun}/${encodeURIComponent(id)}/state?activate=${on}`);

/** Anything thrown, as an ApiError. */
export const asApiError = (error: unknown): ApiError =>
  error instanceof ApiError
    ? error
    : new ApiError(0, { detail: `The dashboard failed: ${String(error)}`, code: "dashboard" });
