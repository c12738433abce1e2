// The range of time that metrics are asked for: whole steps, and as many before them to compare with.
import { GatewayError } from "../errors.ts";
import { daysKept, SECONDS, startOf } from "../observability/rollups.ts";
import type { MetricsQuery, Step } from "../schemas/metrics.ts";

/** Steps from `since` to `until`, those to compare with from `before` on, and the `length` of one. Milliseconds. */
export interface Steps {
  readonly step: Step;
  readonly length: number;
  readonly before: number;
  readonly since: number;
  readonly until: number;
}

const DAY = 86_400_000;
/** What a request may have taken since its range was reckoned. */
const LATE = 60_000;
/** Ranges up to which a step is taken when none is asked for. Milliseconds. */
const UP_TO: readonly (readonly [Step, number])[] = [
  ["minute", DAY / 4 + LATE],
  ["hour", 7 * DAY + LATE],
];
const MOST_STEPS = 1_500;

/** @throws GatewayError `invalid_params` for a range that is none, or has more steps than an answer shows. */
export function rangeOf({ since: from, until: to, step: asked }: MetricsQuery, rollupDays: number): Steps {
  const until = to === undefined ? Date.now() : Date.parse(to);
  const since = from === undefined ? until - DAY : Date.parse(from);
  if (since >= until) throw refusal("since", "since must be before until");
  const age = (Date.now() - since) / DAY;
  const fits = UP_TO.find(([step, most]) => until - since <= most && age <= daysKept[step](rollupDays));
  const step = asked ?? fits?.[0] ?? "day";
  const length = SECONDS[step] * 1000;
  const begin = startOf(step, since / 1000) * 1000;
  const count = Math.ceil((until - begin) / length);
  if (count > MOST_STEPS) throw refusal("step", `is too fine: the range has more than ${MOST_STEPS} of this step`);
  return { step, length, before: begin - count * length, since: begin, until: begin + count * length };
}

const refusal = (field: string, text: string): GatewayError =>
  new GatewayError("invalid_params", text, { details: { field } });
