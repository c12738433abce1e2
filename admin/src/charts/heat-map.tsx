// A week by hour: how much there is in each hour of each weekday, darker for more.
import { HEIGHT, type Places, Plot, WIDTH } from "./plot.tsx";
import { WEEKDAYS } from "./scale.ts";

const HOURS = 24;
const SHADES = 4;
const MARKS = [0, 6, 12, 18].map((hour) => ({ at: hour / HOURS, text: `${String(hour).padStart(2, "0")}:00` }));
const GAP = 1.5;

type HeatMapProps = {
  title: string;
  desc: string;
  /** By weekday from Monday, then by hour, in the time of this browser. */
  values: readonly (readonly number[])[];
  format: (value: number) => string;
};

export function HeatMap({ title, desc, values, format }: HeatMapProps) {
  const most = Math.max(0, ...values.flat());
  const wide = WIDTH / HOURS;
  const high = HEIGHT / WEEKDAYS.length;
  const places: Places = {
    count: WEEKDAYS.length * HOURS,
    middle: (place) => ((place % HOURS) + 0.5) / HOURS,
    pick: (x, y) =>
      Math.min(WEEKDAYS.length - 1, Math.floor(y * WEEKDAYS.length)) * HOURS +
      Math.min(HOURS - 1, Math.floor(x * HOURS)),
    up: -HOURS,
    read: (place) => {
      const [row, hour] = [Math.floor(place / HOURS), place % HOURS];
      return {
        head: `${WEEKDAYS[row]}, ${hour}:00 to ${hour + 1}:00`,
        rows: [{ name: title, value: format(values[row]?.[hour] ?? 0) }],
      };
    },
  };
  return (
    <Plot title={title} desc={desc} labels={WEEKDAYS} marks={MARKS} places={places}>
      {values.map((row, at) =>
        row.map((value, hour) => (
          <rect
            key={`${at} ${hour}`}
            class={`h${value > 0 ? Math.ceil((value / most) * SHADES) : 0}`}
            x={hour * wide + GAP}
            y={at * high + GAP}
            width={wide - 2 * GAP}
            height={high - 2 * GAP}
          />
        )),
      )}
    </Plot>
  );
}
