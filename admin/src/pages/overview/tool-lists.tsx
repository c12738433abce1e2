// The tools that stand out: called most, failing, slow, never used.
import { useLoad } from "../../load.ts";
import { here, setQuery } from "../../location.ts";
import { Monogram } from "../../parts/badges.tsx";
import { Segments } from "../../parts/fields.tsx";
import { ErrorNote } from "../../parts/note.tsx";
import { measured, whole } from "../../parts/numbers.ts";
import { count } from "../../parts/time.tsx";
import type { MetricsAnswer, Range, UsageList } from "../metrics/metrics.ts";
import { loadTop } from "./facts.ts";

type Group = MetricsAnswer["groups"][number];
type Line = { id: string; name: string; about: string; value: string };

const slowest = ({ upstream, gateway }: Group): number => Math.max(upstream.p95 ?? 0, gateway.p95 ?? 0);

const LISTS = {
  calls: {
    label: "Most called",
    keep: () => true,
    about: ({ errors }: Group) => (errors === 0 ? "none failed" : `${whole(errors)} failed`),
    value: ({ calls }: Group) => whole(calls),
  },
  errors: {
    label: "Failing",
    keep: ({ errors }: Group) => errors > 0,
    about: ({ calls }: Group) => `of ${count(calls, "call")}`,
    value: ({ errors }: Group) => whole(errors),
  },
  p95: {
    label: "Slow",
    keep: (group: Group) => slowest(group) > 0,
    about: ({ calls }: Group) => `95 % of ${count(calls, "call")} within`,
    value: (group: Group) => measured(slowest(group)),
  },
} as const;
const OPTIONS = [
  ...Object.entries(LISTS).map(([value, { label }]) => ({ value, label })),
  { value: "unused", label: "Unused" },
];

type ToolListsProps = { range: Range; unused: UsageList | undefined; turn: string };

/** `turn` says when to load again. */
export function ToolLists({ range, unused, turn }: ToolListsProps) {
  const asked = here.value.query.get("tools") ?? "";
  const shown = asked in LISTS || asked === "unused" ? (asked as keyof typeof LISTS | "unused") : "calls";
  const { data, error, reload } = useLoad(`tools ${range.value} ${shown} ${turn}`, async (signal) => ({
    of: shown,
    lines: shown === "unused" ? unusedLines(unused) : linesOf(shown, await loadTop(range, shown, signal)),
  }));
  const lines = data?.of === shown ? data.lines : undefined;
  return (
    <section class="card" aria-labelledby="tools">
      <header>
        <h2 id="tools">Tools</h2>
        <a class="push" href={shown === "unused" ? "/ui/metrics?tab=unused" : "/ui/metrics?by=target"}>
          All
        </a>
      </header>
      <div class="card-t">
        <Segments
          label="Which tools"
          value={shown}
          options={OPTIONS}
          onValue={(value) => void setQuery({ tools: value === "calls" ? null : value })}
        />
      </div>
      {error && <ErrorNote error={error} retry={reload} what="The tools did not load" />}
      {lines?.length === 0 && (
        <p class="src-none">{shown === "unused" ? "Every tool is used." : `None in the ${range.words}.`}</p>
      )}
      <ul class="list five">
        {lines?.map((line) => (
          <li key={line.id}>
            <Monogram name={line.name} size="sm" />
            <span class="grow">
              <a class="m" href={`/ui/tools/${encodeURIComponent(line.id)}`}>
                {line.name}
              </a>
              <small>{line.about}</small>
            </span>
            <span class="n">{line.value}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function linesOf(shown: keyof typeof LISTS, { groups }: MetricsAnswer): Line[] {
  const { keep, about, value } = LISTS[shown];
  return groups
    .filter(keep)
    .map((group) => ({ id: group.key, name: group.name, about: about(group), value: value(group) }));
}

const unusedLines = (unused: UsageList | undefined): Line[] =>
  (unused?.usage ?? []).map((one) => ({
    id: one.id,
    name: one.name,
    about: one.gatewayName ?? "REST tool",
    value: one.everCalls === 0 ? "never" : `${whole(one.everCalls)} ever`,
  }));
