// JSON as a tree that folds. Everything is a text node: what an upstream sends is shown, never run.
import { Visible } from "./visible.tsx";

const OPEN_DEPTH = 2;
const LONGEST = 20_000;

export const Json = ({ value }: { value: unknown }) => (
  <div class="json">
    <Node value={value} depth={0} />
  </div>
);

function Node({ name, value, depth }: { name?: string; value: unknown; depth: number }) {
  const key =
    name === undefined ? null : (
      <span class="j-key">
        <Visible text={JSON.stringify(name)} />:{" "}
      </span>
    );
  if (typeof value !== "object" || value === null) {
    return (
      <div class="j-leaf foreign">
        {key}
        <Leaf value={value} />
      </div>
    );
  }
  const entries = Object.entries(value);
  const [open, close] = Array.isArray(value) ? ["[", "]"] : ["{", "}"];
  if (entries.length === 0)
    return (
      <div class="j-leaf">
        {key}
        {open}
        {close}
      </div>
    );
  return (
    <details open={depth < OPEN_DEPTH && entries.length <= 50}>
      <summary>
        {key}
        {open} <span class="mut">{entries.length}</span> {close}
      </summary>
      <div>
        {entries.map(([inner, one]) => (
          <Node key={inner} name={Array.isArray(value) ? undefined : inner} value={one} depth={depth + 1} />
        ))}
      </div>
    </details>
  );
}

function Leaf({ value }: { value: unknown }) {
  if (typeof value !== "string")
    return <span class={typeof value === "number" ? "j-number" : "j-word"}>{String(value)}</span>;
  const text = value.length > LONGEST ? `${value.slice(0, LONGEST)}… (${value.length} characters)` : value;
  return (
    <span class="j-string">
      <Visible text={JSON.stringify(text)} />
    </span>
  );
}
