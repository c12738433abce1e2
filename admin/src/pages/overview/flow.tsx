// What went through in the time: figures against the time before, calls by what came of them, and how long they took.
import type { Outcome } from "../../../../src/schemas/calls.ts";
import { ChartCard } from "../../charts/card.tsx";
import { Spark, TimeChart } from "../../charts/lazy.ts";
import { spanText } from "../../charts/scale.ts";
import { Legend, type Tone } from "../../charts/tones.tsx";
import { duration, measured, percent, short, whole } from "../../parts/numbers.ts";
import { ByCount, ByShare, Figure } from "../metrics/figure.tsx";
import { errorRate, type MetricsAnswer, OUTCOME_TONES, STEP_MS, startsOf } from "../metrics/metrics.ts";
import { OUTCOME_WORDS } from "../requests/requests.ts";
import type { Traffic } from "./facts.ts";

export function Flow({ traffic: { range, outcomes } }: { traffic: Traffic }) {
  return (
    <>
      <Figures answer={outcomes} before={range.before} />
      <div class="duo">
        <CallsChart answer={outcomes} />
        <LatencyChart answer={outcomes} />
      </div>
    </>
  );
}

function Figures({ answer: { total, previous, series }, before }: { answer: MetricsAnswer; before: string }) {
  const spark = (tone: Tone, value: (point: MetricsAnswer["series"][number]) => number | null) => (
    <Spark tone={tone} values={series.map(value)} />
  );
  return (
    <dl class="deck kpis">
      <Figure name="Calls" value={whole(total.calls)} spark={spark(1, ({ calls }) => calls)}>
        <ByCount now={total.calls} then={previous.calls} before={before} />
      </Figure>
      <Figure
        name="Error rate"
        value={percent(errorRate(total))}
        spark={spark(5, ({ calls, errors }) => (calls === 0 ? null : errors / calls))}
      >
        <ByShare now={errorRate(total)} then={errorRate(previous)} known={previous.calls > 0} />
      </Figure>
      <Figure
        name="Time Causeway adds, p95"
        value={measured(total.gateway.p95)}
        spark={spark(1, ({ p95 }) => p95.gateway)}
      >
        p50 {measured(total.gateway.p50)}
      </Figure>
      <Figure
        name="Time servers take, p95"
        value={measured(total.upstream.p95)}
        spark={spark(6, ({ p95 }) => p95.upstream)}
      >
        p50 {measured(total.upstream.p50)}
      </Figure>
    </dl>
  );
}

function CallsChart({ answer }: { answer: MetricsAnswer }) {
  const { groups, series, step, total } = answer;
  const present = (Object.keys(OUTCOME_TONES) as Outcome[]).filter((one) => groups.some(({ key }) => key === one));
  const layers = present.map((one) => ({
    name: OUTCOME_WORDS[one].word,
    tone: OUTCOME_TONES[one],
    values: series.map((point) => point.groups[one]?.calls ?? 0),
  }));
  return (
    <ChartCard
      title="Calls by outcome"
      table={{
        head: ["From", ...layers.map(({ name }) => name)],
        rows: series.map(({ start }, at) => [
          spanText(Date.parse(start), STEP_MS[step]),
          ...layers.map(({ values }) => whole(values[at] ?? 0)),
        ]),
      }}
      legend={
        <Legend
          entries={present.map((one) => ({
            name: OUTCOME_WORDS[one].word,
            tone: OUTCOME_TONES[one],
            value: whole(groups.find(({ key }) => key === one)?.calls ?? 0),
          }))}
        />
      }
    >
      <TimeChart
        title="Calls by outcome"
        desc={`${whole(total.calls)} calls, of which ${whole(total.errors)} failed, by ${step}.`}
        as="bars"
        whole
        starts={startsOf(answer)}
        step={STEP_MS[step]}
        series={layers}
        format={short}
      />
    </ChartCard>
  );
}

function LatencyChart({ answer }: { answer: MetricsAnswer }) {
  const { series, step, total } = answer;
  const lines = [
    { name: "Causeway", tone: 1 as const, values: series.map(({ p95 }) => p95.gateway) },
    { name: "servers", tone: 6 as const, values: series.map(({ p95 }) => p95.upstream) },
  ];
  return (
    <ChartCard
      title="Latency, p95"
      table={{
        head: ["From", "Causeway", "Servers"],
        rows: series.map(({ start, p95 }) => [
          spanText(Date.parse(start), STEP_MS[step]),
          measured(p95.gateway),
          measured(p95.upstream),
        ]),
      }}
      legend={
        <Legend
          entries={[
            { name: "Causeway", tone: 1, line: true, value: measured(total.gateway.p95) },
            { name: "servers", tone: 6, line: true, value: measured(total.upstream.p95) },
          ]}
        />
      }
    >
      <TimeChart
        title="Latency, p95"
        desc={`95 % of calls: Causeway adds up to ${measured(total.gateway.p95)}, servers take up to ${measured(total.upstream.p95)}, by ${step}.`}
        as="lines"
        starts={startsOf(answer)}
        step={STEP_MS[step]}
        series={lines}
        format={duration}
      />
    </ChartCard>
  );
}
