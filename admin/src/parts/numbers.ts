// Numbers as people read them: short counts, durations, shares, sizes.

export const NONE = "–";

/** "12,345". */
export const whole = (n: number): string => n.toLocaleString("en");

/** "12.3K". */
export const short = (n: number): string => n.toLocaleString("en", { notation: "compact", maximumFractionDigits: 1 });

/** Milliseconds as "0.4 ms", "12 ms", "1.24 s"; a dash when there are none. */
export function duration(ms: number | null): string {
  if (ms === null) return NONE;
  if (ms >= 999.5) return `${(ms / 1000).toLocaleString("en", { maximumFractionDigits: ms < 9995 ? 2 : 1 })} s`;
  return `${ms.toLocaleString("en", { maximumFractionDigits: ms < 9.95 ? 1 : 0 })} ms`;
}

/** A time as it was measured: the gateway's clock knows no less than a millisecond. */
export const measured = (ms: number | null): string => (ms !== null && ms < 1 ? "< 1 ms" : duration(ms));

/** A share (0 to 1) as "0.42 %". */
export const percent = (share: number): string =>
  `${(share * 100).toLocaleString("en", { maximumFractionDigits: share < 0.1 ? 2 : 1 })} %`;

/** "812 B", "1.4 MB". */
export function size(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const step = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  return `${(bytes / 1000 ** step).toLocaleString("en", { maximumFractionDigits: step === 0 ? 0 : 1 })} ${units[step]}`;
}
