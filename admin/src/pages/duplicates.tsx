// Duplicates: tools that are there more than once, side by side, and "use this one".
import type { DuplicatesAnswer } from "../../../src/schemas/duplicates.ts";
import { changes, get, type Query, withFields } from "../api.ts";
import { useLoad } from "../load.ts";
import { here, withQuery } from "../location.ts";
import { ChipOne, ClearFilters, Search } from "../parts/filters.tsx";
import { Empty } from "../parts/list-page.tsx";
import { ErrorNote } from "../parts/note.tsx";
import { Skeleton } from "../parts/skeleton.tsx";
import { count } from "../parts/time.tsx";
import { GroupCard, WHY } from "./duplicates/group.tsx";

const PAGE = 25;
const WHYS = Object.entries(WHY).map(([value, { label }]) => ({ value, label }));

export function DuplicatesPage() {
  return (
    <>
      <div class="head">
        <div>
          <h1>Duplicates</h1>
          <p>
            Tools that several servers offer under one name, at one address, or with nearly the same words. What is not
            the same in all of a group is marked.
          </p>
        </div>
      </div>
      <div class="bar">
        <Search label="Search duplicates" />
        <div class="chips">
          <ChipOne name="Why" field="why" options={WHYS} />
          <ClearFilters fields={["why"]} />
        </div>
      </div>
      <Groups />
    </>
  );
}

function Groups() {
  const { query } = here.value;
  const asked: Query = { q: query.get("q"), why: query.get("why"), cursor: query.get("cursor"), limit: PAGE };
  const { tools = 0, servers = 0 } = changes.value;
  const path = withFields("/tools/duplicates", asked);
  const { data, error, loading, reload } = useLoad(`${path} ${tools} ${servers}`, (signal) =>
    get<DuplicatesAnswer>(path, signal),
  );
  if (error && data === undefined) return <ErrorNote error={error} retry={reload} what="The duplicates did not load" />;
  if (data === undefined) return <Skeleton />;
  if (data.groups.length === 0 && !loading) return asked.q || asked.why ? <NoMatch /> : <None />;
  return (
    <div class="stack" aria-busy={loading}>
      {error && <ErrorNote error={error} retry={reload} what="This list may be out of date" />}
      {data.groups.map((group) => (
        <GroupCard key={group.tools.map(({ id }) => id).join()} group={group} />
      ))}
      <div class="tf">
        <span class="n" role="status">
          {data.groups.length === data.total
            ? count(data.total, "group")
            : `${data.groups.length} of ${count(data.total, "group")}`}
        </span>
        <span class="push" />
        {asked.cursor && (
          <a class="btn sm" href={withQuery({ cursor: null })}>
            First page
          </a>
        )}
        {data.nextCursor !== null && (
          <a class="btn sm" href={withQuery({ cursor: data.nextCursor })}>
            Next page
          </a>
        )}
      </div>
    </div>
  );
}

const NoMatch = () => (
  <Empty title="No duplicate matches">
    <p>Nothing fits this search and these filters.</p>
    <div class="row">
      <a class="btn" href={withQuery({ q: null, why: null, cursor: null })}>
        Clear filters
      </a>
    </div>
  </Empty>
);

const None = () => (
  <Empty title="No duplicates">
    <p>Every tool is there once. When two servers offer the same, you choose here which one is used.</p>
    <div class="row">
      <a class="btn" href="/ui/tools">
        See all tools
      </a>
    </div>
  </Empty>
);
