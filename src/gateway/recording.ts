// What is recorded of an exchange: it is read off the request and the answer once the answer is there, and handed to the
// recorder. A warm call pays for a look at its text and a push.
import type { View } from "../catalog/view.ts";
import type { Context } from "../context.ts";
import { asGatewayError, type ErrorCode, type GatewayError } from "../errors.ts";
import { isObject, type JsonObject, type JsonValue } from "../lib/json.ts";
import { MODERN_VERSION, PROTOCOL_META } from "../lib/mcp.ts";
import { LARGEST, type Payload } from "../observability/payloads.ts";
import { record } from "../observability/recorder.ts";
import type { Call, Outcome, TargetKind } from "../schemas/calls.ts";
import { tryParse } from "../upstream/read-answer.ts";
import type { Answer, Exchange, Method } from "./exchange.ts";

/** What a call is of. */
interface Of {
  readonly kind: TargetKind;
  readonly name: string;
  readonly entry: { readonly id: string; readonly upstreamId: string | null } | undefined;
}

const textOf = (value: JsonValue | undefined): string => (typeof value === "string" ? value : "");

const resource = (view: View, { uri }: JsonObject): Of => {
  const place = view.uris.toUpstream(textOf(uri));
  const entry = place && { id: place.entry?.id ?? "", upstreamId: place.upstreamId };
  return { kind: "resource", name: textOf(uri), entry };
};

/** How to tell what a method is about; others are about nothing in particular. */
const TARGETS = new Map<string, (view: View, params: JsonObject) => Of>(
  Object.entries({
    "tools/call": (view, { name }) => ({ kind: "tool", name: textOf(name), entry: view.tools.get(textOf(name)) }),
    "prompts/get": (view, { name }) => ({ kind: "prompt", name: textOf(name), entry: view.prompts.get(textOf(name)) }),
    "resources/read": resource,
    "resources/subscribe": resource,
  }),
);
const NOTHING: Of = { kind: "other", name: "", entry: undefined };

/** What goes on for as long as its client likes, or says nothing of anybody's use. */
const UNRECORDED: ReadonlySet<string> = new Set(["ping", "subscriptions/listen"]);

/** What failures come to; those of upstreams and of ourselves are told by their names. */
const OUTCOMES: Partial<Record<ErrorCode, Outcome>> = {
  unauthorized: "denied",
  insufficient_scope: "denied",
  forbidden: "denied",
  foreign_origin: "denied",
  not_found: "denied",
  too_many_requests: "limited",
  upstream_timeout: "timeout",
  invalid_params: "rpc_error",
  invalid_request: "rpc_error",
  method_not_found: "rpc_error",
  header_mismatch: "rpc_error",
  missing_client_capability: "rpc_error",
};
const outcomeOf = ({ code }: GatewayError): Outcome =>
  OUTCOMES[code] ?? (code.startsWith("upstream_") ? "upstream_error" : "gateway_error");

/** What an answer comes to. */
interface Verdict {
  readonly outcome: Outcome;
  readonly error: string;
  readonly message: string;
}
const OK: Verdict = { outcome: "ok", error: "", message: "" };
/** Characters that are kept of what clients and upstreams say as long as they like: rows have to hold many calls. */
const LONGEST = { method: 100, name: 300, client: 100, error: 40, message: 200 };

const failed = (outcome: Outcome, error: string, message: string): Verdict => ({
  outcome,
  error: error.slice(0, LONGEST.error),
  message: message.slice(0, LONGEST.message),
});
const verdictOnFailure = (failure: GatewayError): Verdict => failed(outcomeOf(failure), failure.code, failure.message);
const CANCELLED = failed("cancelled", "cancelled", "");

/** Why an exchange failed: what breaks off once its client has gone broke off for that. */
const verdictOnEnd = ({ signal }: Exchange, error: unknown): Verdict =>
  signal.aborted ? CANCELLED : verdictOnFailure(asGatewayError(error));

/** Only a text that has one of these in it is worth parsing. */
const SUSPICIOUS = /"(?:isError"\s*:\s*true|error"\s*:\s*\{)/;

/** What a response says of its own success. */
function verdictOn(text: string): Verdict {
  const response = SUSPICIOUS.test(text) ? tryParse(text) : undefined;
  if (!isObject(response)) return OK;
  const { error, result } = response;
  if (isObject(error)) return failed("rpc_error", String(error.code), textOf(error.message));
  if (!isObject(result) || result.isError !== true) return OK;
  const said = (Array.isArray(result.content) ? result.content : []).map((part) => isObject(part) && textOf(part.text));
  return failed("tool_error", "tool_error", said.filter(Boolean).join(" "));
}

/** Runs a method, and records what came of it. */
export function recorded(exchange: Exchange, run: Method): Answer | Promise<Answer> {
  if (UNRECORDED.has(exchange.method) || !exchange.context.config.recording.calls) return run(exchange);
  try {
    const answer = run(exchange);
    if (!(answer instanceof Promise)) return noted(exchange, answer);
    return answer.then(
      (settled) => noted(exchange, settled),
      (error: unknown) => told(exchange, error),
    );
  } catch (error) {
    return told(exchange, error);
  }
}

