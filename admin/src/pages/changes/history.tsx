// Every definition a tool had, newest first, each against the one before it.
import { When } from "../../parts/time.tsx";
import { type ChangeDetail, short } from "./changes.ts";
import { Differences } from "./diff.tsx";
import { DecisionBadge } from "./marks.tsx";

export const History = ({ history }: Pick<ChangeDetail, "history">) => (
  <ol class="history">
    {history.map((one, at) => (
      <li key={`${one.hash} ${one.seenAt}`}>
        <div class="row">
          <DecisionBadge status={one.status} />
          <code title={one.hash}>{short(one.hash)}</code>
          <span class="push mut">
            seen <When at={one.seenAt} />
          </span>
        </div>
        {one.decidedAt !== null && one.decidedBy !== null && (
          <p class="hint">
            {one.decidedBy}, <When at={one.decidedAt} />
          </p>
        )}
        <details>
          <summary>{at === history.length - 1 ? "What it said" : "Against the one before"}</summary>
          <div class="stack">
            <Differences before={history[at + 1]?.definition ?? null} after={one.definition} />
          </div>
        </details>
      </li>
    ))}
  </ol>
);
