// What a team is and what it has, with ways to see it.
import { changes, list, type Noun } from "../../api.ts";
import { useLoad } from "../../load.ts";
import { CopyButton } from "../../parts/code.tsx";
import { ErrorNote, Fact } from "../../parts/note.tsx";
import { Skeleton } from "../../parts/skeleton.tsx";
import { count, When } from "../../parts/time.tsx";
import type { Team } from "./teams.ts";

/** Nouns a team has, with their names and, where there is one, their page. */
const HELD: readonly { noun: Noun; one: string; page?: string }[] = [
  { noun: "gateways", one: "MCP server", page: "/ui/servers" },
  { noun: "servers", one: "virtual server", page: "/ui/virtual-servers" },
  { noun: "tools", one: "tool", page: "/ui/tools" },
  { noun: "prompts", one: "prompt" },
  { noun: "resources", one: "resource" },
];

export const TeamFacts = ({ team }: { team: Team }) => (
  <>
    {team.description && <p>{team.description}</p>}
    <dl class="facts">
      <Fact name="Members">
        {count(team.member_count, "member")} <span class="mut">of at most {team.max_members.toLocaleString("en")}</span>
      </Fact>
      <Fact name="Made">
        <When at={team.created_at} /> <span class="mut">by {team.created_by}</span>
      </Fact>
      <Fact name="Id">
        <code>{team.id}</code>
        <CopyButton text={team.id} label="Copy id" />
      </Fact>
    </dl>
    {team.my_role !== null && <Holdings team={team} />}
  </>
);

/** How many of each noun a team has, as far as the person sees them. */
export function useHoldings(team: Team) {
  return useLoad(`of team ${team.id} ${JSON.stringify(changes.value)}`, (signal) =>
    Promise.all(
      HELD.map(async (held) => {
        const { total } = await list(held.noun, { limit: 1, include_inactive: true, team_id: team.id }, signal);
        return { ...held, total };
      }),
    ),
  );
}

function Holdings({ team }: { team: Team }) {
  const { data, error, reload } = useHoldings(team);
  const where = `?team=${encodeURIComponent(team.id)}&inactive=1`;
  return (
    <section class="sect">
      <header>
        <h3>What it has</h3>
      </header>
      {error ? (
        <ErrorNote error={error} retry={reload} what="What it has did not load" />
      ) : data === undefined ? (
        <Skeleton />
      ) : (
        <ul class="list">
          {data.map(({ noun, one, page, total }) => (
            <li key={noun}>
              <span class="grow">{page ? <a href={`${page}${where}`}>{named(one)}</a> : named(one)}</span>
              <b class="n">{total.toLocaleString("en")}</b>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

const named = (one: string): string => `${one[0]?.toUpperCase()}${one.slice(1)}s`;
