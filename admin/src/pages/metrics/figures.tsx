// The figures of all calls that are shown, each with what it was in the time before.
import { measured, percent, size, whole } from "../../parts/numbers.ts";
import { ByCount, ByShare, Figure } from "./figure.tsx";
import type { Shown } from "./load.ts";
import { errorRate } from "./metrics.ts";

export function Figures({ shown: { answer, range } }: { shown: Shown }) {
  const { total, previous } = answer;
  const known = previous.calls > 0;
  return (
    <dl class="deck kpis">
      <Figure name="Calls" value={whole(total.calls)}>
        <ByCount now={total.calls} then={previous.calls} before={range.before} />
      </Figure>
      <Figure name="Error rate" value={percent(errorRate(total))}>
        <ByShare now={errorRate(total)} then={errorRate(previous)} known={known} />
      </Figure>
      <Figure name="Causeway adds, p95" value={measured(total.gateway.p95)}>
        {known && `before ${measured(previous.gateway.p95)}`}
      </Figure>
      <Figure name="Servers take, p95" value={measured(total.upstream.p95)}>
        {known && `before ${measured(previous.upstream.p95)}`}
      </Figure>
      <Figure name="Clients" value={whole(total.clients)}>
        {known && `before ${whole(previous.clients)}`}
      </Figure>
      <Figure name="Answers" value={size(total.bytesOut)}>
        {known && `before ${size(previous.bytesOut)}`}
      </Figure>
    </dl>
  );
}
