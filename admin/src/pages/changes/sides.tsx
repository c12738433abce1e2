// Two definitions as JSON, side by side; on a phone one below the other, line by line.
import { useState } from "preact/hooks";
import { Switch } from "../../parts/fields.tsx";
import { Visible } from "../../parts/visible.tsx";
import { type Pair, sideBySide } from "./compare.ts";

/** Lines around a difference that stay when the rest is left out. */
const AROUND = 3;

export function Sides({ before, after }: { before: Record<string, unknown> | null; after: Record<string, unknown> }) {
  const [whole, setWhole] = useState(before === null);
  const pairs = sideBySide(before, after);
  const shown = whole ? pairs.map(() => true) : near(pairs);
  return (
    <div class="stack s2">
      {before !== null && (
        <Switch on={whole} onSwitch={setWhole}>
          Every line
        </Switch>
      )}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it */}
      <section class="sides" tabIndex={0} aria-label="Both definitions as JSON">
        <table>
          <thead>
            <tr>
              <th scope="col">{before === null ? "Nothing before" : "Approved before"}</th>
              <th scope="col">Now</th>
            </tr>
          </thead>
          <tbody>
            {pairs.map((pair, at) =>
              shown[at] ? (
                <tr key={at} class={pair.kind}>
                  <Side text={pair.left} />
                  <Side text={pair.right} />
                </tr>
              ) : (
                shown[at - 1] !== false && (
                  <tr key={at} class="gap">
                    <td colSpan={2}>…</td>
                  </tr>
                )
              ),
            )}
          </tbody>
        </table>
      </section>
    </div>
  );
}

const Side = ({ text }: { text: string | null }) => (
  <td class={text === null ? "none" : undefined}>{text !== null && <Visible text={text} />}</td>
);

/** Whether each line differs, or stands near one that does. */
const near = (pairs: readonly Pair[]): boolean[] =>
  pairs.map((_, at) => pairs.slice(Math.max(0, at - AROUND), at + AROUND + 1).some(({ kind }) => kind === "changed"));