/** Lists are made here, and may be long: there is nothing to be looked for in their texts. */
const isList = ({ method }: Exchange): boolean => method.endsWith("/list");

function noted(exchange: Exchange, answer: Answer): Answer {
  if (answer.kind === "stream") return { kind: "stream", messages: watched(exchange, answer.messages) };
  if (answer.kind === "error")
    note(exchange, failed("rpc_error", String(answer.error.code), answer.error.message), 0, [answer.error.message]);
  else if (answer.kind === "body") note(exchange, OK, answer.bytes, null);
  else note(exchange, isList(exchange) ? OK : verdictOn(answer.text), answer.text.length, [answer.text]);
  return answer;
}

function told(exchange: Exchange, error: unknown): never {
  note(exchange, verdictOnEnd(exchange, error), 0);
  throw error;
}

/** A stream's last message is its response; the time between messages is the upstream's. */
async function* watched(exchange: Exchange, messages: AsyncGenerator<string, void, void>): typeof messages {
  let last = "";
  let characters = 0;
  let verdict = CANCELLED; // unless it comes to its end
  const said: string[] | null = keepsPayloads(exchange) ? [] : null;
  try {
    for (;;) {
      const asked = Date.now();
      const { done, value } = await messages.next();
      exchange.timing.upstream += Date.now() - asked;
      if (done) break;
      last = value;
      characters += value.length;
      if (characters <= LARGEST) said?.push(value);
      yield value;
    }
    verdict = verdictOn(last);
  } catch (error) {
    verdict = verdictOnEnd(exchange, error);
    throw error;
  } finally {
    note(exchange, verdict, characters, characters <= LARGEST ? said : null);
    await messages.return();
  }
}

/** Whether its virtual server keeps what is asked and answered. */
const keepsPayloads = ({ view }: Exchange): boolean => (view.data.server?.payloads ?? "off") !== "off";

/** `said`: the messages of the answer; null where nobody read them, or they are too large. */
function note(exchange: Exchange, verdict: Verdict, bytesOut: number, said: readonly string[] | null = []): void {
  const { era, method, params, view, context, session, headers, timing } = exchange;
  const { kind, name, entry } = TARGETS.get(method)?.(view, params) ?? NOTHING;
  const { caller } = context;
  const call: Call = {
    id: context.requestId,
    at: timing.began,
    method: method.slice(0, LONGEST.method),
    kind,
    target: entry?.id ?? "",
    name: name.slice(0, LONGEST.name),
    server: view.data.server?.id ?? "",
    upstream: entry?.upstreamId ?? "",
    user: caller.id,
    token: caller.tokenId ?? "",
    client: clientOf(exchange),
    protocol: era === "modern" ? MODERN_VERSION : (session?.protocolVersion ?? ""),
    ...verdict,
    took: Date.now() - timing.began,
    upstreamTook: timing.upstream,
    bytesIn: Number(headers.get("content-length") ?? 0),
    bytesOut,
  };
  record(context.store, call, payloadOf(exchange, said));
}

/** What was asked and answered, as far as it is not too large. */
function payloadOf({ view, params }: Exchange, said: readonly string[] | null): Payload | undefined {
  const { payloads: mode = "off", payloadDays: days = 0 } = view.data.server ?? {};
  if (mode === "off") return undefined;
  const asked = JSON.stringify(params);
  const request = asked.length <= LARGEST ? asked : "";
  const response = said?.every((message) => message.length <= LARGEST) ? said : [];
  return { mode, days, request, response, left: request === "" || response !== said };
}

/** How the client introduced itself. */
function clientOf({ session, params, headers, era }: Exchange): string {
  const meta = isObject(params._meta) ? params._meta[PROTOCOL_META.clientInfo] : undefined;
  const info = session?.clientInfo ?? (isObject(meta) ? meta : undefined);
  if (info) return `${textOf(info.name)} ${textOf(info.version)}`.slice(0, LONGEST.client);
  return era === "modern" ? "" : (headers.get("user-agent") ?? "").slice(0, LONGEST.client);
}

/** Records a request that was turned away at an MCP door, before it was known what it is about. `server`: the door's. */
export function recordRefusal(context: Context, began: number, failure: GatewayError, server = ""): void {
  if (!context.config.recording.calls) return;
  record(context.store, {
    id: context.requestId,
    at: began,
    method: "",
    kind: "other",
    target: "",
    name: "",
    server,
    upstream: "",
    user: context.caller.id,
    token: context.caller.tokenId ?? "",
    client: "",
    protocol: "",
    ...verdictOnFailure(failure),
    took: Date.now() - began,
    upstreamTook: 0,
    bytesIn: 0,
    bytesOut: 0,
  });
}
