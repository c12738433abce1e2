// What changed in a definition, for people: texts word by word, everything else as a tree of what was put in, taken out
// or replaced. Nothing of it is ever HTML.
import type { ComponentChildren } from "preact";
import { Json } from "../../parts/json.tsx";
import { Visible } from "../../parts/visible.tsx";
import { isObject, same, wordsOf } from "./compare.ts";

/** The fields of a tool people read first, in this order; others follow as the definition has them. */
const TITLES: Record<string, string> = {
  name: "Name",
  title: "Title",
  description: "Description",
  inputSchema: "What it takes",
  outputSchema: "What it gives",
  annotations: "What it says of its effects",
  icons: "Icons",
  execution: "How it runs",
  _meta: "Metadata",
};
const FIRST = Object.keys(TITLES);

type Sides = { before: unknown; after: unknown };

/** Every field that differs, under its own title. */
export function Differences({
  before,
  after,
}: {
  before: Record<string, unknown> | null;
  after: Record<string, unknown>;
}) {
  const was = before ?? {};
  const keys = [...new Set([...FIRST, ...Object.keys(after), ...Object.keys(was)])];
  const differing = keys.filter((key) => !same(was[key], after[key]));
  if (differing.length === 0) return <p class="hint">Nothing differs from what was approved before.</p>;
  return (
    <>
      {differing.map((key) => (
        <section key={key} class="sect" aria-label={TITLES[key] ?? key}>
          <header>
            <h3>{TITLES[key] ?? <Visible text={key} />}</h3>
            {TITLES[key] !== undefined && <code class="mut">{key}</code>}
          </header>
          <Field before={was[key]} after={after[key]} />
        </section>
      ))}
    </>
  );
}

const Field = ({ before, after }: Sides) =>
  isText(before) && isText(after) ? (
    <Words before={before ?? ""} after={after ?? ""} />
  ) : (
    <ul class="diff">
      <Node before={before} after={after} />
    </ul>
  );

const isText = (value: unknown): value is string | undefined => value === undefined || typeof value === "string";

/** A text with what was taken out and put in. */
const Words = ({ before, after }: { before: string; after: string }) => (
  <p class="words foreign">
    {wordsOf(before, after).map(({ kind, text }, at) =>
      kind === "same" ? (
        <Visible key={at} text={text} />
      ) : kind === "added" ? (
        <ins key={at}>
          <Visible text={text} />
        </ins>
      ) : (
        <del key={at}>
          <Visible text={text} />
        </del>
      ),
    )}
  </p>
);

/** What differs below one place. Lists of plain values are told by what joined and left them. */
function Node({ name, before, after }: Sides & { name?: string }): ComponentChildren {
  if (before === undefined) return <Line mark="added" name={name} value={after} />;
  if (after === undefined) return <Line mark="removed" name={name} value={before} />;
  if (isObject(before) && isObject(after)) {
    const keys = [...new Set([...Object.keys(after), ...Object.keys(before)])];
    const inner = keys
      .filter((key) => !same(before[key], after[key]))
      .map((key) => <Node key={key} name={key} before={before[key]} after={after[key]} />);
    return name === undefined ? (
      inner
    ) : (
      <li>
        <Key name={name} />
        <ul class="diff">{inner}</ul>
      </li>
    );
  }
  if (isPlainList(before) && isPlainList(after)) {
    return (
      <Line mark="changed" name={name}>
        <ul class="diff">
          {before
            .filter((one) => !after.includes(one))
            .map((one, at) => (
              <Line key={`- ${at}`} mark="removed" value={one} />
            ))}
          {after
            .filter((one) => !before.includes(one))
            .map((one, at) => (
              <Line key={`+ ${at}`} mark="added" value={one} />
            ))}
          {before.every((one) => after.includes(one)) && after.every((one) => before.includes(one)) && (
            <li class="mut">the same, in another order</li>
          )}
        </ul>
      </Line>
    );
  }
  if (typeof before === "string" && typeof after === "string")
    return (
      <Line mark="changed" name={name}>
        <Words before={before} after={after} />
      </Line>
    );
  return (
    <Line mark="changed" name={name}>
      <ul class="diff">
        <Line mark="removed" value={before} />
        <Line mark="added" value={after} />
      </ul>
    </Line>
  );
}

const isPlainList = (value: unknown): value is (string | number | boolean | null)[] =>
  Array.isArray(value) && value.every((one) => typeof one !== "object" || one === null);

const MARKS = { added: ["+", "added"], removed: ["−", "removed"], changed: ["~", "changed"] } as const;

type LineProps = { mark: keyof typeof MARKS; name?: string | undefined; value?: unknown; children?: ComponentChildren };

const Line = ({ mark, name, value, children }: LineProps) => (
  <li class={`d-${mark}`}>
    <span class="d-mark" aria-hidden="true">
      {MARKS[mark][0]}
    </span>
    <span class="sr">{MARKS[mark][1]}</span>
    <div>
      {name !== undefined && <Key name={name} />}
      {children ?? <Json value={value} />}
    </div>
  </li>
);

const Key = ({ name }: { name: string }) => (
  <b class="m d-key">
    <Visible text={name} />
  </b>
);
