// /audit: who changed what, read, exported and checked by anybody who may; what was denied and whose secrets were used,
// counted. The chain of the rows shows whatever was done to them.
import { createHash } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { AuditEntry, AuditVerdict } from "../../src/schemas/audit.ts";
import { addUser, as } from "../auth/users.ts";
import { type Gateway, startGateway } from "../harness.ts";
import { apiOf } from "../rest.ts";
import { callTool } from "./mcp.ts";
import { startRestApi } from "./rest-api.ts";
import { upstreams } from "./upstreams.ts";

let gateway: Gateway;
const { server, closeAll } = upstreams();
beforeAll(async () => {
  gateway = await startGateway();
  for (const name of ["one", "two", "three", "four", "five"]) await make(name);
});
afterAll(() => Promise.all([gateway.dispose(), closeAll()]));

const make = (name: string) => gateway.api<{ id: string }>("POST", "/servers", { name });
interface List {
  readonly entries: AuditEntry[];
  readonly nextCursor: string | null;
  readonly total: number;
}
const list = async (query = "") => (await gateway.api<List>("GET", `/audit${query}`)).body;
const verify = async () => (await gateway.api<AuditVerdict>("GET", "/audit/verify")).body;
const names = ({ entries }: List) => entries.map(({ detail }) => detail.name);
const exported = async (query: string) => {
  const response = await fetch(`${gateway.url}/audit/export${query}`, {
    headers: { authorization: `Bearer ${await gateway.token()}` },
  });
  return { response, text: await response.text() };
};

describe("the trail", () => {
  test("is listed newest first, with who, what, from where and in which request", async () => {
    const id = "trail-of-this-one";
    const headers = { ...(await as(gateway, "admin@example.com")), "x-correlation-id": id };
    const { body } = await gateway.api<{ id: string }>("POST", "/servers", { name: "six" }, headers);
    const [entry] = (await list()).entries;
    expect(entry).toMatchObject({
      actor: "admin@example.com",
      action: "server.create",
      target_type: "server",
      target_id: body.id,
      detail: { name: "six" },
      request_id: id,
      ip: "127.0.0.1",
    });
    expect((await gateway.api("GET", `/audit/${entry?.id}`)).body).toEqual(entry);
    expect((await gateway.api("GET", "/audit/99999999")).status).toBe(404);
    expect((await gateway.api("GET", "/audit/nothing")).status).toBe(404);
  });

  test("comes in pages that follow each other, whatever is added meanwhile", async () => {
    const all = names(await list("?limit=500"));
    const seen: unknown[] = [];
    for (let cursor: string | null = ""; cursor !== null; ) {
      const page: List = await list(`?limit=2${cursor && `&cursor=${cursor}`}`);
      if (seen.length === 2) await make("meanwhile");
      seen.push(...names(page));
      cursor = page.nextCursor;
    }
    expect(seen).toEqual(all);
    expect((await list("?limit=1")).total).toBe(all.length + 1);
    expect((await gateway.api("GET", "/audit?cursor=abc")).status).toBe(422);
  });

  test("is found by actor, action or its beginning, target, time and any part of them", async () => {
    const [newest, before] = (await list()).entries;
    const some = async (query: string) => (await list(query)).total;
    const total = await some("");
    expect(await some("?actor=admin@example.com")).toBe(total);
    expect(await some("?actor=nobody@example.com")).toBe(0);
    expect([await some("?action=server"), await some("?action=server.create"), await some("?action=create")]).toEqual([
      total,
      total,
      0,
    ]);
    expect(await some("?q=create")).toBe(total);
    expect([await some("?q=%25"), await some("?q=_erver")]).toEqual([0, 0]);
    expect(await some(`?target_type=server&target_id=${newest?.target_id}`)).toBe(1);
    expect(await some(`?request_id=${newest?.request_id}`)).toBe(1);
    expect(await some("?request_id=of-none")).toBe(0);
    expect(await some(`?since=${newest?.at}&until=${newest?.at}`)).toBe(0);
    expect((await list(`?since=${before?.at}&until=${newest?.at}`)).entries[0]?.id).toBe(before?.id);
    expect((await gateway.api("GET", "/audit?since=yesterday")).status).toBe(422);
  });

  test("is for those alone who have audit.read", async () => {
    const ann = await as(gateway, await addUser(gateway, "ann@example.com"));
    for (const path of ["/audit", "/audit/export", "/audit/verify", "/audit/counts"]) {
      const { status, body } = await gateway.api("GET", path, undefined, ann);
      expect([path, status, body]).toMatchObject([path, 403, { permission: "audit.read" }]);
      expect((await gateway.api("GET", path, undefined, {})).status).toBe(401);
    }
  });
});

