// Who sees something of the catalog: everybody here, one team, or its owner alone. Shown, and chosen among the places where
// the person may put it.
import { Badge } from "../../parts/badges.tsx";
import { SelectField } from "../../parts/fields.tsx";
import { may, mayEverywhere, me, type Permission } from "../../session.ts";

export type Place = { visibility: "private" | "team" | "public"; teamId: string | null };
type Placed = Place & { team: string | null; ownerEmail: string | null };

export const placeOf = ({ visibility, teamId }: Place): Place => ({ visibility, teamId });

/** Where the person's new things go unless they choose: as public as they may be. */
export const firstPlace = (permission: Permission): Place => ({
  visibility: mayEverywhere(permission) ? "public" : "private",
  teamId: null,
});

const keyOf = ({ visibility, teamId }: Place): string => (teamId === null ? visibility : `${visibility} ${teamId}`);

const placeIn = (key: string): Place => {
  const [visibility, teamId = null] = key.split(" ");
  return { visibility: visibility as Place["visibility"], teamId };
};

const nameOf = ({ visibility, team, ownerEmail }: Placed): string =>
  visibility === "public"
    ? "Everybody here"
    : visibility === "team"
      ? `The team ${team ?? ""}`
      : ownerEmail === me()?.email
        ? "Only you"
        : `Only ${ownerEmail ?? "administrators"}`;

type PlaceFieldProps = {
  /** What making something there takes. */
  permission: Permission;
  value: Place;
  /** Where it is, when it is there already. */
  now?: Placed | undefined;
  onValue: (place: Place) => void;
};

export function PlaceField({ permission, value, now, onValue }: PlaceFieldProps) {
  const teams = me()?.teams.filter((team) => may(permission, team.id)) ?? [];
  const places = new Map<string, string>([
    ...(mayEverywhere(permission) ? [["public", "Everybody here"] as const] : []),
    ...teams.map((team) => [keyOf({ visibility: "team", teamId: team.id }), `The team ${team.name}`] as const),
    ...(now === undefined || now.ownerEmail === me()?.email ? [["private", "Only you"] as const] : []),
    ...(now === undefined ? [] : [[keyOf(now), nameOf(now)] as const]),
  ]);
  return (
    <SelectField
      label="Who sees it"
      value={keyOf(value)}
      options={[...places].map(([key, label]) => ({ value: key, label }))}
      onValue={(key) => onValue(placeIn(key))}
    />
  );
}

/** A mark for what not everybody sees. */
export const PlaceBadge = ({ row }: { row: Placed }) =>
  row.visibility === "public" ? null : (
    <Badge tone="line" icon={row.visibility === "team" ? "team" : "lock"} title={`Seen by: ${nameOf(row)}`}>
      {row.visibility === "team" ? (row.team ?? "Team") : "Private"}
    </Badge>
  );
