// Names for the ids that tokens, roles and entities carry, as far as the person may see what they stand for.
import { changes, listAll, type ServerRead } from "../../api.ts";
import { useLoad } from "../../load.ts";
import { me } from "../../session.ts";
import { ALL_TEAMS } from "../teams/teams.ts";

/** Every virtual server the person sees. */
export function useServers(): ServerRead[] | undefined {
  return useLoad(`servers to name ${changes.value.servers ?? 0}`, (signal) => listAll("servers", {}, signal)).data;
}

/** The name of a team by its id; the id itself when it can't be known. */
export function useTeamName(): (id: string) => string {
  const mine = me()?.teams ?? [];
  const { data } = useLoad(`teams to name ${changes.value.teams ?? 0}`, async (signal) =>
    me()?.isAdmin ? (await ALL_TEAMS.load({ limit: 0 }, signal)).items : [],
  );
  return (id) => [...mine, ...(data ?? [])].find((team) => team.id === id)?.name ?? id;
}