describe("the export", () => {
  test("as NDJSON is all rows, oldest first, and enough to check the chain elsewhere", async () => {
    const { response, text } = await exported("?format=ndjson");
    expect(response.headers.get("content-type")).toBe("application/x-ndjson");
    expect(response.headers.get("content-disposition")).toMatch(/^attachment; filename="audit-.*\.ndjson"$/);
    const rows = text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as AuditEntry);
    expect(rows.map(({ id }) => id).reverse()).toEqual((await list("?limit=500")).entries.map(({ id }) => id));
    let head = "0".repeat(64);
    for (const { at, actor, action, target_type, target_id, detail, request_id, ip, prev_hash, hash } of rows) {
      expect(prev_hash).toBe(head);
      const sealed = [head, at, actor, action, target_type, target_id, JSON.stringify(detail), request_id, ip];
      head = createHash("sha256").update(JSON.stringify(sealed)).digest("hex");
      expect(hash).toBe(head);
    }
    expect((await verify()).head).toBe(head);
  });

  test("as CSV is a table with a header, filtered as the list is", async () => {
    const [newest] = (await list()).entries;
    const { response, text } = await exported(`?format=csv&target_id=${newest?.target_id}`);
    expect(response.headers.get("content-type")).toMatch(/^text\/csv/);
    const [header, row, ...rest] = text.split("\r\n");
    expect(header).toBe("id,at,actor,action,target_type,target_id,detail,request_id,ip,prev_hash,hash");
    expect(row).toContain(`,server.create,server,${newest?.target_id},"{""name"":""${newest?.detail.name}"",`);
    expect(rest).toEqual([""]);
  });

  test("is made page by page, however long the trail is", async () => {
    await gateway.sql(
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500)
       INSERT INTO audit (at, actor, action, target_type, target_id, detail, request_id)
       SELECT '2020-01-01T00:00:00.000Z', '=cmd()', 'old.row', 'x', i, '{}', 'r' FROM n`,
    );
    try {
      const { text } = await exported("?format=csv&action=old.row");
      const lines = text.trimEnd().split("\r\n").slice(1);
      expect(lines.map((line) => Number(line.split(",")[5]))).toEqual(Array.from({ length: 2500 }, (_, i) => i + 1));
      expect(new Set(lines.map((line) => line.split(",")[2]))).toEqual(new Set(["'=cmd()"]));
    } finally {
      await gateway.sql("DELETE FROM audit WHERE action = 'old.row'");
    }
  });
});

describe("the check of the chain", () => {
  let rows: { id: number }[];
  beforeEach(async () => {
    rows = (await gateway.sql("SELECT * FROM audit ORDER BY id")) as { id: number }[];
    expect(await verify()).toMatchObject({ intact: true, rows: rows.length, before_chain: 0, broken: null });
  });
  afterEach(async () => {
    await gateway.sql("DELETE FROM audit");
    for (const row of rows) {
      const columns = Object.keys(row);
      await gateway.sql(
        `INSERT INTO audit (${columns.join(", ")}) VALUES (${columns.map(() => "?").join(", ")})`,
        ...Object.values(row),
      );
    }
  });

  const idAt = (index: number): number => rows[index]?.id ?? Number.NaN;

  test.each(["at", "actor", "action", "target_type", "target_id", "detail", "request_id", "ip", "hash", "prev_hash"])(
    "finds a row whose %s was changed",
    async (column) => {
      await gateway.sql(`UPDATE audit SET ${column} = '{"by":"somebody"}' WHERE id = ?`, idAt(2));
      expect(await verify()).toMatchObject({ intact: false, rows: 2, broken: { id: idAt(2) } });
    },
  );

  test("finds where a row was taken out, the first one too", async () => {
    await gateway.sql("DELETE FROM audit WHERE id = ?", idAt(2));
    expect(await verify()).toMatchObject({ intact: false, broken: { id: idAt(3) } });
    await gateway.sql("DELETE FROM audit WHERE id <= ?", idAt(2));
    expect(await verify()).toMatchObject({ intact: false, rows: 0, broken: { id: idAt(3) } });
  });

  test("finds a row that was put in, with or without digests", async () => {
    await gateway.sql(
      `INSERT INTO audit (at, actor, action, target_type, target_id, detail, request_id)
       SELECT at, actor, action, target_type, target_id, detail, request_id FROM audit WHERE id = ?`,
      idAt(1),
    );
    const [{ id }] = (await gateway.sql("SELECT MAX(id) AS id FROM audit")) as [{ id: number }];
    expect(await verify()).toMatchObject({ intact: false, rows: rows.length, broken: { id } });
    await gateway.sql("UPDATE audit SET prev_hash = 'x', hash = 'y' WHERE id = ?", id);
    expect(await verify()).toMatchObject({ intact: false, rows: rows.length, broken: { id } });
  });

  test("finds two rows that changed places", async () => {
    await gateway.sql("UPDATE audit SET id = -1 WHERE id = ?", idAt(2));
    await gateway.sql("UPDATE audit SET id = ? WHERE id = ?", idAt(2), idAt(3));
    await gateway.sql("UPDATE audit SET id = ? WHERE id = -1", idAt(3));
    expect(await verify()).toMatchObject({ intact: false, rows: 2, broken: { id: idAt(2) } });
  });

  test("finds digests taken away; the head, kept elsewhere, shows a tail cut off", async () => {
    const { head } = await verify();
    await gateway.sql("UPDATE audit SET hash = NULL, prev_hash = NULL WHERE id = ?", idAt(2));
    expect(await verify()).toMatchObject({ intact: false, broken: { id: idAt(2) } });
    await gateway.sql("DELETE FROM audit WHERE id >= ?", idAt(2));
    const cut = await verify();
    expect(cut).toMatchObject({ intact: true, rows: 2 });
    expect(cut.head).not.toBe(head);
  });

  test("does not keep anybody from changing things, whatever was found", async () => {
    await gateway.sql("UPDATE audit SET id = -1 WHERE id = ?", idAt(rows.length - 1));
    await gateway.sql("UPDATE audit SET id = ? WHERE id = ?", idAt(rows.length - 1), idAt(rows.length - 2));
    await gateway.sql("UPDATE audit SET id = ? WHERE id = -1", idAt(rows.length - 2));
    const { status, body } = await make("after all");
    expect(status).toBe(201);
    expect((await list("?limit=1")).entries[0]).toMatchObject({ target_id: body.id });
    expect(await verify()).toMatchObject({ intact: false, broken: { id: idAt(rows.length - 2) } });
    await gateway.api("DELETE", `/servers/${body.id}`);
  });
});

test("twenty changes at once each get their true answer, and the chain is whole", async () => {
  const wanted = Array.from({ length: 20 }, (_, number) => `at-once-${number % 16}`);
  const answers = await Promise.all(wanted.map((name) => make(name)));
  expect(answers.map(({ status }) => status).sort()).toEqual([...Array(16).fill(201), ...Array(4).fill(409)]);
  const stored = await gateway.sql("SELECT id FROM servers WHERE name LIKE 'at-once-%'");
  expect(stored.map((row) => (row as { id: string }).id).sort()).toEqual(
    answers.flatMap(({ status, body }) => (status === 201 ? [body.id] : [])).sort(),
  );
  expect(await verify()).toMatchObject({ intact: true });
});

describe("secrets", () => {
  test("given with upstreams and REST tools are nowhere in the trail, whatever becomes of these", async () => {
    const api = await startRestApi();
    const { url } = await server();
    try {
      const up = await gateway.api<{ id: string }>("POST", "/gateways", {
        name: "sealed",
        url,
        authType: "bearer",
        authToken: "s3cret-up",
      });
      const tool = await gateway.api<{ id: string }>("POST", "/tools", {
        name: "sealed_tool",
        url: `${api.url}/x`,
        headers: { "x-key": "s3cret-tool" },
      });
      const changes = [
        await gateway.api("PUT", `/gateways/${up.body.id}`, {
          authType: "basic",
          authUsername: "u",
          authPassword: "s3cret-new",
        }),
        await gateway.api("PUT", `/tools/${tool.body.id}`, { headers: { "x-key": "s3cret-other" } }),
        await gateway.api("DELETE", `/tools/${tool.body.id}`),
        await gateway.api("DELETE", `/gateways/${up.body.id}`),
      ];
      expect([up, tool, ...changes].map(({ status }) => status)).toEqual([201, 201, 200, 200, 200, 200]);
      const kept = JSON.stringify(await gateway.sql("SELECT * FROM audit"));
      expect(kept).toContain(tool.body.id);
      expect(kept).not.toMatch(/s3cret|dTpzM2NyZXQ/); // plain, or in base64 as basic authentication has it
    } finally {
      await api.close();
    }
  });
});

interface Counted {
  readonly counts: { kind: string; principal: string; what: string; target: string; count: number; minute: string }[];
  readonly total: number;
  readonly nextCursor: string | null;
}
const counts = async (query: string) => (await gateway.api<Counted>("GET", `/audit/counts${query}`)).body;
const sum = ({ counts }: Counted) => counts.reduce((all, { count }) => all + count, 0);

describe("denied calls", () => {
  test("are written by themselves, counted per principal, permission, target and minute", async () => {
    const bob = await as(gateway, await addUser(gateway, "bob@example.com"));
    const { body } = await make("bobs-bane");
    for (const _ of [1, 2, 3]) await gateway.api("DELETE", `/servers/${body.id}`, undefined, bob);
    await gateway.api("GET", "/audit", undefined, bob);
    const rows = () =>
      gateway.sql(
        "SELECT what, target, SUM(count) AS count FROM audit_counts WHERE principal = 'bob@example.com' GROUP BY what, target ORDER BY what",
      );
    await vi.waitFor(async () => expect(await rows()).toHaveLength(2), { timeout: 10_000 });
    expect(await rows()).toEqual([
      { what: "audit.read", target: "page", count: 1 },
      { what: "servers.delete", target: body.id, count: 3 },
    ]);
  });

  test("without a credential that holds are anonymous, and carry no text of whoever sent them", async () => {
    const before = sum(await counts("?kind=denied&principal=anonymous&limit=500"));
    const mine = `mine-${Date.now()}`;
    const forged = await gateway.token({ subject: mine, secret: "somebody else's secret, long enough to sign" });
    const mcp = { "content-type": "application/json", accept: "application/json, text/event-stream" };
    await gateway.api("GET", `/tools/${mine}`, undefined, { authorization: `Bearer ${forged}` });
    await gateway.api("POST", `/servers/${mine}/mcp`, { jsonrpc: "2.0", id: 1, method: "ping" }, mcp);
    const after = await counts("?kind=denied&principal=anonymous&limit=500");
    expect(sum(after)).toBe(before + 2);
    expect(JSON.stringify(after)).not.toContain(mine);
    expect(new Set(after.counts.map(({ target }) => target))).toEqual(new Set(["gateway"]));
  });

  test("never tell the one who was denied what was noted", async () => {
    const eve = await as(gateway, await addUser(gateway, "eve@example.com"));
    const { body } = await gateway.api("GET", "/audit", undefined, eve);
    expect(Object.keys(body).sort()).toEqual(["code", "detail", "permission", "request_id"]);
  });
});

describe("uses of secrets", () => {
  test("are counted per principal and upstream, and add up", async () => {
    const { url } = await server();
    const { gatewayId } = await gateway.bundle("used", url, {}, { authType: "bearer", authToken: "s3cret-9" });
    const carol = await addUser(gateway, "carol@example.com");
    const hers = { ...gateway, api: apiOf(gateway.url, await gateway.token({ subject: carol })) };
    const before = sum(await counts(`?target=${gatewayId}&principal=${carol}`));
    const tools = (await gateway.sql("SELECT name FROM tools WHERE upstream_id = ?", gatewayId)) as { name: string }[];
    for (const _ of [1, 2, 3]) await callTool(hers, tools[0]?.name ?? "");
    const used = await counts(`?kind=secret_used&target=${gatewayId}&principal=${carol}`);
    expect(before).toBe(0);
    expect(sum(used)).toBeGreaterThanOrEqual(3);
    expect(used.counts[0]).toMatchObject({ what: "upstream-credentials", target: gatewayId });
    expect(used.counts[0]?.minute).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\dZ$/);
    expect((await counts(`?target=${gatewayId}&principal=gateway`)).total).toBeGreaterThan(0);
  });

  test("come in pages", async () => {
    const all = (await counts("?limit=500")).counts;
    const seen: unknown[] = [];
    for (let cursor: string | null = ""; cursor !== null; ) {
      const page: Counted = await counts(`?limit=2${cursor && `&cursor=${cursor}`}`);
      seen.push(...page.counts);
      cursor = page.nextCursor;
    }
    expect(seen).toEqual(all);
    expect((await gateway.api("GET", "/audit/counts?cursor=abc")).status).toBe(422);
  });
});
