// Everything that can be chosen, by server. What is chosen lives in the draft, so searching and folding lose nothing.
import { useState } from "preact/hooks";
import { Badge, EffectBadge } from "../../parts/badges.tsx";
import { BranchHead } from "../../parts/branch.tsx";
import { Checkbox, Segments } from "../../parts/fields.tsx";
import { Icon } from "../../parts/icon.tsx";
import { Withheld } from "../changes/withheld.tsx";
import { type Draft, type Item, KINDS, type Kind } from "./draft.ts";

const SHOWN = 100;
const LABELS = { all: "All", tools: "Tools", prompts: "Prompts", resources: "Resources" };
const OPTIONS = Object.entries(LABELS).map(([value, label]) => ({ value, label }));

type Props = { catalog: ReadonlyMap<string, Item>; draft: Draft; pick: (items: readonly Item[], on: boolean) => void };
type Branch = { id: string; name: string; items: Item[] };

/** Items that fit the search, grouped by server, in the order of the catalog. */
function branchesOf(catalog: ReadonlyMap<string, Item>, text: string, kind: string): Branch[] {
  const wanted = text.trim().toLowerCase();
  const branches = new Map<string, Branch>();
  for (const item of catalog.values()) {
    if (kind !== "all" && item.kind !== kind) continue;
    const haystack = `${item.wanted} ${item.about ?? ""} ${item.upstream}`.toLowerCase();
    if (wanted !== "" && !haystack.includes(wanted)) continue;
    const id = item.upstreamId ?? "";
    const branch = branches.get(id) ?? { id, name: item.upstream, items: [] };
    branch.items.push(item);
    branches.set(id, branch);
  }
  return [...branches.values()];
}

export function SourceTree({ catalog, draft, pick }: Props) {
  const [text, setText] = useState("");
  const [kind, setKind] = useState("all");
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const chosen = new Set(KINDS.flatMap((one) => draft.picks[one]));
  const branches = branchesOf(catalog, text, kind);
  const toggle = (id: string): void => {
    const next = new Set(open);
    if (!next.delete(id)) next.add(id);
    setOpen(next);
  };
  return (
    <section class="card src" aria-labelledby="src-h">
      <header>
        <h2 id="src-h">From the catalog</h2>
        <small class="push n">{catalog.size.toLocaleString("en")} to choose from</small>
      </header>
      <div class="src-q">
        <div class="find full">
          <Icon name="search" />
          <input
            class="in"
            type="search"
            data-search
            aria-label="Search the catalog"
            placeholder="Search names and descriptions"
            value={text}
            onInput={(event) => setText(event.currentTarget.value)}
          />
        </div>
        <Segments label="Kind" value={kind} options={OPTIONS} onValue={setKind} />
      </div>
      {branches.length === 0 && (
        <p class="src-none">
          {catalog.size === 0 ? (
            <>
              Nothing to choose yet. <a href="/ui/servers/new">Add an MCP server</a> first.
            </>
          ) : (
            "Nothing matches."
          )}
        </p>
      )}
      <ul class="tree">
        {branches.map((branch) => (
          <BranchRow
            key={branch.id}
            branch={branch}
            chosen={chosen}
            open={open.has(branch.id) || text.trim() !== ""}
            onToggle={() => toggle(branch.id)}
            pick={pick}
          />
        ))}
      </ul>
    </section>
  );
}

type BranchProps = {
  branch: Branch;
  chosen: ReadonlySet<string>;
  open: boolean;
  onToggle: () => void;
  pick: Props["pick"];
};

function BranchRow({ branch, chosen, open, onToggle, pick }: BranchProps) {
  const [all, setAll] = useState(false);
  const taken = branch.items.filter((item) => chosen.has(item.id)).length;
  const kinds = new Set(branch.items.map((item) => item.kind));
  const shown = all ? branch.items : branch.items.slice(0, SHOWN);
  return (
    <li>
      <BranchHead
        name={branch.name}
        open={open}
        onToggle={onToggle}
        label={`Everything shown of ${branch.name}`}
        on={taken === 0 ? false : taken === branch.items.length ? true : "mixed"}
        onCheck={(on) => pick(branch.items, on)}
        taken={taken}
        of={branch.items.length}
      />
      {open && (
        <ul>
          {shown.map((item, at) => (
            <Leaf
              key={item.id}
              item={item}
              head={kinds.size > 1 && item.kind !== shown[at - 1]?.kind ? item.kind : undefined}
              on={chosen.has(item.id)}
              pick={pick}
            />
          ))}
          {!all && branch.items.length > SHOWN && (
            <li class="leaf">
              <button type="button" class="btn quiet sm" onClick={() => setAll(true)}>
                Show {branch.items.length - SHOWN} more
              </button>
            </li>
          )}
        </ul>
      )}
    </li>
  );
}

const Leaf = ({ item, head, on, pick }: { item: Item; head: Kind | undefined; on: boolean; pick: Props["pick"] }) => (
  <li>
    {head && <small class="leaf-h">{LABELS[head]}</small>}
    {/* biome-ignore lint/a11y/noLabelWithoutControl: the checkbox inside is the control */}
    <label class="leaf" title={item.about ?? undefined}>
      <Checkbox label={item.wanted} on={on} onCheck={(next) => pick([item], next)} />
      <span class="m clip">{item.wanted}</span>
      {!item.enabled && <Badge tone="idle">off</Badge>}
      {item.withheld && <Withheld id={item.id} />}
      <EffectBadge annotations={item.annotations} />
    </label>
  </li>
);
