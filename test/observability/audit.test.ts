// The writer of the audit trail, in an isolate of its own: turns, overtaking by other isolates, lost answers.
import { beforeEach, describe, expect, it, vi } from "vitest";
import { checked, digestOf, GENESIS, type Link, UNCHECKED } from "../../src/observability/chain.ts";
import { bindings, coldIsolate, gatewayOf, type Inside } from "../inside.ts";

const { DB } = bindings();

async function trail(): Promise<Link[]> {
  const { results } = await DB.prepare(
    "SELECT id, at, actor, action, target_type AS targetType, target_id AS targetId, detail, request_id AS requestId, ip, prev_hash AS prevHash, hash FROM audit ORDER BY id",
  ).all<Link>();
  return results;
}
const verdict = async () => await checked(UNCHECKED, await trail());
const create = ({ request }: Inside, name: string) => request("POST", "/servers", { name });

beforeEach(async () => {
  await DB.batch(["audit", "servers"].map((table) => DB.prepare(`DELETE FROM ${table}`)));
});

describe("a row of the trail", () => {
  it("names the digest of the row before it, the first one 64 zeros", async () => {
    const isolate = await coldIsolate();
    for (const name of ["one", "two", "three"]) expect((await create(isolate, name)).status).toBe(201);
    const rows = await trail();
    expect(rows.map(({ prevHash }) => prevHash)).toEqual([GENESIS, rows[0]?.hash, rows[1]?.hash]);
    expect(rows.map(({ action }) => action)).toEqual(["server.create", "server.create", "server.create"]);
    expect(await verdict()).toEqual({ ...UNCHECKED, rows: 3, head: rows[2]?.hash });
  });

  it("has the digest that the written rule gives, for any text", async () => {
    const row = {
      at: "2026-01-01T00:00:00.000Z",
      actor: "ann@example.com",
      action: "server.create",
      targetType: "server",
      targetId: "é\u2028\u007f",
      detail: '{"name":"a\\nb"}',
      requestId: "r-1",
      ip: null,
    };
    // python3 -c: hashlib.sha256(json.dumps([...], ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()
    expect(await digestOf(GENESIS, row)).toBe("3371d9faf37388a2902f6289ba309b6972192103e7f96197d00d5b537f9d96a5");
  });

  it("is one of twenty of one isolate that came at once, and each has its true answer", async () => {
    const isolate = await coldIsolate();
    await create(isolate, "warm");
    const names = Array.from({ length: 20 }, (_, number) => `s${number % 15}`);
    const statuses = (await Promise.all(names.map((name) => create(isolate, name)))).map(({ status }) => status);
    expect(statuses.filter((status) => status === 201)).toHaveLength(15);
    expect(statuses.filter((status) => status === 409)).toHaveLength(5);
    expect(await verdict()).toMatchObject({ intact: true, rows: 16 });
  });

  it("is one of twenty of two isolates that came at once, and each has its true answer", async () => {
    const isolates = [await coldIsolate(), await coldIsolate()] as const;
    const names = Array.from({ length: 20 }, (_, number) => `s${number}`);
    const answers = await Promise.all(names.map((name, number) => create(isolates[number % 2 ? 1 : 0], name)));
    expect(answers.map(({ status, text }) => (status === 201 ? status : text))).toEqual(names.map(() => 201));
    expect(await verdict()).toMatchObject({ intact: true, rows: 20 });
  });

  it("leaves no gap when its batch fails", async () => {
    const isolate = await coldIsolate();
    expect((await create(isolate, "taken")).status).toBe(201);
    expect((await create(isolate, "taken")).status).toBe(409);
    expect((await create(isolate, "free")).status).toBe(201);
    const [first, second, ...more] = await trail();
    expect([second?.id, more]).toEqual([(first?.id ?? 0) + 1, []]);
    expect(await verdict()).toMatchObject({ intact: true, rows: 2 });
  });

  it("is the first of a new chain behind rows from before there was one", async () => {
    await DB.prepare(
      "INSERT INTO audit (at, actor, action, target_type, target_id, detail, request_id) VALUES ('2026-01-01', 'ann', 'a', 'b', 'c', '{}', 'd')",
    ).run();
    await create(await coldIsolate(), "one");
    expect(await verdict()).toMatchObject({ intact: true, rows: 1, beforeChain: 1 });
  });

  it("follows what is there after the database was set back to an earlier moment", async () => {
    const isolate = await coldIsolate();
    for (const name of ["one", "two", "three"]) await create(isolate, name);
    await DB.prepare("DELETE FROM audit WHERE id > (SELECT MIN(id) FROM audit)").run();
    expect((await create(isolate, "four")).status).toBe(201);
    expect(await verdict()).toMatchObject({ intact: true, rows: 2 });
  });
});

describe("a batch whose answer was lost", () => {
  /** An isolate whose second batch with an audit row is run, or not, and then its answer lost. */
  async function losing(run: boolean) {
    vi.resetModules();
    const { serve } = await import("../../src/app.ts");
    let written = 0;
    let losesNext = false;
    const database: D1Database = new Proxy(DB, {
      get: (target, key) => {
        if (key === "prepare") {
          return (text: string) => {
            if (text.startsWith('insert into "audit"')) losesNext = ++written === 2;
            return target.prepare(text);
          };
        }
        return async (statements: D1PreparedStatement[]) => {
          const loses = losesNext;
          losesNext = false;
          const answer = loses && !run ? [] : await target.batch(statements);
          if (loses) throw new Error("D1_ERROR: Network connection lost.");
          return answer;
        };
      },
    });
    const isolate = gatewayOf(serve, bindings({ DB: database }));
    await create(isolate, "before");
    return isolate;
  }

  it.each([true, false])("leaves one row and a true answer (batch run: %s)", async (made) => {
    const isolate = await losing(made);
    expect((await create(isolate, "unsure")).status).toBe(201);
    expect((await trail()).map(({ detail }) => (JSON.parse(detail) as { name: string }).name)).toEqual([
      "before",
      "unsure",
    ]);
    expect(await verdict()).toMatchObject({ intact: true, rows: 2 });
    expect((await create(isolate, "unsure")).status).toBe(409);
  });
});

describe("a writer that others are always faster than", () => {
  it("is told so after 2 s: 503 with Retry-After, and nothing is changed", async () => {
    vi.resetModules();
    const { serve } = await import("../../src/app.ts");
    let refused = 0;
    let writes = false;
    const database: D1Database = new Proxy(DB, {
      get: (target, key) => {
        if (key === "prepare") {
          return (text: string) => {
            writes ||= text.startsWith('insert into "audit"');
            return target.prepare(text);
          };
        }
        return async (statements: D1PreparedStatement[]) => {
          if (!writes) return await target.batch(statements);
          writes = false;
          refused++;
          throw new Error("D1_ERROR: UNIQUE constraint failed: audit.prev_hash: SQLITE_CONSTRAINT");
        };
      },
    });
    const { status, headers, text } = await create(gatewayOf(serve, bindings({ DB: database })), "slow");
    expect([status, headers.get("retry-after"), JSON.parse(text)]).toMatchObject([503, "1", { code: "unavailable" }]);
    expect(refused).toBeGreaterThan(5);
    expect(await trail()).toEqual([]);
    expect((await create(await coldIsolate(), "slow")).status).toBe(201);
  });
});
