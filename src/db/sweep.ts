// Deleting what is over: a bounded piece at a time, the rest with the next run of the schedule.

/** Rows that one sweep deletes at most. */
export const MOST_SWEPT = 500;

/** The statement that deletes rows for which a condition holds, with these values in it. */
export const sweep = (d1: D1Database, table: string, condition: string, ...values: unknown[]): D1PreparedStatement =>
  d1
    .prepare(`DELETE FROM ${table} WHERE rowid IN (SELECT rowid FROM ${table} WHERE ${condition} LIMIT ${MOST_SWEPT})`)
    .bind(...values);
