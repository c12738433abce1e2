// What clients will see: the chosen items with the names they get here, and what happens when two want the same.
import { useState } from "preact/hooks";
import { Badge, Monogram } from "../../parts/badges.tsx";
import { TextField } from "../../parts/fields.tsx";
import { Icon } from "../../parts/icon.tsx";
import { Note } from "../../parts/note.tsx";
import { count } from "../../parts/time.tsx";
import { Withheld } from "../changes/withheld.tsx";
import { type Draft, type Item, KINDS, type Naming } from "./draft.ts";

type Shared = {
  draft: Draft;
  catalog: ReadonlyMap<string, Item>;
  names: ReadonlyMap<string, Naming>;
  put: (change: Partial<Draft>) => void;
  pick: (items: readonly Item[], on: boolean) => void;
};

const NAME = /^[A-Za-z0-9_][A-Za-z0-9._/-]{0,127}$/;
const TITLES = { tools: "Tools", prompts: "Prompts", resources: "Resources" };

export function Picks(props: Shared) {
  const { draft, catalog, names } = props;
  const [editing, setEditing] = useState<string>();
  const total = KINDS.reduce((sum, kind) => sum + draft.picks[kind].length, 0);
  const renamed = [...names].filter(([, naming]) => naming.why === "renamed");
  const clashing = [...names].filter(([, naming]) => naming.clash);
  return (
    <section class="card dst" aria-labelledby="dst-h">
      <header>
        <h2 id="dst-h">What clients see</h2>
        <small class="push n">{count(draft.picks.tools.length, "tool")}</small>
      </header>
      {(renamed.length > 0 || clashing.length > 0) && (
        <div class="dst-n">
          <Clashes clashing={clashing} />
          {renamed.slice(0, 3).map(([id, naming]) => (
            <Renamed key={id} item={catalog.get(id)} name={naming.name} onRename={() => setEditing(id)} />
          ))}
          {renamed.length > 3 && (
            <p class="hint">and {renamed.length - 3} more that share a name or URI with another</p>
          )}
        </div>
      )}
      {total === 0 && <p class="src-none">Nothing chosen yet. Tick servers or single tools on the left.</p>}
      {KINDS.map(
        (kind) =>
          draft.picks[kind].length > 0 && (
            <div key={kind}>
              {draft.picks[kind].length < total && <h3 class="dst-k">{TITLES[kind]}</h3>}
              <ul class="picks">
                {draft.picks[kind].map((id) => (
                  <Pick key={id} id={id} editing={editing === id} onEdit={setEditing} {...props} />
                ))}
              </ul>
            </div>
          ),
      )}
    </section>
  );
}

/** One note for each name given twice. */
const Clashes = ({ clashing }: { clashing: [id: string, naming: Naming][] }) =>
  clashing.map(([id, naming]) => (
    <Note key={id} tone="bad" live>
      <b>Two are called {naming.name}.</b> Give one of them another name.
    </Note>
  ));

/** Says which of two gave way; URIs can't be chosen. */
function Renamed({ item, name, onRename }: { item: Item | undefined; name: string; onRename: () => void }) {
  const uri = item?.kind === "resources";
  const rename = (
    <button type="button" class="btn sm" onClick={onRename}>
      Rename
    </button>
  );
  return (
    <Note tone="warn" actions={uri ? undefined : rename}>
      <b>
        Two {item?.kind} {uri ? "have the URI" : "are called"} {item?.wanted}.
      </b>{" "}
      Only one can keep {uri ? "it" : "the name"}; that of {item?.upstream} is offered as <code>{name}</code>.
    </Note>
  );
}

function Pick(props: Shared & { id: string; editing: boolean; onEdit: (id: string | undefined) => void }) {
  const { id, catalog, names, editing, onEdit, draft, put } = props;
  const item = catalog.get(id);
  const naming = names.get(id);
  if (item === undefined || naming === undefined) return null;
  const other = naming.name !== item.wanted;
  const alias = (name: string): void => put({ aliases: { ...draft.aliases, [id]: name } });
  return (
    <li class={editing ? "pick open" : "pick"}>
      <div class="pick-h">
        <Monogram name={item.upstream} size="sm" />
        <span class="grow">
          <b class="m">{naming.name}</b>
          <small>
            {item.upstream}
            {other && (
              <>
                , there called <code>{item.wanted}</code>
              </>
            )}
          </small>
        </span>
        {!item.enabled && (
          <Badge tone="idle" icon="off" title="Disabled in the catalog: clients don't see it">
            Disabled
          </Badge>
        )}
        {item.withheld && <Withheld id={id} />}
        {naming.why === "renamed" && (
          <Badge tone="warn" icon="warn">
            {item.kind === "resources" ? "Same URI" : "Same name"}
          </Badge>
        )}
        {naming.why === "given" && (
          <Badge tone="tide" icon="edit">
            Renamed
          </Badge>
        )}
        <small class="n" title="Estimated tokens of its definition">
          {item.tokens}
        </small>
        {item.kind !== "resources" && (
          <button
            type="button"
            class="btn quiet icon sm"
            aria-expanded={editing}
            aria-label={`Rename ${naming.name}`}
            onClick={() => onEdit(editing ? undefined : id)}
          >
            <Icon name={editing ? "down" : "edit"} />
          </button>
        )}
        <button
          type="button"
          class="btn quiet icon sm"
          aria-label={`Remove ${naming.name}`}
          onClick={() => props.pick([item], false)}
        >
          <Icon name="x" />
        </button>
      </div>
      {editing && (
        <div class="pick-b">
          <TextField
            label="Name clients see"
            mono
            hint={
              <>
                At its server: <code>{item.wanted}</code>
              </>
            }
            error={
              NAME.test(naming.name)
                ? naming.clash
                  ? "Another one has this name"
                  : undefined
                : "1 to 128 letters, digits or . _ / -"
            }
            value={naming.name}
            onValue={alias}
          />
          {other && (
            <button type="button" class="btn sm" onClick={() => alias(item.wanted)}>
              Use its own name
            </button>
          )}
        </div>
      )}
    </li>
  );
}
