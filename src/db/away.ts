// When the database is away for a moment, as against a statement that is wrong: what D1 says then (D1, "Error list":
// errors that may be retried).

const AWAY =
  /network connection lost|storage.*object to be reset|its code was updated|D1 DB reset|cannot resolve D1|transient issue|overloaded|internal error/i;

/** Whether the database may have run the statements, or not, and may do so when it is asked again. */
export const mayBeAskedAgain = (error: unknown): boolean => AWAY.test(String(error));

/** Whether a message is D1's, and says that it is away: others lose connections too. */
export const isAway = (message: string): boolean => message.startsWith("D1_ERROR") && AWAY.test(message);
