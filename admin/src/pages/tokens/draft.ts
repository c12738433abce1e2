// The token being made or changed: what the form holds, what is wrong with it, and the body it becomes. Pure.
import type { z } from "zod";
import type { TokenScopeBody, timeWindow } from "../../../../src/schemas/tokens.ts";
import type { ServerRead } from "../../api.ts";
import type { Permission } from "../access/grants.ts";
import { meantBy } from "../access/grants.ts";
import type { TokenCreate, TokenRead } from "./tokens.ts";
import { DAYS } from "./window.ts";

export type Draft = {
  name: string;
  description: string;
  /** Days, `date`, or `never`. */
  ends: string;
  /** With `date`: YYYY-MM-DD, the last day. */
  lastDay: string;
  servers: string[];
  /** Names within those servers; undefined: all, later ones too. */
  tools: string[] | undefined;
  /** undefined: all its owner has. */
  permissions: Permission[] | undefined;
  addresses: string;
  /** Only at these hours. */
  timed: boolean;
  days: number[];
  from: string;
  to: string;
  zone: string;
  perHour: string;
  perDay: string;
  team: string;
};

const DAY_MS = 86_400_000;

/** What MCP asks for: all that a token for certain virtual servers can do. */
export const MCP: readonly Permission[] = [
  "servers.use",
  "tools.read",
  "tools.execute",
  "prompts.read",
  "resources.read",
];

/** A token that starts narrow: for one virtual server when there is one. */
export const freshDraft = (server: string | undefined): Draft => ({
  name: "",
  description: "",
  ends: "90",
  lastDay: "",
  servers: server === undefined ? [] : [server],
  tools: undefined,
  permissions: [...MCP],
  addresses: "",
  timed: false,
  days: [],
  from: "",
  to: "",
  zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  perHour: "",
  perDay: "",
  team: "",
});

export function draftOf(token: TokenRead): Draft {
  const { days = [], start = "", end = "", timezone = "UTC" } = token.time_restrictions;
  return {
    ...freshDraft(undefined),
    name: token.name,
    description: token.description ?? "",
    servers: token.server_ids,
    tools: token.tools.length === 0 ? undefined : token.tools,
    permissions: token.resource_scopes.length === 0 ? undefined : meantBy(token.resource_scopes),
    addresses: token.ip_restrictions.join(", "),
    timed: days.length > 0 || start !== "" || end !== "",
    days: days.map((day) => (typeof day === "number" ? day : DAYS.indexOf(day))),
    from: start,
    to: end,
    zone: timezone,
    perHour: String(token.usage_limits.requests_per_hour ?? ""),
    perDay: String(token.usage_limits.requests_per_day ?? ""),
    team: token.team_id ?? "",
  };
}

/** Days from now until the token ends; null: never. NaN while no day is given. */
export function daysOf({ ends, lastDay }: Draft, now: number): number | null {
  if (ends === "never") return null;
  if (ends !== "date") return Number(ends);
  return Math.ceil((Date.parse(`${lastDay}T23:59:59`) - now) / DAY_MS);
}

const whole = (text: string): boolean => text === "" || (/^\d{1,12}$/.test(text) && Number(text) > 0);

/** What is wrong, by field of the draft. */
export function wrongIn(draft: Draft, fresh: boolean): Partial<Record<keyof Draft, string>> {
  const wrong: Partial<Record<keyof Draft, string>> = {};
  if (draft.name.trim() === "") wrong.name = "Enter a name";
  const days = daysOf(draft, Date.now());
  if (fresh && days !== null && !(days >= 1 && days <= 3650)) wrong.lastDay = "Choose a day to come, within ten years";
  if (draft.tools?.length === 0) wrong.tools = "Choose at least one tool, or all of a virtual server";
  if (permissionsOf(draft)?.length === 0) wrong.permissions = "Choose at least one permission";
  if (!whole(draft.perHour)) wrong.perHour = "A whole number, 1 or more";
  if (!whole(draft.perDay)) wrong.perDay = "A whole number, 1 or more";
  if (draft.timed && draft.days.length === 0 && draft.from === "" && draft.to === "")
    wrong.from = "Choose days or hours";
  return wrong;
}

/** What it may do: held to virtual servers, no more than MCP asks for. undefined: all its owner has. */
export const permissionsOf = ({ servers, permissions }: Draft): Permission[] | undefined =>
  servers.length === 0 ? permissions : permissions?.filter((one) => MCP.includes(one));

export const addressesOf = ({ addresses }: Draft): string[] => addresses.split(/[\s,]+/).filter(Boolean);

function windowOf({ timed, days, from, to, zone }: Draft): z.infer<typeof timeWindow> | null {
  if (!timed) return null;
  return {
    ...(days.length > 0 ? { days } : {}),
    ...(from === "" ? {} : { start: from }),
    ...(to === "" ? {} : { end: to }),
    timezone: zone.trim() || "UTC",
  };
}

/** The whole scope: what is not narrowed is said too, so that a change widens again. */
export const scopeOf = (draft: Draft): TokenScopeBody => ({
  server_ids: draft.servers,
  tools: draft.servers.length === 0 ? [] : (draft.tools ?? []),
  permissions: permissionsOf(draft) ?? [],
  ip_restrictions: addressesOf(draft),
  time_restrictions: windowOf(draft),
  usage_limits: {
    requests_per_hour: Number(draft.perHour) || null,
    requests_per_day: Number(draft.perDay) || null,
  },
});

export const bodyOf = (draft: Draft): TokenCreate => ({
  name: draft.name.trim(),
  description: draft.description.trim() || null,
  expires_in_days: daysOf(draft, Date.now()),
  scope: scopeOf(draft),
  team_id: draft.team || null,
  is_active: true,
});

const namesIn = (servers: readonly ServerRead[], ids: readonly string[]): string[] => [
  ...new Set(servers.filter((one) => ids.includes(one.id)).flatMap((one) => one.tools.map((tool) => tool.name))),
];

/** The draft with a virtual server chosen, or no longer. */
export function chooseServer(draft: Draft, servers: readonly ServerRead[], id: string, on: boolean): Draft {
  const ids = on ? [...new Set([...draft.servers, id])] : draft.servers.filter((one) => one !== id);
  if (ids.length === 0) return { ...draft, servers: [], tools: undefined };
  const all = namesIn(servers, ids);
  const kept = draft.tools?.filter((name) => all.includes(name));
  const tools = kept && on ? [...new Set([...kept, ...namesIn(servers, [id])])] : kept;
  return { ...draft, servers: ids, tools: tools && tools.length < all.length ? tools : undefined };
}

/** The draft with a tool of a virtual server chosen, or no longer. Names are held to in every chosen server alike. */
export function chooseTool(draft: Draft, servers: readonly ServerRead[], id: string, name: string, on: boolean): Draft {
  if (!draft.servers.includes(id)) {
    const others = draft.tools ?? namesIn(servers, draft.servers);
    return { ...draft, servers: [...draft.servers, id], tools: [...new Set([...others, name])] };
  }
  const all = namesIn(servers, draft.servers);
  const before = draft.tools ?? all;
  const tools = on ? [...new Set([...before, name])] : before.filter((one) => one !== name);
  return { ...draft, tools: all.every((one) => tools.includes(one)) ? undefined : tools };
}

/** How many tools the token reaches through its virtual servers. */
export const reachedTools = (draft: Draft, servers: readonly ServerRead[]): number => {
  const all = namesIn(servers, draft.servers);
  return draft.tools === undefined ? all.length : draft.tools.filter((name) => all.includes(name)).length;
};
