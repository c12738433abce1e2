// The overview: what is there, what goes through it, what needs somebody, what to do first. It loads itself again.
import { changes } from "../api.ts";
import { useLoad } from "../load.ts";
import { setQuery } from "../location.ts";
import { Segments } from "../parts/fields.tsx";
import { ErrorNote, Note } from "../parts/note.tsx";
import { Updated, useBeat } from "../parts/refresh.tsx";
import { Skeleton } from "../parts/skeleton.tsx";
import { RANGES, rangeAsked, rangeField } from "./metrics/metrics.ts";
import { Changes } from "./overview/changes.tsx";
import { Counts } from "./overview/counts.tsx";
import { type Facts, loadFacts, loadTraffic, type Traffic } from "./overview/facts.ts";
import { Failures } from "./overview/failures.tsx";
import { FirstSteps } from "./overview/first-steps.tsx";
import { Flow } from "./overview/flow.tsx";
import { Needs } from "./overview/needs.tsx";
import { Road } from "./overview/road.tsx";
import { ToolLists } from "./overview/tool-lists.tsx";

const EVERY_MS = 15_000;

export function OverviewPage() {
  const beat = useBeat(EVERY_MS);
  const range = rangeAsked();
  const turn = `${beat} ${JSON.stringify(changes.value)}`;
  const facts = useLoad(`overview ${turn}`, loadFacts);
  const traffic = useLoad(`traffic ${range.value} ${turn}`, (signal) => loadTraffic(range, signal));
  const error = facts.error ?? traffic.error;
  const retry = (): void => {
    facts.reload();
    traffic.reload();
  };
  return (
    <>
      <div class="head">
        <div>
          <h1>Overview</h1>
          <p>
            <Updated at={facts.data?.at} />
          </p>
        </div>
        <div class="acts">
          <Segments
            label="Range"
            value={range.value}
            options={RANGES}
            onValue={(value) => void setQuery({ range: rangeField(value) })}
          />
        </div>
      </div>
      {error && <ErrorNote error={error} retry={retry} what="The overview did not load" />}
      {facts.data === undefined || (traffic.loading && traffic.data === undefined) ? (
        !error && <Skeleton />
      ) : (
        <Loaded facts={facts.data} traffic={traffic.data} failed={traffic.error !== undefined} />
      )}
    </>
  );
}

type LoadedProps = { facts: Facts; traffic: Traffic | undefined; failed: boolean };

function Loaded({ facts, traffic, failed }: LoadedProps) {
  const { upstreams = [], servers = [] } = facts;
  const used = traffic !== undefined && traffic.outcomes.total.calls + traffic.outcomes.previous.calls > 0;
  const fresh = upstreams.length === 0 && servers.length === 0 && !used;
  return (
    <>
      <Needs upstreams={upstreams} />
      {fresh && <FirstSteps facts={facts} used={used} />}
      {!fresh && traffic && <Road upstreams={upstreams} traffic={traffic} />}
      {!fresh && traffic && <Flow traffic={traffic} />}
      <Counts facts={facts} />
      {traffic === undefined && !failed && (
        <Note tone="auth">
          <b>Calls are not shown.</b> You may not see the metrics of this gateway; an administrator can give you a role
          that does.
        </Note>
      )}
      {!fresh && (
        <div class="lists">
          {traffic && <ToolLists range={traffic.range} unused={facts.unused} turn={facts.at.toISOString()} />}
          {facts.failures && <Failures calls={facts.failures} />}
          {facts.changes && <Changes entries={facts.changes} />}
        </div>
      )}
      {!fresh && !(upstreams.length > 0 && servers.length > 0 && used) && <FirstSteps facts={facts} used={used} />}
    </>
  );
}
