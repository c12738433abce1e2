// A figure with what it was in the time before.
import type { ComponentChildren } from "preact";
import { percent } from "../../parts/numbers.ts";

type FigureProps = { name: string; value: string; spark?: ComponentChildren; children?: ComponentChildren };

export const Figure = ({ name, value, spark, children }: FigureProps) => (
  <div>
    <dt>{name}</dt>
    <dd>
      <span class="big">{value}</span> <small>{children}</small>
      {spark}
    </dd>
  </div>
);

const signed = (share: number): string => `${share < 0 ? "−" : "+"}${percent(Math.abs(share))}`;

/** A count against that of the time before. */
export const ByCount = ({ now, then, before }: { now: number; then: number; before: string }) => (
  <span>{then === 0 ? `none ${before}` : `${signed(now / then - 1)} on ${before}`}</span>
);

/** A share of errors against that of the time before, in points. */
export const ByShare = ({ now, then, known }: { now: number; then: number; known: boolean }) => {
  if (!known) return null;
  const text = `${signed(now - then).replace(" %", "")} points`;
  return <span class={now > then ? "t-warn" : "t-ok"}>{text}</span>;
};
