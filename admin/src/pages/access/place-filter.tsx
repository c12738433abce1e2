// Narrowing a list of the catalog to who sees its rows: everybody, teams, one team, or owners alone.
import type { Query } from "../../api.ts";
import { here } from "../../location.ts";
import { ChipOne } from "../../parts/filters.tsx";
import { me } from "../../session.ts";
import { useTeamName } from "./names.ts";

/** The fields of the address. */
export const PLACE_FIELDS = ["visibility", "team"] as const;

const VISIBILITIES = [
  { value: "public", label: "Everybody here" },
  { value: "team", label: "A team" },
  { value: "private", label: "Its owner alone" },
];

/** What the address asks for, as the gateway is asked. */
export const placeAsked = (): Query => {
  const { query } = here.value;
  return { visibility: query.get("visibility"), team_id: query.get("team") };
};

export function PlaceChips() {
  const team = here.value.query.get("team");
  const nameOf = useTeamName();
  const mine = (me()?.teams ?? []).map(({ id, name }) => ({ value: id, label: name }));
  const teams =
    team === null || mine.some(({ value }) => value === team) ? mine : [...mine, { value: team, label: nameOf(team) }];
  return (
    <>
      <ChipOne name="Seen by" field="visibility" options={VISIBILITIES} />
      {teams.length > 0 && <ChipOne name="Team" field="team" options={teams} />}
    </>
  );
}
