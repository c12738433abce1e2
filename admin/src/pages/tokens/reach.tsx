// What a token may reach: virtual servers, and single tools within them.
import { useState } from "preact/hooks";
import type { ServerRead } from "../../api.ts";
import { BranchHead } from "../../parts/branch.tsx";
import { Checkbox } from "../../parts/fields.tsx";
import { Icon } from "../../parts/icon.tsx";
import { count } from "../../parts/time.tsx";
import { chooseServer, chooseTool, type Draft, reachedTools } from "./draft.ts";

type Props = {
  draft: Draft;
  servers: readonly ServerRead[];
  error: string | undefined;
  onDraft: (draft: Draft) => void;
};

export function Reach({ draft, servers, error, onDraft }: Props) {
  const [text, setText] = useState("");
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const wanted = text.trim().toLowerCase();
  const fits = (words: string): boolean => wanted === "" || words.toLowerCase().includes(wanted);
  const shown = servers.filter((one) => fits(one.name) || one.tools.some((tool) => fits(tool.name)));
  const toggle = (id: string): void => {
    const next = new Set(open);
    if (!next.delete(id)) next.add(id);
    setOpen(next);
  };
  return (
    <section class="sect" aria-labelledby="reach-h">
      <header>
        <h2 id="reach-h">What it may reach</h2>
        <span class="push" />
        <small class="n">
          {draft.servers.length === 0 ? "everything you may use" : count(reachedTools(draft, servers), "tool")}
        </small>
      </header>
      <div class="card">
        <div class="src-q">
          <div class="find full">
            <Icon name="search" />
            <input
              class="in"
              type="search"
              aria-label="Search virtual servers and tools"
              placeholder="Search virtual servers and tools"
              value={text}
              onInput={(event) => setText(event.currentTarget.value)}
            />
          </div>
        </div>
        {shown.length === 0 && (
          <p class="src-none">
            {servers.length === 0
              ? "There are no virtual servers yet: it reaches everything you may use."
              : "Nothing matches."}
          </p>
        )}
        <ul class="tree reach">
          {shown.map((server) => (
            <Branch
              key={server.id}
              server={server}
              draft={draft}
              open={open.has(server.id) || (wanted !== "" && !fits(server.name))}
              fits={fits(server.name) ? () => true : fits}
              onToggle={() => toggle(server.id)}
              onServer={(on) => onDraft(chooseServer(draft, servers, server.id, on))}
              onTool={(name, on) => onDraft(chooseTool(draft, servers, server.id, name, on))}
            />
          ))}
        </ul>
      </div>
      {error ? (
        <p class="hint bad">
          <Icon name="bad" />
          {error}
        </p>
      ) : (
        <p class="hint">
          {draft.servers.length === 0
            ? "Nothing ticked: it is not held to virtual servers, and reaches the REST API too."
            : draft.tools === undefined
              ? "Tools that join these virtual servers later are in, too."
              : "Tools that join these virtual servers later are not in."}
        </p>
      )}
    </section>
  );
}

type BranchProps = {
  server: ServerRead;
  draft: Draft;
  open: boolean;
  fits: (words: string) => boolean;
  onToggle: () => void;
  onServer: (on: boolean) => void;
  onTool: (name: string, on: boolean) => void;
};

function Branch({ server, draft, open, fits, onToggle, onServer, onTool }: BranchProps) {
  const chosen = draft.servers.includes(server.id);
  const isOn = (name: string): boolean => chosen && (draft.tools?.includes(name) ?? true);
  const taken = server.tools.filter((tool) => isOn(tool.name)).length;
  return (
    <li>
      <BranchHead
        name={server.name}
        open={open}
        onToggle={onToggle}
        label={server.name}
        on={chosen && taken < server.tools.length ? "mixed" : chosen}
        onCheck={(on) => onServer(on || (chosen && taken < server.tools.length))}
        taken={taken}
        of={server.tools.length}
      />
      {open && (
        <ul>
          {server.tools
            .filter((tool) => fits(tool.name))
            .map((tool) => (
              <li key={tool.id}>
                {/* biome-ignore lint/a11y/noLabelWithoutControl: the checkbox inside is the control */}
                <label class="leaf">
                  <Checkbox label={tool.name} on={isOn(tool.name)} onCheck={(on) => onTool(tool.name, on)} />
                  <span class="m clip">{tool.name}</span>
                </label>
              </li>
            ))}
        </ul>
      )}
    </li>
  );
}
