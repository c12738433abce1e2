// The matrix as it came out: a row for each feature, five columns for each client, one for each upstream.
import { REVISIONS, type Revision } from "./revisions.ts";

/** What a cell came to. */
export type Mark = "works" | "absent" | "failed";

const SIGN: Readonly<Record<Mark | "not run", string>> = {
  works: "+",
  absent: "-",
  failed: "X",
  "not run": " ",
};

const LEGEND = [
  "Columns: the client's revision, and under it the five revisions of upstreams in the same order.",
  "+ works   - one of the two revisions does not have it, and what happens instead holds   X failed",
  "Clients and upstreams of 2024-11-05 are SDK v1 over HTTP+SSE, of 2025-03-26 to 2025-11-25 SDK v1 over Streamable HTTP,",
  "of 2026-07-28 SDK v2; each is pinned to its revision.",
];

export class Table {
  readonly #marks = new Map<string, Mark>();

  enter(feature: string, client: Revision, upstream: Revision, mark: Mark): void {
    this.#marks.set([feature, client, upstream].join("\n"), mark);
  }

  text(features: readonly string[]): string {
    const width = Math.max(...features.map((name) => name.length));
    const row = (name: string, cells: readonly string[]) => [name.padEnd(width), ...cells].join("  ");
    const sign = (...cell: string[]) => SIGN[this.#marks.get(cell.join("\n")) ?? "not run"];
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
    return [...LEGEND, "", row("", REVISIONS), ...rows].join("\n");
  }
}
