// The newest calls that failed.
import type { Call } from "../../../../src/schemas/calls.ts";
import { Icon, type IconName } from "../../parts/icon.tsx";
import { When } from "../../parts/time.tsx";
import { OUTCOMES } from "../metrics/metrics.ts";

const MARKS: Partial<Record<Call["outcome"], [IconName, string]>> = {
  denied: ["key", "t-auth"],
  tool_error: ["warn", "t-warn"],
  limited: ["warn", "t-warn"],
  cancelled: ["stop", "mut"],
};
const USUAL: [IconName, string] = ["bad", "t-bad"];

export const Failures = ({ calls }: { calls: readonly Call[] }) => (
  <section class="card" aria-labelledby="failures">
    <header>
      <h2 id="failures">Recent failures</h2>
      <a class="push" href="/ui/metrics?by=error&measure=errors">
        All
      </a>
    </header>
    {calls.length === 0 && <p class="src-none">No call failed of late.</p>}
    <ul class="list">
      {calls.map((call) => {
        const [icon, tone] = MARKS[call.outcome] ?? USUAL;
        return (
          <li key={call.id}>
            <span class={tone}>
              <Icon name={icon} />
            </span>
            <span class="grow">
              {call.kind === "tool" && call.target ? (
                <a class="m" href={`/ui/tools/${encodeURIComponent(call.target)}`}>
                  {call.name}
                </a>
              ) : (
                <b class="m">{call.name || call.method}</b>
              )}
              <small>
                {OUTCOMES[call.outcome].word}
                {(call.message || call.error) && `: ${call.message || call.error}`}
              </small>
            </span>
            <small>
              <When at={new Date(call.at).toISOString()} />
            </small>
          </li>
        );
      })}
    </ul>
  </section>
);
