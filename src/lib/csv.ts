// CSV as RFC 4180 has it: CRLF, quotes doubled. Cells that a spreadsheet would take for a formula begin with an
// apostrophe, so that nobody's name runs on the machine of whoever reads the file.

const FORMULA = /^[=+\-@\t\r]/;

function cell(value: string): string {
  const safe = FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** One record, its line break included. Null is an empty cell. */
export const csvRecord = (values: readonly (string | number | null)[]): string =>
  `${values.map((value) => (typeof value === "number" ? value : cell(value ?? ""))).join(",")}\r\n`;
