// Many rows in few statements: they travel as one JSON text, which SQLite takes apart. D1 allows 100 parameters in a
// statement, 2 MB in a parameter, and 50 (free) or 1,000 statements in a request.
import { and, eq, getTableColumns, type SQL, sql } from "drizzle-orm";
import type { BatchItem } from "drizzle-orm/batch";
import type { SQLiteColumn, SQLiteTable } from "drizzle-orm/sqlite-core";
import type { Database } from "./client.ts";

/** Characters of JSON in one statement, unless a single row is larger. */
const ENOUGH = 500_000;

type Statement = BatchItem<"sqlite">;

/** A field of a JSON row, as `INSERT … SELECT` and `UPDATE … FROM` read it. */
const cell = (at: number): SQL => sql.raw(`json_each.value ->> ${at}`);
const rowsIn = (json: string): SQL => sql`json_each(${json})`;

/** Statements that insert these rows; a column that a row leaves out gets its default. */
export function insertAll<Table extends SQLiteTable>(
  db: Database,
  table: Table,
  rows: readonly Table["$inferInsert"][],
): Statement[] {
  const columns = Object.entries<SQLiteColumn>(getTableColumns(table));
  const cells = sql.join(
    columns.map((_, at) => cell(at)),
    sql`, `,
  );
  return texts(rows, columns).map((json) => db.insert(table).select(sql`SELECT ${cells} FROM ${rowsIn(json)}`));
}

/** Statements that change the rows with these ids: each to the `fields` it is given; `where` what more must hold. */
export function updateAll<Table extends SQLiteTable & { id: SQLiteColumn }, Field extends keyof Table["$inferSelect"]>(
  db: Database,
  table: Table,
  fields: readonly (Field & string)[],
  rows: readonly ({ readonly id: string } & Pick<Table["$inferSelect"], Field>)[],
  where?: SQL,
): Statement[] {
  const known: Record<string, SQLiteColumn> = getTableColumns(table);
  const columns = ["id", ...fields].flatMap((field): [string, SQLiteColumn][] =>
    known[field] ? [[field, known[field]]] : [],
  );
  const values = Object.fromEntries(columns.slice(1).map(([field], at) => [field, cell(at + 1)]));
  return texts(rows, columns).map((json) =>
    db
      .update(table as SQLiteTable)
      .set(values)
      .from(rowsIn(json))
      .where(and(eq(table.id, cell(0)), where)),
  );
}

/** Rows as JSON texts of about `ENOUGH` characters: lists of rows, each the list of its columns as SQLite keeps them. */
function texts(rows: readonly object[], columns: readonly (readonly [string, SQLiteColumn])[]): string[] {
  const pieces: string[][] = [];
  let room = 0;
  for (const row of rows) {
    const text = JSON.stringify(
      columns.map(([field, column]) => stored(column, (row as Record<string, unknown>)[field])),
    );
    if (room < text.length) {
      pieces.push([]);
      room = ENOUGH;
    }
    pieces.at(-1)?.push(text);
    room -= text.length;
  }
  return pieces.map((piece) => `[${piece.join(",")}]`);
}

function stored(column: SQLiteColumn, given: unknown): unknown {
  const value = given === undefined ? column.default : given;
  return value === undefined || value === null ? null : column.mapToDriverValue(value);
}
