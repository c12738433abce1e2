// What /gateways tells of the era a server speaks: what showed it, since when, what it was before, what is lost; and
// that a server which has changed its era leaves a trace in the row, the audit trail and the log.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { UpstreamRead } from "../../src/schemas/upstreams.ts";
import type { Era } from "../fakes/plain-mcp.ts";
import { answerTo } from "../fakes/plain-mcp.ts";
import { type Scripted, startScripted } from "../fakes/scripted.ts";
import { type Gateway, startGateway } from "../harness.ts";

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.dispose());

/** A server that is updated while it runs. */
async function startUpdating(): Promise<Scripted & { speaks: Era }> {
  const upstream: Scripted & { speaks: Era } = Object.assign(
    await startScripted(({ message }, outgoing) => {
      const answer = message?.method === undefined ? undefined : answerTo(message, upstream.speaks);
      if (!answer) return false;
      outgoing.writeHead(answer.status, { "content-type": "application/json" }).end(JSON.stringify(answer.message));
      return true;
    }),
    { speaks: "session" as Era },
  );
  return upstream;
}

describe("a server", () => {
  let upstream: Awaited<ReturnType<typeof startUpdating>>;
  let id: string;
  let count = 0;
  beforeEach(async () => {
    upstream = await startUpdating();
    const { body } = await gateway.api<UpstreamRead>("POST", "/gateways", {
      name: `updating ${++count}`,
      url: upstream.url,
    });
    id = body.id;
    return upstream.close;
  });
  const read = async () => (await gateway.api<UpstreamRead>("GET", `/gateways/${id}`)).body;
  const refresh = async () => expect((await gateway.api("POST", `/gateways/${id}/tools/refresh`)).status).toBe(200);
  const logged = (event: string) =>
    gateway.logged.filter((line) => line.includes(event)).filter((line) => line.includes(id));

  const SESSION = { era: "session", protocolVersion: "2025-11-25" };
  const MODERN = { era: "modern", protocolVersion: "2026-07-28" };

  test("that was added says what showed its era, and that it never changed", async () => {
    const { eraFacts, ...row } = await read();
    expect(row).toMatchObject(SESSION);
    expect(eraFacts).toMatchObject({
      evidence: [
        "server/discover refused with JSON-RPC error -32601",
        "initialize answered 2025-11-25, without a session id",
      ],
      foundAt: row.lastRefreshAt,
      change: null,
    });
    await expect.poll(() => logged("era found")).toHaveLength(1);
    expect(logged("era changed")).toEqual([]);
    const [listed] = (await gateway.api<UpstreamRead[]>("GET", `/gateways?q=updating ${count}`)).body;
    expect(listed?.eraFacts).toEqual(eraFacts);
  });

  test("that is found unchanged was found so now", async () => {
    const before = await read();
    await refresh();
    const { eraFacts, version } = await read();
    expect(version).toBe(before.version);
    expect(eraFacts.foundAt > before.eraFacts.foundAt).toBe(true);
    expect(eraFacts).toEqual({ ...before.eraFacts, foundAt: eraFacts.foundAt });
  });

  test("that refuses in another way than before has new evidence, and no new version", async () => {
    await gateway.sql(`UPDATE upstreams SET era_evidence = '["seen otherwise"]' WHERE id = ?`, id);
    const before = await read();
    await refresh();
    const after = await read();
    expect([before.eraFacts.evidence.length, after.eraFacts.evidence.length]).toEqual([1, 2]);
    expect(after.version).toBe(before.version);
  });

  test("that changes its era says so in its facts, the audit trail and the log", async () => {
    upstream.speaks = "modern";
    await refresh();
    const { eraFacts, ...row } = await read();
    expect(row).toMatchObject(MODERN);
    expect(eraFacts).toMatchObject({
      evidence: ["server/discover answered"],
      change: { at: eraFacts.foundAt, from: SESSION, to: MODERN },
    });
    const audit = (await gateway.sql("SELECT * FROM audit WHERE target_id = ?", id)) as {
      action: string;
      detail: string;
    }[];
    expect(audit.map(({ action, detail }) => [action, JSON.parse(detail).era])).toEqual([
      ["gateway.create", undefined],
      ["gateway.refresh", { from: SESSION, to: MODERN }],
    ]);
    await expect.poll(() => logged("era changed")).toHaveLength(1);
    for (const word of ["2025-11-25", "2026-07-28", "server/discover answered"])
      expect(logged("era changed")[0]).toContain(word);

    await refresh();
    expect((await read()).eraFacts.change).toEqual(eraFacts.change);
    expect(logged("era changed")).toHaveLength(1);
  });

  test("that is taken for another by its admin says that it is pinned", async () => {
    await gateway.api("PUT", `/gateways/${id}`, { transport: "session" });
    expect((await read()).eraFacts).toMatchObject({
      evidence: ["pinned by the admin", "initialize answered 2025-11-25, without a session id"],
      change: null,
    });
  });
});

describe("what is lost", () => {
  const lostOf = async (url: string) => {
    const { body } = await gateway.api<UpstreamRead>("POST", "/gateways", { name: url, url });
    return body.eraFacts.lost;
  };

  test("is said for the clients it is lost for: it differs by the server's era", async () => {
    const [session, modern] = await Promise.all([startScripted(() => false), startScripted(() => false, "modern")]);
    const [ofSession, ofModern] = [await lostOf(session.url), await lostOf(modern.url)];
    const clientsOf = (lost: typeof ofSession) => new Set(lost.map(({ clients }) => clients));
    expect(clientsOf(ofSession)).toContain("2026-07-28");
    expect(clientsOf(ofModern)).not.toContain("2026-07-28");
    expect(clientsOf(ofModern)).toContain("before 2026-07-28");
    await Promise.all([session.close(), modern.close()]);
  });

  test("is nothing of what is built in", async () => {
    expect(await lostOf("builtin:sample")).toEqual([]);
  });
});
