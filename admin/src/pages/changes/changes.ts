// What the dashboard asks the gateway about what upstreams changed in their tools.
import type { z } from "zod";
import type { approvalOutcomes, ChangeDetail, ChangeRead, Warning } from "../../../../src/schemas/changes.ts";
import { changed, get, send } from "../../api.ts";
import type { Tone } from "../../parts/badges.tsx";
import type { IconName } from "../../parts/icon.tsx";
import type { Entity } from "../../parts/table.tsx";
import { source } from "../access/source.ts";

export type { ChangeDetail, ChangeRead, Warning };
export type Row = ChangeRead & Entity;
type Outcome = z.infer<typeof approvalOutcomes>["outcomes"][number];

const CHANGES = "/changes";
const MOST_AT_ONCE = 100;

export const ALL_CHANGES = source({
  kind: "changes",
  path: CHANGES,
  under: "changes",
  most: 200,
  row: (raw: ChangeRead): Row => ({
    ...raw,
    id: `${raw.toolId} ${raw.hash}`,
    name: raw.toolName,
    enabled: raw.current,
  }),
});

const pathOf = (toolId: string): string => `${CHANGES}/${encodeURIComponent(toolId)}`;

export const getChange = (toolId: string, signal: AbortSignal): Promise<ChangeDetail> => get(pathOf(toolId), signal);

/** Approves or rejects the definition of this hash, and no other. Throws ApiError 409 when the tool has another by now. */
export async function decide(verb: "approve" | "reject", { toolId, hash }: ChangeRead): Promise<void> {
  await send("POST", `${pathOf(toolId)}/${verb}`, { body: { hash } });
  touched();
}

/** Approves many; gives those that were not approved, with the reason. */
export async function approveAll(rows: readonly ChangeRead[]): Promise<Outcome[]> {
  const refused: Outcome[] = [];
  for (let from = 0; from < rows.length; from += MOST_AT_ONCE) {
    const items = rows.slice(from, from + MOST_AT_ONCE).map(({ toolId, hash }) => ({ toolId, hash }));
    const { outcomes } = await send<{ outcomes: Outcome[] }>("POST", `${CHANGES}/approve`, { body: { items } });
    refused.push(...outcomes.filter(({ approved }) => !approved));
  }
  touched();
  return refused;
}

/** Says that something was decided. */
export const touched = (): void => changed("changes", "tools", "servers");

/** The beginning of a hash, enough to tell two apart. */
export const short = (hash: string): string => hash.slice(0, 12);

export const KINDS: Record<ChangeRead["kind"], { word: string; tone: Tone; icon: IconName }> = {
  new: { word: "New", tone: "tide", icon: "plus" },
  changed: { word: "Changed", tone: "line", icon: "edit" },
  renamed: { word: "Renamed", tone: "warn", icon: "edit" },
};

export const STATUSES: Record<ChangeRead["status"], { word: string; tone: Tone; icon: IconName }> = {
  pending: { word: "Waits", tone: "auth", icon: "eye" },
  first: { word: "Came with its server", tone: "idle", icon: "plus" },
  approved: { word: "Approved", tone: "ok", icon: "ok" },
  rejected: { word: "Rejected", tone: "bad", icon: "bad" },
  auto: { word: "Approved by itself", tone: "ok", icon: "ok" },
  reverted: { word: "Taken back", tone: "idle", icon: "off" },
};

export const WARNINGS: Record<Warning["kind"], string> = {
  instructions: "Speaks to the model",
  invisible: "Hidden characters",
  bidirectional: "Turns text round",
  private_use: "Meaningless characters",
};
