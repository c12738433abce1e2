// The matrix as it came out: a row for each feature, five columns for each client, one for each upstream.
import { REVISIONS, type Revision } from "./revisions.ts";

/** What a cell came to. */
export type Mark = "works" | "absent" | "not yet" | "failed";

const SIGN: Readonly<Record<Mark, string>> = { works: "+", absent: "-", "not yet": "?", failed: "X" };

export class Table {
  readonly #marks = new Map<string, Mark>();

  enter(feature: string, client: Revision, upstream: Revision, mark: Mark): void {
    this.#marks.set([feature, client, upstream].join("\n"), mark);
  }

  text(features: readonly string[]): string {
    const width = Math.max(...features.map((name) => name.length));
    const row = (name: string, cells: readonly string[]) => [name.padEnd(width), ...cells].join("  ");
    const sign = (...cell: string[]) => SIGN[this.#marks.get(cell.join("\n")) ?? "failed"];
    const rows = features.map((feature) =>
      row(
        feature,
        REVISIONS.map((client) =>
          REVISIONS.map((upstream) => sign(feature, client, upstream))
            .join(" ")
            .padEnd(10),
        ),
      ),
    );
    return [
      "Client, then upstream in the same order; + works, - one of the two revisions has it not, ? not yet, X failed",
      row("", REVISIONS),
      ...rows,
    ].join("\n");
  }
}
