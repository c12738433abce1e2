// The time as tokens and rows have it.

/** Seconds since 1970, whole. */
export const nowInSeconds = (): number => Math.floor(Date.now() / 1000);
