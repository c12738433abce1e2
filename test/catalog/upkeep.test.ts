// Upkeep: what is over goes, a bounded piece with each run, and nothing else does; a step that fails stops no other.
import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { beforeEach, describe, expect, it } from "vitest";
import { MOST_SWEPT } from "../../src/db/sweep.ts";
import { runSchedule } from "../../src/schedule.ts";
import { bindings } from "../inside.ts";

const { DB } = bindings();
const NOW = Math.floor(Date.now() / 1000);

const run = async (given = bindings()) => {
  const execution = createExecutionContext();
  await runSchedule(given, execution);
  await waitOnExecutionContext(execution);
};
const left = async (table: string): Promise<number> =>
  (await DB.prepare(`SELECT count(*) AS n FROM ${table}`).first<{ n: number }>())?.n ?? 0;

/** Tables that the schedule sweeps, and how a row comes into them that is over, or is not, by its number. */
const TABLES: Readonly<Record<string, string>> = {
  revocations: "INSERT INTO revocations (id, expires_at) SELECT value ->> 0, value ->> 1 FROM json_each(?)",
  links:
    "INSERT INTO links (id, email, purpose, created_by, created_at, expires_at) SELECT value ->> 0, 'a@b.c', 'reset', 'a', 'now', value ->> 1 FROM json_each(?)",
  sessions:
    "INSERT INTO sessions (id, user_email, created_at, last_seen_at, started_by, ends_at, idle_at) SELECT value ->> 0, 'a@b.c', 'now', 'now', 'password', value ->> 1, value ->> 1 FROM json_each(?)",
};

const fill = (table: string, over: number, live: number) =>
  DB.prepare(TABLES[table] ?? "")
    .bind(
      JSON.stringify(
        Array.from({ length: over + live }, (_, at) => [`row-${at}`, at < over ? NOW - 3600 : NOW + 3600]),
      ),
    )
    .run();

beforeEach(async () => {
  await DB.batch(Object.keys(TABLES).map((table) => DB.prepare(`DELETE FROM ${table}`)));
});

describe.each(Object.keys(TABLES))("rows of %s", (table) => {
  it("that are over go in bounded pieces, the others stay", async () => {
    await fill(table, MOST_SWEPT + 20, 3);
    await run();
    expect(await left(table)).toBe(23);
    await run();
    expect(await left(table)).toBe(3);
  });
});

it("goes on with the next step when one fails", async () => {
  await fill("revocations", 1, 0);
  await fill("links", 1, 0);
  const { DB: whole } = bindings();
  const failing = new Proxy(whole, {
    get(target, key) {
      if (key !== "prepare") return Reflect.get(target, key);
      return (sql: string) => {
        if (sql.startsWith("DELETE FROM revocations")) throw new Error("D1_ERROR: Network connection lost.");
        return target.prepare(sql);
      };
    },
  });
  await run({ ...bindings(), DB: failing });
  expect([await left("revocations"), await left("links")]).toEqual([1, 0]);
});
