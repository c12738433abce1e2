// Small marks of the changes page, and its warnings.
import { Badge } from "../../parts/badges.tsx";
import { Icon } from "../../parts/icon.tsx";
import { Quoted, Visible } from "../../parts/visible.tsx";
import { type ChangeRead, KINDS, STATUSES, WARNINGS, type Warning } from "./changes.ts";

export const KindBadge = ({ kind }: Pick<ChangeRead, "kind">) => (
  <Badge tone={KINDS[kind].tone} icon={KINDS[kind].icon}>
    {KINDS[kind].word}
  </Badge>
);

export const DecisionBadge = ({ status }: Pick<ChangeRead, "status">) => (
  <Badge tone={STATUSES[status].tone} icon={STATUSES[status].icon}>
    {STATUSES[status].word}
  </Badge>
);

/** What kinds of warnings there are, each once, as a line. */
export const WarningLine = ({ warnings }: { warnings: readonly Warning[] }) => (
  <span class="row warned">
    {[...new Set(warnings.map((one) => one.kind))].map((kind) => (
      <Badge key={kind} tone="bad" icon="warn">
        {WARNINGS[kind]}
      </Badge>
    ))}
  </span>
);

/** Every warning with its place and the words it is about. */
export const WarningNote = ({ warnings }: { warnings: readonly Warning[] }) => (
  <section class="note bad warnings" aria-label="Warnings">
    <Icon name="warn" />
    <div>
      <b>Read this before you approve it.</b> A model takes what a tool says about itself for true.
      <ul>
        {warnings.map((one, at) => (
          <li key={at}>
            <b>{WARNINGS[one.kind]}</b>
            <code>
              <Visible text={one.where} />
            </code>
            <q class="foreign">
              <Quoted text={one.excerpt} />
            </q>
          </li>
        ))}
      </ul>
    </div>
  </section>
);
