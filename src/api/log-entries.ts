// Requests in the words of ContextForge's log calls, and its filters in ours.
import { GatewayError } from "../errors.ts";
import { type Call, OUTCOMES, type Outcome, sentenceOf, TARGET_KINDS, type TargetKind } from "../schemas/calls.ts";
import {
  COMPONENT_OF,
  LEVEL_OF,
  LEVELS,
  type Level,
  type LogEntry,
  type LogFilter,
  type LogList,
  type LogSearch,
  type StructuredEntry,
} from "../schemas/logs.ts";
import type { RequestFilter } from "../schemas/requests.ts";

const timeText = (ms: number): string => new Date(ms).toISOString();

/** A last moment as the first one that is out. */
const after = (last: string | undefined): string | undefined =>
  last === undefined ? undefined : timeText(Date.parse(last) + 1);

const outcomesWith = (wanted: (level: Level, outcome: Outcome) => boolean): Outcome[] =>
  (Object.keys(OUTCOMES) as Outcome[]).filter((outcome) => wanted(LEVEL_OF[outcome], outcome));

/** Kinds by the names that their component goes by. */
const kindsOf = (components: readonly string[]): TargetKind[] =>
  TARGET_KINDS.filter(
    (kind) =>
      components.includes(kind) ||
      components.includes(COMPONENT_OF[kind]) ||
      (kind === "other" && components.includes("gateway")),
  );

/** A filter for an entity. @throws GatewayError `invalid_params` when it is not said which, and has to be. */
function entityFilter({ entity_type: type, entity_id: id }: LogFilter): RequestFilter {
  if (type === undefined) return { target: id };
  if (type !== "server" && type !== "gateway") return { kind: [type], target: id };
  if (id === undefined)
    throw new GatewayError("invalid_params", `entity_type=${type} takes an entity_id`, {
      details: { field: "entity_id" },
    });
  return type === "server" ? { server: id } : { upstream: id };
}

/** What the log viewer is asked for. @throws GatewayError `invalid_params`, see `entityFilter`. */
export function viewerFilter(asked: LogFilter): RequestFilter {
  const { level, component, search, request_id, start_time, end_time } = asked;
  const entity = entityFilter(asked);
  const kinds = component && kindsOf(component).filter((kind) => entity.kind?.includes(kind) ?? true);
  return {
    ...entity,
    kind: kinds ?? entity.kind,
    outcome: level && outcomesWith((one) => LEVELS.indexOf(one) >= LEVELS.indexOf(level)),
    q: search,
    request_id,
    since: start_time,
    until: after(end_time),
  };
}

/** What the structured search is asked for. */
export function searchFilter(asked: LogSearch): RequestFilter {
  const { level, has_error: failed } = asked;
  return {
    q: asked.search_text ?? undefined,
    outcome: outcomesWith(
      (one, outcome) => (level?.includes(one) ?? true) && (failed ?? outcome !== "ok") === (outcome !== "ok"),
    ),
    kind: asked.component ? kindsOf(asked.component) : undefined,
    request_id: asked.correlation_id ?? undefined,
    user: asked.user_id ?? undefined,
    since: asked.start_time ?? undefined,
    until: after(asked.end_time ?? undefined),
    min_ms: asked.min_duration_ms ?? undefined,
    max_ms: asked.max_duration_ms ?? undefined,
  };
}

/** What a call was of, or else the virtual server that it came to. */
const entityOf = ({
  kind,
  target,
  name,
  server,
}: Call): [type: string | null, id: string | null, name: string | null] =>
  kind === "other" ? [server ? "server" : null, server || null, name || null] : [kind, target || null, name || null];

/** A call as an entry of the log viewer. */
export function logEntryOf(call: Call): LogEntry {
  const [entity_type, entity_id, entity_name] = entityOf(call);
  const component = COMPONENT_OF[call.kind];
  return {
    id: call.id,
    timestamp: timeText(call.at),
    level: LEVEL_OF[call.outcome],
    entity_type,
    entity_id,
    entity_name,
    message: sentenceOf(call),
    logger: component,
    component,
    request_id: call.id,
    data: {
      method: call.method,
      outcome: call.outcome,
      error: call.error || null,
      user: call.user || null,
      client: call.client || null,
      server_id: call.server || null,
      gateway_id: call.upstream || null,
      duration_ms: call.took,
      upstream_duration_ms: call.upstreamTook,
    },
  };
}

/** A call as an entry of the structured search. */
export const structuredEntryOf = (call: Call): StructuredEntry => ({
  id: call.id,
  timestamp: timeText(call.at),
  level: LEVEL_OF[call.outcome].toUpperCase(),
  component: COMPONENT_OF[call.kind],
  message: sentenceOf(call),
  correlation_id: call.id,
  user_id: call.user || null,
  user_email: call.user || null,
  duration_ms: call.took,
  operation_type: call.method,
  request_path: null,
  request_method: null,
  is_security_event: call.outcome === "denied",
  error_details:
    call.outcome === "ok" ? null : { outcome: call.outcome, code: call.error || null, message: call.message || null },
});

const counted = (words: Iterable<string>): Record<string, number> => {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return Object.fromEntries(counts);
};

/** What calls add up to, as the log viewer tells it. */
export function statsOf(calls: readonly Call[]): LogList["stats"] {
  const entities = calls.map(entityOf);
  return {
    total_logs: calls.length,
    unique_entities: new Set(entities.flatMap(([type, id]) => (id ? [`${type}:${id}`] : []))).size,
    unique_requests: new Set(calls.map(({ id }) => id)).size,
    level_distribution: counted(calls.map(({ outcome }) => LEVEL_OF[outcome])),
    entity_distribution: counted(entities.flatMap(([type]) => type ?? [])),
  };
}
