// Values over time: stacked bars of what adds up, or lines of what does not.
import { HEIGHT, type Places, Plot, WIDTH, yOf } from "./plot.tsx";
import { spanText, timeMarks, valueTicks } from "./scale.ts";
import type { Tone } from "./tones.tsx";

/** One line, or one layer of the bars, by bucket; null where nothing is known. */
export type Series = { name: string; tone: Tone; dashed?: boolean; values: readonly (number | null)[] };

export type TimeChartProps = {
  title: string;
  /** The chart in a sentence. */
  desc: string;
  as: "bars" | "lines";
  /** Begins of the buckets and their length, in milliseconds; they lie side by side. */
  starts: readonly number[];
  step: number;
  series: readonly Series[];
  format: (value: number) => string;
  /** Lines drawn over it, on the same scale. */
  over?: readonly Series[];
  /** What is counted has no halves on its axis. */
  whole?: boolean;
};

const BAR = 0.78;
const MOST_BARS = 80;
const TOGETHER = [1, 2, 3, 5, 6, 10, 12, 15, 30];

/** Counts of several buckets in one bar, where there would be too many bars; they begin at round times. */
function fewer({ starts, step, series }: Pick<TimeChartProps, "starts" | "step" | "series">) {
  const length = step * (TOGETHER.find((n) => starts.length / n <= MOST_BARS) ?? starts.length);
  const begin = (start: number): number => start - (start % length);
  const begins = [...new Set(starts.map(begin))];
  return {
    starts: begins,
    step: length,
    series: series.map((one) => {
      const values = new Array<number>(begins.length).fill(0);
      for (const [at, value] of one.values.entries()) {
        const bar = begins.indexOf(begin(starts[at] ?? 0));
        values[bar] = (values[bar] ?? 0) + (value ?? 0);
      }
      return { ...one, values };
    }),
  };
}

export function TimeChart({ title, desc, as, format, whole, over = [], ...given }: TimeChartProps) {
  const { starts, step, series } = as === "bars" ? fewer(given) : given;
  const lines = as === "bars" ? fewer({ ...given, series: over }).series : over;
  const since = starts[0] ?? 0;
  const until = (starts.at(-1) ?? since) + step;
  const highest =
    as === "bars"
      ? starts.map((_, at) => series.reduce((sum, { values }) => sum + (values[at] ?? 0), 0))
      : series.flatMap(({ values }) => values.map((value) => value ?? 0));
  const above = lines.flatMap(({ values }) => values.map((value) => value ?? 0));
  const ticks = valueTicks(Math.max(0, ...highest, ...above), whole);
  const most = ticks.at(-1) ?? 1;
  const places: Places = {
    count: starts.length,
    middle: (place) => (place + 0.5) / starts.length,
    pick: (x) => Math.floor(x * starts.length),
    up: 1,
    read: (place) => ({
      head: spanText(starts[place] ?? since, step),
      rows: [...series, ...lines]
        .map(({ name, tone, values }) => ({ name, tone, value: values[place] ?? null }))
        // what is not in a bar is not read out of it
        .filter(({ value }) => as === "lines" || value !== 0)
        .map((row) => ({ ...row, value: row.value === null ? "none" : format(row.value) })),
    }),
  };
  return (
    <Plot
      title={title}
      desc={desc}
      lines
      labels={ticks.toReversed().map(format)}
      marks={timeMarks(since, until)}
      places={places}
    >
      {as === "bars" ? (
        <Bars count={starts.length} series={series} most={most} />
      ) : (
        series.map((one) => <Line key={one.name} {...one} most={most} />)
      )}
      {lines.map((one) => (
        <Line key={one.name} {...one} most={most} />
      ))}
    </Plot>
  );
}

/** One path for each layer: 100 bars of 8 layers are 8 elements. */
function Bars({ count, series, most }: { count: number; series: readonly Series[]; most: number }) {
  const wide = WIDTH / Math.max(1, count);
  const below = new Array<number>(count).fill(0);
  return series.map(({ name, tone, values }) => {
    let path = "";
    for (let at = 0; at < count; at++) {
      const value = values[at] ?? 0;
      if (value === 0) continue;
      const from = below[at] ?? 0;
      below[at] = from + value;
      path += `M${round((at + (1 - BAR) / 2) * wide)} ${yOf(from, most)}h${round(wide * BAR)}V${yOf(from + value, most)}h${round(-wide * BAR)}z`;
    }
    return <path key={name} class={`c${tone}`} d={path} />;
  });
}

/** Values side by side are joined; one alone is a dot, which is a line of no length with round ends. */
function Line({ tone, dashed, values, most }: Series & { most: number }) {
  let [path, dots] = ["", ""];
  const isKnown = (at: number): boolean => typeof values[at] === "number";
  for (const [at, value] of values.entries()) {
    if (value === null) continue;
    const point = `${round(((at + 0.5) / values.length) * WIDTH)} ${yOf(value, most)}`;
    if (isKnown(at - 1)) path += `L${point}`;
    else if (isKnown(at + 1)) path += `M${point}`;
    else dots += `M${point}h0.01`;
  }
  return (
    <>
      <path class={`ln l${tone}${dashed ? " dash" : ""}`} d={path} />
      <path class={`ln l${tone} dots`} d={dots} />
    </>
  );
}

const round = (n: number): number => Math.round(n * 10) / 10;

/** A line without axes, for a figure that stands beside it. */
export function Spark({ values, tone }: { values: readonly (number | null)[]; tone: Tone }) {
  const most = Math.max(1, ...values.map((value) => value ?? 0));
  return (
    <svg class="spark" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
      <Line name="" tone={tone} values={values} most={most} />
    </svg>
  );
}
