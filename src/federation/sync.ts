// Bringing what an upstream offers into the catalog: discover, compare, store in one batch. One at a time per upstream
// in an isolate; a second asker gets the result of the first.
import { eq } from "drizzle-orm";
import { type Author, commit, type Desk, persistently } from "../catalog/change.ts";
import type { Counts, Offer } from "../catalog/intake.ts";
import { seenRow } from "../catalog/list.ts";
import { tellDown } from "../catalog/reach.ts";
import { targetOf } from "../catalog/target.ts";
import { changeUpstream } from "../catalog/upstreams.ts";
import type { Context } from "../context.ts";
import { tables } from "../db/client.ts";
import type { UpstreamRow } from "../db/tables/upstreams.ts";
import { asGatewayError } from "../errors.ts";
import { SingleFlight } from "../lib/single-flight.ts";
import { type Discovery, discover, type Found } from "../upstream/discover.ts";
import { sessionsOfPrincipal } from "../upstream/sessions.ts";
import type { Surroundings, Target } from "../upstream/upstream.ts";
import { deliverSoon } from "../upstream/webhooks.ts";

/** What a discovery needs of a request: the gateway asks in its own name. */
export function surroundingsOf(context: Context): Surroundings {
  const around = {
    outbound: context.outbound,
    secrets: context.config.sealingSecrets,
    principal: "gateway",
    clientInfo: context.introduction,
    timeout: context.config.connectTimeout,
    signal: new AbortController().signal,
    background: (work: Promise<unknown>) => context.store.waitUntil(work),
  };
  return { ...around, sessions: sessionsOfPrincipal("gateway", around) };
}

/** Looks at an upstream without storing anything. @throws GatewayError naming upstream, URL and stage. */
export const probe = (
  context: Context,
  target: Omit<Target, "era">,
  transport: UpstreamRow["transport"],
): Promise<Discovery> => discover(target, transport, surroundingsOf(context));

/** A discovery as the catalog takes it. */
export const offerOf = (found: Discovery): Offer => ({
  tools: found.tools.map(offered),
  prompts: found.prompts.map(offered),
  resources: found.resources.map(offered),
  templates: found.templates.map(offered),
});

const offered = ({ key, definition }: Found) => ({ key, definition: JSON.stringify(definition) });

/** Fields of an upstream's row that a discovery fills. */
export function foundFields(found: Discovery) {
  const now = new Date().toISOString();
  return {
    era: found.era,
    eraFoundAt: now,
    eraEvidence: [...found.evidence],
    protocolVersion: found.protocolVersion,
    sessionful: found.sessionful,
    capabilities: found.capabilities as Record<string, unknown>,
    serverInfo: found.serverInfo as Record<string, unknown> | null,
    instructions: found.instructions,
    reachable: true,
    lastSeen: now,
    lastError: null,
    lastRefreshAt: now,
    problems: found.problems.map((problem) => ({ ...problem })),
  };
}

const SIGNAL_PAUSE = 1_000;
const OURSELVES = { email: "gateway", via: "federation", ip: null, userAgent: null };

/** What a refresh did. */
export interface Refreshed {
  readonly counts: Counts;
  readonly problems: Discovery["problems"];
  readonly row: UpstreamRow;
}

const running = new SingleFlight<Refreshed>(30_000);

/** When the latest refresh for a signal began, or will begin. */
const turns = new Map<string, number>();
/** When the latest refresh of all began. */
const begun = new Map<string, number>();

/**
 * A refresh because the upstream says that something changed: at once, then at most once a second for all who were told,
 * in our own name. A failure is remembered in the upstream's row; the next signal is heard nevertheless.
 */
export async function refreshOnSignal(context: Context, id: string): Promise<void> {
  const now = Date.now();
  const latest = turns.get(id) ?? 0;
  const turn = latest > now ? latest : Math.max(now, latest + SIGNAL_PAUSE);
  turns.set(id, turn);
  if (turn > now) await scheduler.wait(turn - now);
  do {
    await refresh(context, id, OURSELVES).catch((error: unknown) =>
      console.warn({ event: "refresh failed", upstream: id, reason: String(error), request_id: context.requestId }),
    );
  } while ((begun.get(id) ?? now) < now); // one that was under way may have looked before
}

/** Discovers an upstream anew and stores what changed. A failure is remembered in its row and thrown. */
export function refresh(context: Context, id: string, author: Partial<Author> = {}): Promise<Refreshed> {
  return running.run(
    id,
    (work) => context.store.waitUntil(work),
    () => {
      begun.set(id, Date.now());
      return persistently(() => refreshNow(context, id, author));
    },
  );
}

async function refreshNow(context: Context, id: string, author: Partial<Author>): Promise<Refreshed> {
  const desk = { ...context.desk, author: { ...context.desk.author, ...author } };
  const row = await seenRow(desk, tables.upstreams, "Gateway", id, "everything");
  const found = await probe(context, targetOf(row), row.transport).catch(async (error: unknown) => {
    await rememberFailure(desk, row, asGatewayError(error).message);
    deliverSoon(context);
    throw error;
  });
  const fields = { ...foundFields(found), ...keptInstructions(row, found) };
  const counts = await changeUpstream(desk, row, fields, { action: "gateway.refresh" }, offerOf(found));
  if (!row.reachable || counts.withheld > 0) deliverSoon(context);
  return { counts, problems: fields.problems, row };
}

/** What a server says of itself reaches models too: where its changes need approval, clients get what was there when it was saved. */
function keptInstructions({ autoApprove, instructions, name }: UpstreamRow, found: Discovery): Partial<UpstreamRow> {
  if (autoApprove || found.instructions === instructions) return {};
  const reason =
    "The server changed its instructions. Clients get those it had before, until its address is saved again";
  return { instructions, problems: [...found.problems, { kind: "instructions", name, reason }] };
}

/** Marks an upstream unreachable, with the reason, unless it is known already. Its tools stay. */
async function rememberFailure(desk: Desk, row: UpstreamRow, lastError: string): Promise<void> {
  if (!row.reachable && row.lastError === lastError) return;
  await commit(
    desk,
    { action: "gateway.unreachable", targetType: "gateway", targetId: row.id, detail: { name: row.name, lastError } },
    [
      tellDown(desk, row, lastError),
      desk.db.update(tables.upstreams).set({ reachable: false, lastError }).where(eq(tables.upstreams.id, row.id)),
    ],
  );
}
