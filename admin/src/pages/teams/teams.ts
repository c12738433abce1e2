// What the dashboard asks and tells the gateway about teams.
import type { z } from "zod";
import type {
  invite,
  joinRequest,
  TeamCreate,
  TeamRead,
  TeamUpdate,
  teamCreated,
  teamInvitation,
  teamMember,
  teamRole,
} from "../../../../src/schemas/teams.ts";
import { get, send } from "../../api.ts";
import type { Entity } from "../../parts/table.tsx";
import { source } from "../access/source.ts";

export type Team = TeamRead & Entity;
export type TeamRole = z.infer<typeof teamRole>;
export type Member = z.infer<typeof teamMember>;
export type Invitation = z.infer<typeof teamInvitation>;
export type JoinRequest = z.infer<typeof joinRequest>;

const TEAMS = "/teams";

/** A path below one team. */
const below = (id: string, rest = ""): string => `${TEAMS}/${encodeURIComponent(id)}${rest}`;
const memberPath = (id: string, email: string): string => below(id, `/members/${encodeURIComponent(email)}`);

const asTeam = (raw: TeamRead): Team => ({ ...raw, enabled: raw.is_active });

const spec = { kind: "teams", under: "teams", byOffset: true, row: asTeam } as const;
const JOINABLE = source({ ...spec, path: `${TEAMS}/discover` });

/** The person's own teams; for administrators all. */
export const ALL_TEAMS = source({ ...spec, path: TEAMS });

/** The same, or with `joinable` those that can be joined. */
export const SOME_TEAMS: typeof ALL_TEAMS = {
  kind: "teams",
  load: ({ joinable, ...query }, signal) => (joinable ? JOINABLE : ALL_TEAMS).load(query, signal),
};

export const getTeam = async (id: string, signal: AbortSignal): Promise<Team> =>
  asTeam(await get<TeamRead>(below(id), signal));

export const addTeam = (body: TeamCreate): Promise<z.infer<typeof teamCreated>> => send("POST", TEAMS, { body });

export const changeTeam = (id: string, body: TeamUpdate, ifMatch: number): Promise<TeamRead> =>
  send("PUT", below(id), { body, ifMatch });

/** Deletes a team; `privately` makes what only the team saw private to its owners. */
export const deleteTeam = (id: string, privately: boolean): Promise<unknown> =>
  send("DELETE", below(id, privately ? "?entities=private" : ""));

export const leaveTeam = (id: string): Promise<unknown> => send("DELETE", below(id, "/leave"));

export const membersOf = (id: string, signal: AbortSignal): Promise<Member[]> => get(below(id, "/members"), signal);

export const changeMember = (id: string, email: string, role: TeamRole): Promise<Member> =>
  send("PUT", memberPath(id, email), { body: { role } });

export const removeMember = (id: string, email: string): Promise<unknown> => send("DELETE", memberPath(id, email));

export const addMember = (id: string, email: string, role: TeamRole): Promise<Member> =>
  send("POST", below(id, "/members"), { body: { email, role } });

export const invitationsOf = (id: string, signal: AbortSignal): Promise<Invitation[]> =>
  get(below(id, "/invitations"), signal);

/** Invites somebody; the answer holds the link, once. */
export const inviteTo = (id: string, body: z.input<typeof invite>): Promise<Invitation> =>
  send("POST", below(id, "/invitations"), { body });

export const withdraw = (invitationId: string): Promise<unknown> =>
  send("DELETE", `${TEAMS}/invitations/${encodeURIComponent(invitationId)}`);

export const joinRequestsOf = (id: string, signal: AbortSignal): Promise<JoinRequest[]> =>
  get(below(id, "/join-requests"), signal);

export const approve = (id: string, request: string): Promise<unknown> =>
  send("POST", below(id, `/join-requests/${encodeURIComponent(request)}/approve`));

export const reject = (id: string, request: string): Promise<unknown> =>
  send("DELETE", below(id, `/join-requests/${encodeURIComponent(request)}`));

export const askToJoin = (id: string, message: string | null): Promise<unknown> =>
  send("POST", below(id, "/join"), { body: { message } });
