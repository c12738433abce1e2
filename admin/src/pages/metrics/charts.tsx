// The measure over time, by group; the first few groups; how long calls took.
import { ChartCard } from "../../charts/card.tsx";
import { TimeChart } from "../../charts/lazy.ts";
import { Ranks } from "../../charts/ranks.tsx";
import { spanText } from "../../charts/scale.ts";
import type { Series } from "../../charts/time-chart.tsx";
import { Legend, TONES } from "../../charts/tones.tsx";
import { duration, NONE } from "../../parts/numbers.ts";
import type { Shown } from "./load.ts";
import { BY, MEASURES } from "./measures.ts";
import { STEP_MS, startsOf } from "./metrics.ts";

/** Groups that are drawn; the rest are one. */
const DRAWN = 5;
const RANKED = 8;

/** What one group is called: texts that clients send may be the same or empty. */
const titleOf = ({ wish: { measure, by } }: Shown): string =>
  by === "none" ? MEASURES[measure].label : `${MEASURES[measure].label} by ${BY[by].noun}`;

function seriesOf({ answer, wish }: Shown): Series[] {
  const { groups, series } = answer;
  const { at, as } = MEASURES[wish.measure];
  const drawn = groups.slice(0, DRAWN).map((group, n) => ({
    name: group.name,
    tone: TONES[n] ?? 6,
    values: series.map((point) => {
      const own = point.groups[group.key];
      return own ? at(own) : as === "bars" ? 0 : null;
    }),
  }));
  const others = answer.groupCount - drawn.length;
  if (as !== "bars" || others <= 0) return drawn;
  const rest = series.map(
    (point, n) => (at(point) ?? 0) - drawn.reduce((sum, { values }) => sum + (values[n] ?? 0), 0),
  );
  return [...drawn, { name: `${others} others`, tone: 6, values: rest }];
}

/** The same time before, on the times of now. */
function beforeOf({ before, wish, range }: Shown): Series[] {
  if (before === undefined) return [];
  const { at } = MEASURES[wish.measure];
  return [{ name: range.before, tone: 6, dashed: true, values: before.series.map(at) }];
}

export function Over({ shown }: { shown: Shown }) {
  const { answer, wish } = shown;
  const { format, onAxis, as, of } = MEASURES[wish.measure];
  const { series, step } = answer;
  const layers = seriesOf(shown);
  const before = beforeOf(shown);
  const title = titleOf(shown);
  const total = of(answer.total);
  return (
    <ChartCard
      title={title}
      about={`by ${step}`}
      table={{
        head: ["From", ...[...layers, ...before].map(({ name }) => name)],
        rows: series.map(({ start }, at) => [
          spanText(Date.parse(start), STEP_MS[step]),
          ...[...layers, ...before].map(({ values }) => shownValue(values[at], format)),
        ]),
      }}
      legend={
        <Legend
          entries={[...layers, ...before].map(({ name, tone, dashed }) => ({
            name,
            tone,
            line: as === "lines" || dashed === true,
            dashed: dashed === true,
          }))}
        />
      }
    >
      <TimeChart
        title={title}
        desc={`${total === null ? "None" : format(total)} in all, ${shown.range.words}, by ${step}.`}
        as={as}
        whole={as === "bars"}
        starts={startsOf(answer)}
        step={STEP_MS[step]}
        series={layers}
        over={before}
        format={onAxis}
      />
    </ChartCard>
  );
}

const shownValue = (value: number | null | undefined, format: (value: number) => string): string =>
  value === null || value === undefined ? NONE : format(value);

export function Top({ shown }: { shown: Shown }) {
  const { of, format, label } = MEASURES[shown.wish.measure];
  const ranks = shown.answer.groups
    .map((group) => ({ key: group.key, name: group.name, value: of(group) ?? 0 }))
    .filter(({ value }) => value > 0)
    .sort((one, other) => other.value - one.value)
    .slice(0, RANKED);
  return (
    <section class="card" aria-labelledby="top">
      <header>
        <h2 id="top">The most</h2>
        <small>{label}</small>
      </header>
      <div class="card-b">
        {ranks.length === 0 ? <p class="hint">None.</p> : <Ranks ranks={ranks} format={format} />}
      </div>
    </section>
  );
}

export function Latency({ shown: { answer } }: { shown: Shown }) {
  const { series, step, total } = answer;
  return (
    <ChartCard
      title="Latency, p95"
      about={`by ${step}`}
      table={{
        head: ["From", "Causeway", "Servers"],
        rows: series.map(({ start, p95 }) => [
          spanText(Date.parse(start), STEP_MS[step]),
          duration(p95.gateway),
          duration(p95.upstream),
        ]),
      }}
      legend={
        <Legend
          entries={[
            { name: "Causeway", tone: 1, line: true, value: percentiles(total.gateway) },
            { name: "servers", tone: 2, line: true, value: percentiles(total.upstream) },
          ]}
        />
      }
    >
      <TimeChart
        title="Latency, p95"
        desc={`Causeway adds ${duration(total.gateway.p95)}, servers take ${duration(total.upstream.p95)}.`}
        as="lines"
        starts={startsOf(answer)}
        step={STEP_MS[step]}
        series={[
          { name: "Causeway", tone: 1, values: series.map(({ p95 }) => p95.gateway) },
          { name: "servers", tone: 2, values: series.map(({ p95 }) => p95.upstream) },
        ]}
        format={duration}
      />
    </ChartCard>
  );
}

const percentiles = ({ p50, p95, p99 }: { p50: number | null; p95: number | null; p99: number | null }): string =>
  `p50 ${duration(p50)}, p95 ${duration(p95)}, p99 ${duration(p99)}`;
