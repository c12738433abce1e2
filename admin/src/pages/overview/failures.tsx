// The newest calls that failed.
import type { Call } from "../../../../src/schemas/calls.ts";
import { Icon } from "../../parts/icon.tsx";
import { When } from "../../parts/time.tsx";
import { OUTCOME_WORDS } from "../requests/requests.ts";

export const Failures = ({ calls }: { calls: readonly Call[] }) => (
  <section class="card" aria-labelledby="failures">
    <header>
      <h2 id="failures">Recent failures</h2>
      <a class="push" href="/ui/requests?errors_only=true">
        All
      </a>
    </header>
    {calls.length === 0 && <p class="src-none">No call failed of late.</p>}
    <ul class="list">
      {calls.map((call) => {
        const { word, tone, icon } = OUTCOME_WORDS[call.outcome];
        return (
          <li key={call.id}>
            <span class={`t-${tone}`}>
              <Icon name={icon} />
            </span>
            <span class="grow">
              <a class="m" href={`/ui/requests/${encodeURIComponent(call.id)}?at=${call.at}`}>
                {call.name || call.method}
              </a>
              <small>
                {word}
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
