// Small marks of a request: what came of it, and where its time went.
import { Badge } from "../../parts/badges.tsx";
import { ms, OUTCOME_WORDS, type Row } from "./requests.ts";

export const OutcomeBadge = ({ outcome, title }: Pick<Row, "outcome"> & { title?: string }) => (
  <Badge tone={OUTCOME_WORDS[outcome].tone} icon={OUTCOME_WORDS[outcome].icon} {...(title ? { title } : {})}>
    {OUTCOME_WORDS[outcome].word}
  </Badge>
);

const WIDE = 88;
const LEAST = 2;
const GAP = 1.5;

/** The gateway's share and the upstream's, as long as they took; `most` milliseconds are the whole width. */
export function Span({ row, most }: { row: Row; most: number }) {
  const { took, upstreamTook, outcome } = row;
  const wide = (n: number): number => (n <= 0 ? 0 : Math.max(LEAST, (n / Math.max(most, 1)) * (WIDE - LEAST - GAP)));
  const own = wide(Math.max(0, took - upstreamTook));
  const theirs = wide(upstreamTook);
  const failed = outcome === "timeout" || outcome === "upstream_error";
  return (
    <svg class={failed ? "span bad" : "span"} viewBox={`0 0 ${WIDE} 10`} role="img" aria-label={sharesOf(row)}>
      <path class="road" d={`M0 5h${WIDE}`} />
      <rect class="g" x="0" y="1" width={own} height="8" rx="1.5" />
      <rect class="u" x={own > 0 ? own + GAP : 0} y="1" width={Math.min(theirs, WIDE - own)} height="8" rx="1.5" />
    </svg>
  );
}

const sharesOf = ({ took, upstreamTook }: Row): string =>
  `gateway ${ms(Math.max(0, took - upstreamTook))} ms, server ${ms(upstreamTook)} ms`;
