// Events of upstreams that go away and come back: each is told once, by the change that turns it, whoever else finds out
// at the same time.
import { type SQL, sql } from "drizzle-orm";
import type { BatchItem } from "drizzle-orm/batch";
import { tables } from "../db/client.ts";
import type { UpstreamRow } from "../db/tables/upstreams.ts";
import { tell } from "../observability/outbox.ts";
import type { Desk } from "./change.ts";

const { upstreams } = tables;

type Gone = Pick<UpstreamRow, "id" | "name" | "url">;

/** An upstream as events name it: a query may hold a key. */
export const namedIn = ({ id, name, url }: Gone) => ({ id, name, url: url.replace(/[?#].*$/s, "") });

const was = (reachable: boolean, { id }: Gone): SQL =>
  sql`EXISTS (SELECT 1 FROM ${upstreams} WHERE ${upstreams.id} = ${id} AND ${upstreams.reachable} = ${Number(reachable)})`;

/** Tells that an upstream can't be reached, if it could before. Goes before what stores that. */
export const tellDown = (desk: Desk, upstream: Gone, error: string): BatchItem<"sqlite"> =>
  tell(desk, "upstream.down", { upstream: namedIn(upstream), error }, { when: was(true, upstream) });

/** Tells that an upstream can be reached, if it could not before. Goes before what stores that. */
export const tellUp = (desk: Desk, upstream: Gone): BatchItem<"sqlite"> =>
  tell(desk, "upstream.up", { upstream: namedIn(upstream) }, { when: was(false, upstream) });
