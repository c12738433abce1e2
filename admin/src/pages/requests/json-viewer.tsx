// JSON to look into: it folds, is searched, and says the path to each value. Everything is text, and every character of it
// is to be seen.
import { useState } from "preact/hooks";
import { CopyButton } from "../../parts/code.tsx";
import { Icon } from "../../parts/icon.tsx";
import { count } from "../../parts/time.tsx";
import { Visible } from "../../parts/visible.tsx";

/** Levels that stand open, and how many members one may have for that. */
const OPEN_DEPTH = 6;
const OPEN_MEMBERS = 50;

type Name = string | number;
/** Lower case; "" searches for nothing. */
type Sought = { needle: string };

export function JsonViewer({ title, value }: { title: string; value: unknown }) {
  const [text, setText] = useState("");
  const needle = text.trim().toLowerCase();
  return (
    <section class="stack s2" aria-label={title}>
      <div class="row">
        <div class="find full grow">
          <Icon name="search" />
          <input
            class="in"
            type="search"
            aria-label={`Search ${title}`}
            placeholder="Search keys and values"
            value={text}
            onInput={(event) => setText(event.currentTarget.value)}
          />
        </div>
        {needle !== "" && (
          <span class="n mut" role="status">
            {count(hits(value, needle), "hit")}
          </span>
        )}
        <CopyButton text={JSON.stringify(value, null, 2)} label={`Copy ${title}`} word />
      </div>
      <div class="json viewer">
        <Node key={needle} path={[]} value={value} needle={needle} />
      </div>
    </section>
  );
}

/** How many keys and values have the text in them. */
function hits(value: unknown, needle: string): number {
  if (typeof value !== "object" || value === null) return String(value).toLowerCase().includes(needle) ? 1 : 0;
  return Object.entries(value).reduce(
    (sum, [key, one]) =>
      sum + (!Array.isArray(value) && key.toLowerCase().includes(needle) ? 1 : 0) + hits(one, needle),
    0,
  );
}

/** A path as programs write it: `params.arguments["a b"][0]`. */
const spelled = (path: readonly Name[]): string =>
  path
    .map((name, at) =>
      typeof name === "number"
        ? `[${name}]`
        : /^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(name)
          ? `${at > 0 ? "." : ""}${name}`
          : `[${JSON.stringify(name)}]`,
    )
    .join("");

type NodeProps = Sought & { path: readonly Name[]; value: unknown };

function Node({ path, value, needle }: NodeProps) {
  const name = path.at(-1);
  const head = (
    <>
      {name !== undefined && (
        <span class={needle !== "" && String(name).toLowerCase().includes(needle) ? "j-key hit" : "j-key"}>
          <Visible text={typeof name === "number" ? String(name) : JSON.stringify(name)} />:{" "}
        </span>
      )}
    </>
  );
  const copy = path.length > 0 && (
    <CopyButton text={spelled(path)} label={`Copy the path ${spelled(path).slice(0, 200)}`} />
  );
  if (typeof value !== "object" || value === null)
    return (
      <div class="j-leaf foreign">
        {head}
        <span class={leafClass(value, needle)}>
          <Visible text={JSON.stringify(value) ?? "undefined"} />
        </span>
        {copy}
      </div>
    );
  const entries = Object.entries(value);
  const open = needle === "" ? path.length < OPEN_DEPTH && entries.length <= OPEN_MEMBERS : hits(value, needle) > 0;
  return (
    <div class="j-branch">
      <details open={open}>
        <summary>
          {head}
          <span class="mut">{Array.isArray(value) ? `[ ${entries.length} ]` : `{ ${entries.length} }`}</span>
        </summary>
        <div>
          {entries.map(([key, one], at) => (
            <Node key={key} path={[...path, Array.isArray(value) ? at : key]} value={one} needle={needle} />
          ))}
        </div>
      </details>
      {copy}
    </div>
  );
}

function leafClass(value: unknown, needle: string): string {
  const kind = typeof value === "string" ? "j-string" : typeof value === "number" ? "j-number" : "j-word";
  return needle !== "" && String(value).toLowerCase().includes(needle) ? `${kind} hit` : kind;
}
