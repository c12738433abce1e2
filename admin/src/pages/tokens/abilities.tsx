// What a token may do where it reaches: a preset, or permissions one by one.
import { useState } from "preact/hooks";
import { Segments } from "../../parts/fields.tsx";
import { Icon } from "../../parts/icon.tsx";
import { may } from "../../session.ts";
import { nounOf, PERMISSIONS, type Permission } from "../access/grants.ts";
import { Matrix } from "../access/matrix.tsx";
import { type Draft, MCP } from "./draft.ts";

type Preset = "mcp" | "read" | "all" | "own";
const PRESETS = [
  { value: "mcp", label: "Use MCP" },
  { value: "read", label: "Read only" },
  { value: "all", label: "Everything I may" },
  { value: "own", label: "Choose" },
];
const HINTS: Record<Preset, string> = {
  mcp: "Lists and calls tools, reads resources and prompts.",
  read: "Sees what there is, and calls no tool.",
  all: "Whatever you may do, also what you are given later; only what people do themselves it can't.",
  own: "Only what is ticked.",
};

/** What can be given to a token that is held to virtual servers, or not. Managing tokens is for people. */
const offered = (held: boolean): Permission[] =>
  (held ? [...MCP] : PERMISSIONS.filter((one) => nounOf(one) !== "tokens")).filter((one) => may(one));
const reads = (held: boolean): Permission[] =>
  offered(held).filter((one) => one.endsWith(".read") || one === "servers.use");

const same = (a: readonly Permission[], b: readonly Permission[]): boolean =>
  a.length === b.length && a.every((one) => b.includes(one));

function presetOf(chosen: readonly Permission[] | undefined, held: boolean): Preset {
  if (chosen === undefined) return "all";
  if (same(chosen, MCP)) return "mcp";
  return same(chosen, reads(held)) ? "read" : "own";
}

type Props = {
  draft: Draft;
  error: string | undefined;
  onPermissions: (permissions: Permission[] | undefined) => void;
};

export function Abilities({ draft, error, onPermissions }: Props) {
  const held = draft.servers.length > 0;
  // once chosen one by one, it stays so, also when what is ticked is what a preset ticks
  const [own, setOwn] = useState(false);
  const preset = own ? "own" : presetOf(draft.permissions, held);
  const choose = (next: string): void => {
    setOwn(next === "own");
    if (next === "all") onPermissions(undefined);
    else if (next === "read") onPermissions(reads(held));
    else if (next === "mcp") onPermissions([...MCP]);
    else onPermissions(draft.permissions ?? offered(held));
  };
  return (
    <section class="sect" aria-labelledby="may-h">
      <header>
        <h2 id="may-h">What it may do there</h2>
      </header>
      <div>
        <Segments label="What it may do" value={preset} options={PRESETS} onValue={choose} />
      </div>
      {error ? (
        <p class="hint bad">
          <Icon name="bad" />
          {error}
        </p>
      ) : (
        <p class="hint">{HINTS[preset]}</p>
      )}
      {draft.permissions !== undefined && (
        <Matrix
          label="Permissions"
          of={offered(held)}
          chosen={new Set(draft.permissions)}
          onChosen={(chosen) => {
            setOwn(true);
            onPermissions([...chosen]);
          }}
        />
      )}
    </section>
  );
}
