// Close codes of WebSockets (RFC 6455 §7.4).

/** Codes that only say that there was none; none may be sent (§7.4.1). */
const NEVER_SENT: readonly number[] = [1005, 1006, 1015];
const INTERNAL_ERROR = 1011;

/** The code to answer a close with: the same, as far as that may be sent. */
export const echoed = (code: number): number => (NEVER_SENT.includes(code) ? INTERNAL_ERROR : code);
