// When it is busy: calls of the last 7 days by weekday and hour, in the time of this browser.
import { ChartCard } from "../../charts/card.tsx";
import { HeatMap } from "../../charts/lazy.ts";
import { WEEKDAYS } from "../../charts/scale.ts";
import { whole } from "../../parts/numbers.ts";
import type { Shown } from "./load.ts";

const HOURS = Array.from({ length: 24 }, (_, hour) => hour);

export function BusyHours({ shown: { week } }: { shown: Shown }) {
  const values = byHour(week);
  return (
    <ChartCard
      title="When it is busy"
      about="calls an hour, last 7 days"
      table={{
        head: ["Hour", ...WEEKDAYS],
        rows: HOURS.map((hour) => [`${hour}:00`, ...values.map((row) => whole(row[hour] ?? 0))]),
      }}
    >
      <HeatMap
        title="When it is busy"
        desc={`${whole(week.total.calls)} calls of the last 7 days by weekday and hour; at most ${whole(Math.max(...values.flat()))} in an hour.`}
        values={values}
        format={whole}
      />
    </ChartCard>
  );
}

function byHour({ series }: Shown["week"]): number[][] {
  const values = WEEKDAYS.map(() => HOURS.map(() => 0));
  for (const { start, calls } of series) {
    const at = new Date(start);
    const row = values[(at.getDay() + 6) % 7];
    if (row) row[at.getHours()] = (row[at.getHours()] ?? 0) + calls;
  }
  return values;
}
