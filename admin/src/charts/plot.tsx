// The frame of a chart: lines across with their values, marks below, and a point that pointer or arrow keys move along to
// read the values there. The drawing is 600 by 176 and stretches.
import type { ComponentChildren, TargetedPointerEvent } from "preact";
import { useId, useState } from "preact/hooks";
import type { Mark } from "./scale.ts";
import { Swatch, type Tone } from "./tones.tsx";

export const WIDTH = 600;
export const HEIGHT = 176;

/** What is to be read at a place. */
export type Reading = { head: string; rows: readonly { name: string; value: string; tone?: Tone }[] };

/**
 * The places that can be read: how many, where the middle of each is from the left (0 to 1), which one lies at a point (0 to
 * 1, from the left and from above), what stands there, and how many places the upper arrow key goes on.
 */
export type Places = {
  count: number;
  middle: (place: number) => number;
  pick: (x: number, y: number) => number;
  read: (place: number) => Reading;
  up: number;
};

type PlotProps = {
  title: string;
  /** The chart in a sentence. */
  desc: string;
  /** What stands beside the drawing, from above: at the lines across, or without `lines` beside as many rows. */
  labels: readonly string[];
  lines?: boolean;
  marks: readonly Mark[];
  places: Places;
  children: ComponentChildren;
};

export function Plot({ title, desc, labels, lines, marks, places, children }: PlotProps) {
  const id = useId();
  return (
    <div class="plot">
      <div class={lines ? "plot-y" : "plot-y rows"} aria-hidden="true">
        {labels.map((label) => (
          <span key={label}>{label}</span>
        ))}
      </div>
      <div class="plot-d">
        <svg
          viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
          preserveAspectRatio="none"
          role="img"
          aria-labelledby={`${id}-t`}
          aria-describedby={`${id}-d`}
        >
          <title id={`${id}-t`}>{title}</title>
          <desc id={`${id}-d`}>{desc}</desc>
          {lines && labels.map((label, at) => <Across key={label} share={at / (labels.length - 1)} />)}
          {children}
        </svg>
        <Probe title={title} places={places} />
      </div>
      <div class="plot-x" aria-hidden="true">
        {marks.map((mark) => (
          <span key={mark.text + mark.at} style={{ left: `${mark.at * 100}%`, translate: `${-mark.at * 100}%` }}>
            {mark.text}
          </span>
        ))}
      </div>
    </div>
  );
}

const Across = ({ share }: { share: number }) => (
  <path class={share === 1 ? "gl base" : "gl"} d={`M0 ${share * HEIGHT}H${WIDTH}`} />
);

/** How far down a value stands. */
export const yOf = (value: number, most: number): number => Math.round((1 - value / most) * HEIGHT * 10) / 10;

const MOVES: Record<string, (at: number, places: Places) => number> = {
  ArrowRight: (at) => at + 1,
  ArrowLeft: (at) => at - 1,
  ArrowUp: (at, { up }) => at + up,
  ArrowDown: (at, { up }) => at - up,
  Home: () => 0,
  End: (_, { count }) => count - 1,
};

/** Lies over the drawing: shows the values at the place that is pointed at, or that arrow keys led to. */
function Probe({ title, places }: { title: string; places: Places }) {
  const [chosen, choose] = useState<number>();
  const last = places.count - 1;
  if (last < 0) return null;
  const place = Math.min(chosen ?? last, last);
  const at = places.middle(place);
  const reading = places.read(place);
  const onKeyDown = (event: KeyboardEvent): void => {
    const move = MOVES[event.key];
    if (event.key === "Escape") choose(undefined);
    if (move === undefined) return;
    event.preventDefault();
    const next = move(place, places);
    choose(next >= 0 && next <= last ? next : place);
  };
  const onPointer = (event: TargetedPointerEvent<HTMLDivElement>): void => {
    const { left, top, width, height } = event.currentTarget.getBoundingClientRect();
    const found = places.pick((event.clientX - left) / width, (event.clientY - top) / height);
    choose(Math.min(last, Math.max(0, found)));
  };
  return (
    <>
      <div
        class="probe"
        role="slider"
        tabIndex={0}
        aria-label={`${title}, read along`}
        aria-valuemin={0}
        aria-valuemax={last}
        aria-valuenow={place}
        aria-valuetext={asText(reading)}
        onKeyDown={onKeyDown}
        onFocus={() => choose((before) => before ?? last)}
        onBlur={() => choose(undefined)}
        onPointerMove={onPointer}
        onPointerDown={onPointer}
        onPointerLeave={() => choose(undefined)}
      />
      {chosen !== undefined && (
        <>
          <span class="probe-l" style={{ left: `${at * 100}%` }} />
          <div class="tip" aria-hidden="true" style={{ left: `${at * 100}%`, translate: `${-at * 100}%` }}>
            <b>{reading.head}</b>
            <dl>
              {reading.rows.map((row) => (
                <div key={row.name}>
                  <dt>
                    {row.tone && <Swatch tone={row.tone} />}
                    {row.name}
                  </dt>
                  <dd>{row.value}</dd>
                </div>
              ))}
            </dl>
          </div>
        </>
      )}
    </>
  );
}

const asText = ({ head, rows }: Reading): string =>
  `${head}: ${rows.map(({ name, value }) => `${name} ${value}`).join(", ") || "none"}`;
