// Everything that carries a tag, across the nouns of the catalog.
import { sql } from "drizzle-orm";
import { tables } from "../db/client.ts";
import type { Sight } from "../identity/caller.ts";
import type { Desk } from "./change.ts";
import { seenBy } from "./list.ts";

/** One tag on one entity. */
export interface TaggedEntity {
  readonly tag: string;
  readonly id: string;
  readonly name: string;
  readonly type: "tools" | "resources" | "prompts" | "servers" | "gateways";
  readonly description: string | null;
}

/** All tags on all entities somebody may see. */
export async function taggedEntities({ db }: Desk, sight: Sight): Promise<TaggedEntity[]> {
  const { tools, resources, prompts, servers, upstreams } = tables;
  const of = (table: typeof tools | typeof resources | typeof prompts | typeof servers | typeof upstreams) =>
    db
      .select({ id: table.id, name: table.name, description: table.description, tags: table.tags })
      .from(table)
      .where(sql`${seenBy(table, sight) ?? sql`1`} AND ${table.tags} <> '[]'`);
  const [byTool, byResource, byPrompt, byServer, byGateway] = await db.batch([
    of(tools),
    of(resources),
    of(prompts),
    of(servers),
    of(upstreams),
  ]);
  const each = (
    type: TaggedEntity["type"],
    rows: { id: string; name: string; description: string | null; tags: string[] }[],
  ) => rows.flatMap(({ tags, ...row }) => tags.map((tag) => ({ tag, type, ...row })));
  return [
    ...each("tools", byTool),
    ...each("resources", byResource),
    ...each("prompts", byPrompt),
    ...each("servers", byServer),
    ...each("gateways", byGateway),
  ];
}
