// A table of figures as a CSV file.
import { csvRecord } from "../lib/csv.ts";

type Cell = string | number | null;

/** Columns that a path such as `gateway.p95` fills from an object. */
function cellAt(row: object, path: string): Cell {
  const value = path
    .split(".")
    .reduce<unknown>((at, part) => (at as Record<string, unknown> | null | undefined)?.[part], row);
  return typeof value === "number" || typeof value === "string" ? value : value == null ? null : JSON.stringify(value);
}

/** The columns of schemas/metrics.ts `callFigures`. */
export const FIGURE_COLUMNS = [
  "calls",
  "errors",
  "firstAt",
  "lastAt",
  "averageMs",
  ...["gateway", "upstream"].flatMap((time) => ["p50", "p95", "p99"].map((share) => `${time}.${share}`)),
  "bytesIn",
  "bytesOut",
];

/** A file with a column for each path, under `heads` or the paths themselves. */
export function csvFile(
  name: string,
  paths: readonly string[],
  rows: readonly object[],
  heads: readonly string[] = paths,
): Response {
  const text = csvRecord(heads) + rows.map((row) => csvRecord(paths.map((path) => cellAt(row, path)))).join("");
  const file = `${name}-${new Date().toISOString().slice(0, 10)}.csv`;
  return new Response(text, {
    headers: {
      "content-type": "text/csv; charset=utf-8; header=present",
      "content-disposition": `attachment; filename="${file}"`,
    },
  });
}
