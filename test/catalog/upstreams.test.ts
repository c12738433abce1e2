// What an upstream offers on its way into D1: few statements for many definitions, each stored as it came.
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { type Author, type Desk, deskOf } from "../../src/catalog/change.ts";
import { changeUpstream, createUpstream } from "../../src/catalog/upstreams.ts";
import { tables } from "../../src/db/client.ts";
import { anUpstream } from "./upstream-row.ts";

const author: Author = { email: "admin@example.com", requestId: "r", ip: null, via: "api", userAgent: null };

/** A desk, and how many statements each batch that changed something had. */
function counting(): { desk: Desk; batches: number[] } {
  const batches: number[] = [];
  const d1 = new Proxy(env.DB, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key);
      if (typeof value !== "function") return value;
      return (...args: unknown[]) => {
        if (key === "batch") batches.push((args[0] as unknown[]).length);
        return Reflect.apply(value, target, args);
      };
    },
  });
  const store = { d1, kv: env.VIEWS, waitUntil: () => {} };
  return { desk: deskOf(store, author, { name: "Causeway", url: null }), batches };
}

const tool = (name: string, description: string) => ({
  key: name,
  definition: JSON.stringify({
    name,
    description,
    inputSchema: { type: "object" },
    odd: "\u0000 ' \" \\ \ud83d\ude00 ü",
  }),
});
const nothingElse = { prompts: [], resources: [], templates: [] };
const rowsOf = (desk: Desk) => desk.db.select().from(tables.tools);

describe("2,000 tools", () => {
  const names = Array.from({ length: 2_000 }, (_, n) => `tool-${n}`);
  const offer = (word: string) => ({
    ...nothingElse,
    tools: names.map((name) => tool(name, `${word} of ${name} ü'"`)),
  });

  it("are taken, and changed, in a handful of statements, each as it was offered", async () => {
    const { desk, batches } = counting();
    const row = anUpstream("large");
    expect((await createUpstream(desk, row, offer("What"))).tools).toEqual({ added: 2_000, updated: 0, removed: 0 });
    const byName = new Map((await rowsOf(desk)).map((stored) => [stored.name, stored]));
    for (const { key, definition } of offer("What").tools) {
      expect(byName.get(key)).toMatchObject({ originalName: key, definition, description: `What of ${key} ü'"` });
    }
    expect(byName.get("tool-7")).toMatchObject({
      upstreamId: row.id,
      visibility: "private",
      enabled: true,
      tags: [],
      version: 1,
      deprecated: false,
      rest: null,
      displayName: null,
      createdVia: "federation",
      ownerEmail: author.email,
    });

    const [stored] = await desk.db.select().from(tables.upstreams);
    await desk.db.update(tables.tools).set({ description: "Ours" });
    if (!stored) throw new Error("the upstream was not stored");
    const counts = await changeUpstream(desk, stored, {}, { action: "gateway.refresh" }, offer("That"));
    expect(counts.tools).toEqual({ added: 0, updated: 2_000, removed: 0 });
    const after = await rowsOf(desk);
    expect(after.map(({ id }) => id).sort()).toEqual([...byName.values()].map(({ id }) => id).sort());
    for (const one of after) {
      expect(JSON.parse(one.definition)).toMatchObject({ description: `That of ${one.name} ü'"` });
      expect([one.description, one.modifiedVia]).toEqual(["Ours", "federation"]);
    }
    expect(Math.max(...batches)).toBeLessThan(15);
  });
});
