// What was refused, and which secrets were used: counted per minute.
import type { ComponentChildren } from "preact";
import { here, withQuery } from "../../location.ts";
import { Badge } from "../../parts/badges.tsx";
import { ChipOne } from "../../parts/filters.tsx";
import { Empty, ListPage } from "../../parts/list-page.tsx";
import type { Column } from "../../parts/table.tsx";
import { When } from "../../parts/time.tsx";
import { COUNTS, type CountRow, timeAsked } from "./audit.ts";
import { ChipText, ChipTime } from "./chips.tsx";

const KINDS = {
  denied: { tone: "bad", icon: "bad", word: "Refused" },
  secret_used: { tone: "auth", icon: "key", word: "Secret used" },
} as const;
const KIND_OPTIONS = Object.entries(KINDS).map(([value, { word }]) => ({ value, label: word }));
const FILTERS = ["kind", "principal", "what", "target", "last", "since", "until"];

const only = (field: string, value: string): string => withQuery({ [field]: value, cursor: null, from: null });

const COLUMNS: readonly Column<CountRow>[] = [
  {
    id: "principal",
    label: "Who",
    card: "title",
    cell: (row) => <a href={only("principal", row.principal)}>{row.principal}</a>,
  },
  {
    id: "kind",
    label: "Kind",
    card: "state",
    cell: ({ kind }) => (
      <Badge tone={KINDS[kind].tone} icon={KINDS[kind].icon}>
        {KINDS[kind].word}
      </Badge>
    ),
  },
  { id: "what", label: "What", card: "fact", cell: (row) => <span class="m">{row.what}</span> },
  {
    id: "target",
    label: "Of",
    cell: (row) => (
      <a class="m clip target" href={only("target", row.target)}>
        {row.target}
      </a>
    ),
  },
  { id: "count", label: "Times", end: true, cell: (row) => <b class="n">{row.count.toLocaleString("en")}</b> },
  { id: "minute", label: "Minute", end: true, card: "more", cell: (row) => <When at={row.minute} /> },
];

export function AuditCounts({ switcher }: { switcher: ComponentChildren }) {
  const { query } = here.value;
  return (
    <ListPage
      of={COUNTS}
      searches={false}
      title="Audit"
      about="Calls that were refused, and secrets the gateway used, counted by who, what and minute."
      noun="count"
      tabs={switcher}
      columns={COLUMNS}
      query={{
        kind: query.get("kind"),
        principal: query.get("principal"),
        what: query.get("what"),
        target: query.get("target"),
        ...timeAsked(Date.now()),
      }}
      chips={
        <>
          <ChipOne name="Kind" field="kind" options={KIND_OPTIONS} />
          <ChipText name="Who" field="principal" hint="The whole address; or anonymous, gateway, others" />
          <ChipText name="What" field="what" hint="A permission, a kind of credential, the purpose of a secret" />
          <ChipText name="Of" field="target" hint="The id of what was asked for" />
          <ChipTime />
        </>
      }
      filters={FILTERS}
      empty={
        <Empty title="Nothing counted">
          <p>No call was refused and no secret used in what is kept.</p>
        </Empty>
      }
    />
  );
}
