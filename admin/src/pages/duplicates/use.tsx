// "Use this one": says what would change, and changes it. What is shown is the gateway's own preview.
import type { ComponentChildren } from "preact";
import { useId, useState } from "preact/hooks";
import type { Resolved } from "../../../../src/schemas/duplicates.ts";
import { changed, send } from "../../api.ts";
import { useJob, useLoad } from "../../load.ts";
import { Dialog } from "../../parts/drawer.tsx";
import { BusyButton, Checkbox } from "../../parts/fields.tsx";
import { ErrorNote, Note } from "../../parts/note.tsx";
import { Skeleton } from "../../parts/skeleton.tsx";
import { count } from "../../parts/time.tsx";
import { toast } from "../../parts/toast.tsx";
import { sourceOf, type Tool } from "./differences.ts";

export function UseDialog({ kept, tools, onClose }: { kept: Tool; tools: readonly Tool[]; onClose: () => void }) {
  const others = tools.filter(({ id }) => id !== kept.id);
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const [disable, setDisable] = useState(false);
  const job = useJob();
  const replace = others.map(({ id }) => id).filter((id) => !left.has(id));
  const ask = (dryRun: boolean, signal?: AbortSignal) =>
    send<Resolved>("POST", "/tools/duplicates/resolve", {
      body: { keep: kept.id, replace, disable, dryRun },
      ...(signal ? { signal } : {}),
    });
  const preview = useLoad(`${replace} ${disable}`, async (signal) =>
    replace.length === 0 ? undefined : await ask(true, signal),
  );
  const told = replace.length === 0 || preview.loading ? undefined : preview.data;
  const allowed = told && [...told.servers, ...told.disabled].every((one) => one.allowed);
  const changing = told !== undefined && told.servers.length + told.disabled.length > 0;
  const use = async (): Promise<void> => {
    const done = await job.run(() => ask(false));
    if (!done) return;
    changed("tools", "servers");
    toast(`${kept.name} of ${sourceOf(kept)} is used in ${count(done.servers.length, "virtual server")} instead`);
    onClose();
  };
  return (
    <Dialog
      title={`Use ${kept.name} of ${sourceOf(kept)}?`}
      onClose={onClose}
      foot={
        <>
          <button type="button" class="btn" data-first onClick={onClose}>
            Cancel
          </button>
          <BusyButton class="pri" busy={job.busy} disabled={!allowed || !changing} onClick={() => void use()}>
            Use this one
          </BusyButton>
        </>
      }
    >
      <Options label="It takes the place of">
        {others.map((tool) => (
          <Option
            key={tool.id}
            label={`${tool.name} of ${sourceOf(tool)}`}
            on={!left.has(tool.id)}
            onCheck={(on) => setLeft(new Set(on ? [...left].filter((id) => id !== tool.id) : [...left, tool.id]))}
          />
        ))}
      </Options>
      <Options label="Afterwards">
        <Option label="Disable what it replaces" on={disable} onCheck={setDisable} />
      </Options>
      {preview.error && (
        <ErrorNote error={preview.error} retry={preview.reload} what="The gateway did not say what would change" />
      )}
      {job.error && <ErrorNote error={job.error} what="Nothing was changed" />}
      {replace.length === 0 ? (
        <p class="hint">Choose at least one tool to replace.</p>
      ) : told ? (
        <Preview told={told} />
      ) : (
        !preview.error && <Skeleton />
      )}
    </Dialog>
  );
}

function Options({ label, children }: { label: string; children: ComponentChildren }) {
  const id = useId();
  return (
    // biome-ignore lint/a11y/useSemanticElements: a few checkboxes under a word
    <div role="group" aria-labelledby={id}>
      <p id={id} class="mut">
        {label}
      </p>
      {children}
    </div>
  );
}

const Option = ({ label, on, onCheck }: { label: string; on: boolean; onCheck: (on: boolean) => void }) => (
  // biome-ignore lint/a11y/noLabelWithoutControl: the checkbox inside is the control
  <label class="opt">
    <Checkbox on={on} label={label} onCheck={onCheck} />
    {label}
  </label>
);

const Preview = ({ told }: { told: Resolved }) => (
  <div class="stack s2" role="status">
    <b>{count(told.servers.length, "virtual server changes", "virtual servers change")}</b>
    {told.servers.length > 0 && (
      <ul class="bullets">
        {told.servers.map(({ id, name, as, gone, allowed }) => (
          <li key={id}>
            <b>{name}</b>: clients call it <code>{as}</code>
            {gone.length > 0 && (
              <>
                {" "}
                and no longer find <code>{gone.join(", ")}</code>
              </>
            )}
            {!allowed && <span class="t-bad"> (you may not change this virtual server)</span>}
          </li>
        ))}
      </ul>
    )}
    {told.disabled.length > 0 && (
      <p>
        {count(told.disabled.length, "tool is", "tools are")} disabled:{" "}
        {told.disabled.map(({ name }) => name).join(", ")}
        {told.disabled.some(({ allowed }) => !allowed) && <span class="t-bad"> (you may not change all of them)</span>}
      </p>
    )}
    {told.narrower && (
      <Note tone="warn">Not everybody who sees the tools it replaces sees this one: some clients lose a tool.</Note>
    )}
  </div>
);
