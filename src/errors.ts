// Failures: each has a code, a public sentence and a private cause. This table is the only place where a code
// meets an HTTP status and a JSON-RPC code (MCP 2026-07-28 basic, "Error codes"; JSON-RPC 2.0 §5.1).
import { isAway } from "./db/away.ts";

const TABLE = {
  // what the client sent
  parse_error: [400, -32700],
  invalid_request: [400, -32600],
  invalid_params: [422, -32602],
  unauthorized: [401, 40100],
  insufficient_scope: [403, 40300],
  forbidden: [403, 40300],
  foreign_origin: [403, -32600],
  not_found: [404, -32601],
  session_not_found: [404, -32001],
  method_not_allowed: [405, -32600],
  not_acceptable: [406, -32600],
  conflict: [409, -32600],
  stale_version: [412, -32600],
  payload_too_large: [413, -32600],
  unsupported_media_type: [415, -32600],
  upgrade_required: [426, -32600],
  too_many_requests: [429, 42900],
  // MCP's own
  method_not_found: [404, -32601],
  header_mismatch: [400, -32020],
  missing_client_capability: [400, -32021],
  unsupported_protocol_version: [400, -32022],
  // what an upstream did
  upstream_refused: [502, -32603],
  upstream_tls: [502, -32603],
  upstream_nonsense: [502, -32603],
  upstream_too_large: [502, -32603],
  upstream_status: [502, -32603],
  upstream_blocked: [422, -32603],
  upstream_timeout: [504, -32603],
  upstream_auth_required: [424, -32603],
  upstream_disabled: [409, -32603],
  // ourselves
  exchange_lost: [500, -32603],
  not_claimed: [503, -32603],
  schema_outdated: [503, -32603],
  unavailable: [503, -32603],
  misconfigured: [503, -32603],
  internal: [500, -32603],
} as const satisfies Record<string, readonly [status: number, rpc: number]>;

export type ErrorCode = keyof typeof TABLE;

/** What a refusal was about, for the audit trail alone: the permission, and an id that exists or a fixed word. */
export interface Denial {
  readonly what: string;
  readonly target: string;
}

/** A failure as data. */
export type PlainFailure = Pick<GatewayError, "code" | "message" | "details" | "headers">;

/** A failure that may be told to the caller. `details` are public, `cause` stays in the log. */
export class GatewayError extends Error {
  override readonly name = "GatewayError";
  readonly code: ErrorCode;
  /** Fields that go into the answer beside the message: `upstream`, `url`, `stage`, `field`, `challenge`, … */
  readonly details: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;
  /** Never told to anybody. */
  readonly denial: Denial | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    more: {
      cause?: unknown;
      details?: GatewayError["details"];
      headers?: GatewayError["headers"];
      denial?: Denial | undefined;
    } = {},
  ) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.code = code;
    this.details = more.details ?? {};
    this.headers = code === "unavailable" ? { "retry-after": "1", ...more.headers } : (more.headers ?? {});
    this.denial = more.denial;
  }

  /** HTTP status of this failure. */
  get status(): number {
    return TABLE[this.code][0];
  }

  /** JSON-RPC error code of this failure. */
  get rpcCode(): number {
    return TABLE[this.code][1];
  }

  /** What may be told of this failure, as data: classes are lost on the way out of an object. */
  plain(): PlainFailure {
    const { code, message, details, headers } = this;
    return { code, message, details, headers };
  }

  /** The failure that was made `plain`. */
  static from({ code, message, details, headers }: PlainFailure): GatewayError {
    return new GatewayError(code, message, { details, headers });
  }

  /** The same failure with more public details. */
  with(details: Record<string, unknown>): GatewayError {
    return new GatewayError(this.code, this.message, {
      cause: this.cause,
      details: { ...this.details, ...details },
      headers: this.headers,
      denial: this.denial,
    });
  }
}

/** What an error says, and what those say that it was caused by. */
function messagesOf(error: unknown): string[] {
  return error instanceof Error ? [error.message, ...messagesOf(error.cause)] : [];
}

/** An error for the log, with what it was caused by, and without the values of a query: they may be somebody's secrets. */
export function toldInLog(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = (error.stack ?? error.message).replace(/\nparams: [\s\S]*?(?=\n {4}at |$)/, "");
  return error.cause === undefined ? own : `${own}\ncaused by ${toldInLog(error.cause)}`;
}

/** Anything thrown, as a failure that may be told: what is not ours becomes `internal` with its cause kept. */
export function asGatewayError(error: unknown): GatewayError {
  if (error instanceof GatewayError) return error;
  return messagesOf(error).some(isAway)
    ? new GatewayError("unavailable", "The database is away right now; try again shortly", {
        cause: error,
      })
    : new GatewayError("internal", "Something failed inside the gateway", { cause: error });
}
