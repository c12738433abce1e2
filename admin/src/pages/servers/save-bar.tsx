// What the choice costs a client, and Save.
import type { ComponentChildren } from "preact";
import { BusyButton } from "../../parts/fields.tsx";
import { type Draft, type Item, KINDS } from "./draft.ts";

/** Models choose worse, and some clients cut the list, above about this many tools. */
const TOOLS_ADVISED = 40;
const TOKENS_ADVISED = 10_000;

type Props = {
  draft: Draft;
  catalog: ReadonlyMap<string, Item>;
  dirty: boolean;
  busy: boolean;
  clashes: number;
  fresh: boolean;
  onSave: () => void;
  onDiscard: () => void;
};

export function SaveBar({ draft, catalog, dirty, busy, clashes, fresh, onSave, onDiscard }: Props) {
  const tools = draft.picks.tools.length;
  const tokens = KINDS.flatMap((kind) => draft.picks[kind]).reduce(
    (sum, id) => sum + (catalog.get(id)?.tokens ?? 0),
    0,
  );
  return (
    <div class="savebar">
      <dl class="sizes">
        <Meter name="Tools" value={tools} limit={TOOLS_ADVISED}>
          of {TOOLS_ADVISED} advised
        </Meter>
        <Meter name="Size of the definitions" value={tokens} limit={TOKENS_ADVISED}>
          tokens, about
        </Meter>
      </dl>
      <span class="push" />
      {dirty && (
        <button type="button" class="btn quiet" onClick={onDiscard}>
          Discard
        </button>
      )}
      <BusyButton class="pri" busy={busy} disabled={!dirty || clashes > 0} onClick={onSave}>
        {fresh ? "Create virtual server" : "Save changes"}
      </BusyButton>
    </div>
  );
}

const Meter = ({
  name,
  value,
  limit,
  children,
}: {
  name: string;
  value: number;
  limit: number;
  children: ComponentChildren;
}) => (
  <div>
    <dt>{name}</dt>
    <dd>
      <b class="n">{value.toLocaleString("en")}</b> <small>{children}</small>
    </dd>
    <dd>
      <svg class="meter" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
        <rect class="bg" width="100" height="6" />
        <rect class={value > limit ? "over" : "fill"} width={Math.min(100, (value / limit) * 75)} height="6" />
        <path class="lim" d="M75 0v6" />
      </svg>
    </dd>
  </div>
);
