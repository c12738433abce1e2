// The command palette: a text, and below it pages and everything the gateway finds. Arrow keys choose, Enter goes there. The
// text field is a combobox: focus stays in it, and the list tells which line is the chosen one (ARIA APG, combobox).
import { useEffect, useId, useState } from "preact/hooks";
import { useLoad } from "../../load.ts";
import { navigate } from "../../location.ts";
import { Badge } from "../badges.tsx";
import { Modal } from "../drawer.tsx";
import { Icon } from "../icon.tsx";
import { ErrorNote } from "../note.tsx";
import type { PageLink } from "../palette.tsx";
import { count } from "../time.tsx";
import { ask, type Choice, type ChoiceGroup, offered } from "./found.ts";

const PAUSE_MS = 150;

/** A value, once it has not changed for a moment. */
function useSettled(value: string): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(setSettled, PAUSE_MS, value);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}

export function PaletteDialog({ pages, onClose }: { pages: readonly PageLink[]; onClose: () => void }) {
  const id = useId();
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const asked = useSettled(text.trim());
  const { data = [], error, loading } = useLoad(`search ${asked}`, (signal) => ask(asked, signal));
  const groups = offered(text, pages, text.trim() === "" ? [] : data);
  const choices = groups.flatMap((group) => group.choices);
  const chosen = choices[Math.min(at, choices.length - 1)];
  const waiting = loading || asked !== text.trim();
  useEffect(() => {
    document.getElementById(`${id}-chosen`)?.scrollIntoView({ block: "nearest" });
  }, [chosen]);
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.isComposing || (step === undefined && event.key !== "Enter")) return;
    event.preventDefault();
    if (step !== undefined && choices.length > 0)
      setAt((Math.min(at, choices.length - 1) + step + choices.length) % choices.length);
    if (event.key !== "Enter" || chosen === undefined) return;
    onClose();
    void navigate(chosen.href);
  };
  return (
    <Modal class="palette" label={`${id}-title`} onClose={onClose}>
      <h2 class="sr" id={`${id}-title`}>
        Search everything
      </h2>
      <div class="palette-h">
        <Icon name="search" />
        <input
          class="in"
          type="text"
          role="combobox"
          aria-label="Search pages, servers, tools and people"
          aria-expanded={choices.length > 0}
          aria-controls={`${id}-list`}
          aria-autocomplete="list"
          aria-activedescendant={chosen && `${id}-chosen`}
          placeholder="Search pages, servers, tools and people"
          autocomplete="off"
          spellcheck={false}
          maxLength={200}
          data-first
          value={text}
          onInput={(event) => {
            setText(event.currentTarget.value);
            setAt(0);
          }}
          onKeyDown={onKeyDown}
        />
        <button type="button" class="btn quiet icon sm" aria-label="Close" title="Close" onClick={onClose}>
          <Icon name="x" />
        </button>
      </div>
      {error && <ErrorNote error={error} what="The search did not work" />}
      <div class="palette-l" id={`${id}-list`} role="listbox" aria-label="Results" aria-busy={waiting}>
        {groups.map((group) => (
          <Group key={group.title} id={id} group={group} chosen={chosen} onGo={onClose} />
        ))}
      </div>
      <p class="palette-f" role="status">
        {waiting ? "Searching" : choices.length === 0 ? "Nothing found" : count(choices.length, "result")}
      </p>
    </Modal>
  );
}

type GroupProps = { id: string; group: ChoiceGroup; chosen: Choice | undefined; onGo: () => void };

const Group = ({ id, group, chosen, onGo }: GroupProps) => (
  // biome-ignore lint/a11y/useSemanticElements: a group of options in a listbox
  <div role="group" aria-labelledby={`${id}-${group.title}`}>
    <h3 id={`${id}-${group.title}`} role="presentation">
      {group.title}
    </h3>
    {group.choices.map((choice) => (
      <a
        key={choice.href}
        id={choice === chosen ? `${id}-chosen` : undefined}
        role="option"
        aria-selected={choice === chosen}
        tabIndex={-1}
        href={choice.href}
        onClick={onGo}
      >
        <Icon name={choice.icon} />
        <span class="grow">
          <b>{choice.name}</b>
          {choice.about && <small>{choice.about}</small>}
        </span>
        {choice.disabled && <Badge tone="idle">Disabled</Badge>}
      </a>
    ))}
  </div>
);
