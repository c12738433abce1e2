// Filters that people keep under a name. Nobody sees or changes those of others.
import { and, asc, count, eq, ne } from "drizzle-orm";
import { type Database, tables } from "../db/client.ts";
import { GatewayError } from "../errors.ts";
import { newId } from "../lib/ids.ts";
import type { SavedFilter, SavedFilterCreate } from "../schemas/saved-filters.ts";

const { savedFilters } = tables;
type Page = SavedFilter["page"];

/** How many somebody may keep of one page. */
const MOST = 50;

const ownOf = (owner: string, page: Page) => and(eq(savedFilters.owner, owner), eq(savedFilters.page, page));

/** Somebody's filters of a page, by name. */
export async function filtersOf(db: Database, owner: string, page: Page): Promise<SavedFilter[]> {
  const rows = await db.select().from(savedFilters).where(ownOf(owner, page)).orderBy(asc(savedFilters.name));
  return rows.map(({ id, name, query, createdAt }) => ({ id, page, name, query, createdAt }));
}

/** Keeps a filter, in place of one of that name. @throws GatewayError `conflict` when there are too many. */
export async function keepFilter(db: Database, owner: string, given: SavedFilterCreate): Promise<SavedFilter> {
  const own = ownOf(owner, given.page);
  const [others] = await db
    .select({ total: count() })
    .from(savedFilters)
    .where(and(own, ne(savedFilters.name, given.name)));
  if ((others?.total ?? 0) >= MOST)
    throw new GatewayError("conflict", `You keep ${MOST} filters of this page already: delete one first`);
  const filter = { id: newId(), ...given, createdAt: new Date().toISOString() };
  await db.batch([
    db.delete(savedFilters).where(and(own, eq(savedFilters.name, given.name))),
    db.insert(savedFilters).values({ ...filter, owner }),
  ]);
  return filter;
}

/** @throws GatewayError `not_found`, the same for absent and another's. */
export async function dropFilter(db: Database, owner: string, id: string): Promise<void> {
  const gone = await db
    .delete(savedFilters)
    .where(and(eq(savedFilters.id, id), eq(savedFilters.owner, owner)))
    .returning({ id: savedFilters.id });
  if (gone.length === 0) throw new GatewayError("not_found", "Filter not found");
}
