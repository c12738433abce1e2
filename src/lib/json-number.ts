// Decimal numbers compared as text: do two spellings mean the same value? Used by `json.ts` to find numbers a double
// would change. RFC 8259 section 6. No regular expression may backtrack over what a stranger wrote.

const NUMBER = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

/**
 * One spelling for all texts of the same decimal value: significant digits and the power of ten behind them.
 * "1.50", "15e-1" and "1.5" give the same; "Infinity" is returned as it is and so equals no number.
 */
export function canonicalNumber(text: string): string {
  const match = NUMBER.exec(text);
  if (match === null) return text;
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = match;
  const digits = whole + fraction;
  let start = 0;
  while (digits[start] === "0") start++;
  if (start === digits.length) return "0";
  let end = digits.length;
  while (digits[end - 1] === "0") end--;
  return `${sign}${digits.slice(start, end)}e${Number(exponent) - fraction.length + digits.length - end}`;
}
