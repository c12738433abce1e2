// Lists of people, teams, roles, tokens and the like: their rows come under a name, by cursor or by offset.
import { get, type Kind, type Page, type Query, withFields } from "../../api.ts";
import type { Source } from "../../parts/listing.tsx";
import type { Entity } from "../../parts/table.tsx";

const MOST = 500;

type Spec<Raw, T> = {
  kind: Kind;
  path: string;
  /** Name of the rows in the answer. */
  under: string;
  /** Rows in one answer, at most; 500 unless told. */
  most?: number;
  /** Whether it pages by `offset`; a cursor in the address is that number then. */
  byOffset?: boolean;
  row: (raw: Raw) => T;
};
type Answer<Raw> = Record<string, Raw[]> & { nextCursor?: string | null; total: number };

/** The rows of a list of the API. */
export function source<Raw, T extends Entity>(spec: Spec<Raw, T>): Source<T> {
  const { kind, path, under, most = MOST, byOffset, row } = spec;
  const page = async ({ cursor, ...query }: Query, signal: AbortSignal): Promise<Page<T>> => {
    const from = byOffset ? { offset: Number(cursor ?? 0) } : { cursor };
    const answer = await get<Answer<Raw>>(withFields(path, { ...query, ...from }), signal);
    const items = (answer[under] ?? []).map(row);
    const end = Number(cursor ?? 0) + items.length;
    const next = end < answer.total && items.length > 0 ? String(end) : null;
    return { items, total: answer.total, nextCursor: byOffset ? next : (answer.nextCursor ?? null) };
  };
  return {
    kind,
    load: (query, signal) => (query.limit === 0 ? whole(page, { ...query, limit: most }, signal) : page(query, signal)),
  };
}

async function whole<T>(
  page: (query: Query, signal: AbortSignal) => Promise<Page<T>>,
  query: Query,
  signal: AbortSignal,
): Promise<Page<T>> {
  const items: T[] = [];
  let cursor: string | null = null;
  do {
    const part: Page<T> = await page({ ...query, cursor }, signal);
    items.push(...part.items);
    cursor = part.nextCursor;
  } while (cursor !== null);
  return { items, nextCursor: null, total: items.length };
}
