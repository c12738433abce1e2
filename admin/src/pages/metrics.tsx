// Metrics: what calls add up to, by what one wants to know, and how each tool is used. The address holds what is asked for.
import { useLoad } from "../load.ts";
import { here, setQuery } from "../location.ts";
import { Segments } from "../parts/fields.tsx";
import { Icon } from "../parts/icon.tsx";
import { Empty } from "../parts/list-page.tsx";
import { Menu } from "../parts/menu.tsx";
import { ErrorNote } from "../parts/note.tsx";
import { Skeleton } from "../parts/skeleton.tsx";
import { BusyHours } from "./metrics/busy-hours.tsx";
import { Latency, Over, Top } from "./metrics/charts.tsx";
import { Controls } from "./metrics/controls.tsx";
import { Figures } from "./metrics/figures.tsx";
import { GroupTable } from "./metrics/group-table.tsx";
import { loadShown, type Shown } from "./metrics/load.ts";
import { asked } from "./metrics/measures.ts";
import { queryPath, RANGES, rangeAsked, rangeField, usagePath } from "./metrics/metrics.ts";
import { ToolUsage, tabAsked } from "./metrics/usage.tsx";

export function MetricsPage() {
  const range = rangeAsked();
  const wish = asked();
  const { data, error, loading, reload } = useLoad(`metrics ${range.value} ${JSON.stringify(wish)}`, (signal) =>
    loadShown(range, wish, signal),
  );
  return (
    <>
      <div class="head">
        <div>
          <h1>Metrics</h1>
          <p>
            The {range.words}, and {range.before}.
          </p>
        </div>
        <div class="acts">
          <Segments
            label="Range"
            value={range.value}
            options={RANGES}
            onValue={(value) => void setQuery({ range: rangeField(value) })}
          />
          <Export />
        </div>
      </div>
      <Controls names={data?.names ?? {}} />
      {error && <ErrorNote error={error} retry={reload} what="The metrics did not load" />}
      {data === undefined ? !error && <Skeleton /> : <Loaded shown={data} busy={loading} />}
      <ToolUsage />
    </>
  );
}

function Loaded({ shown, busy }: { shown: Shown; busy: boolean }) {
  const { total, previous } = shown.answer;
  if (total.calls + previous.calls === 0)
    return (
      <Empty title="No calls in this time">
        <p>Nothing was called that fits. Connect a client, choose a longer time, or take filters out.</p>
        <div class="row">
          <a class="btn" href="/ui/connect">
            Connect a client
          </a>
        </div>
      </Empty>
    );
  return (
    <div class="stack" aria-busy={busy}>
      <Figures shown={shown} />
      <div class="duo wide">
        <Over shown={shown} />
        <Top shown={shown} />
        <Latency shown={shown} />
        <BusyHours shown={shown} />
      </div>
      <GroupTable shown={shown} />
    </div>
  );
}

function Export() {
  const { by, filters } = asked();
  const tab = tabAsked();
  return (
    <Menu
      class="btn"
      end
      button={
        <>
          <Icon name="download" />
          Export
        </>
      }
    >
      {(close) => (
        <>
          <a
            class="item"
            download
            href={queryPath(rangeAsked(), { group_by: by, ...filters, limit: 200, format: "csv" })}
            onClick={close}
          >
            <Icon name="file" />
            Calls, CSV
          </a>
          <a
            class="item"
            download
            href={usagePath({ tab, q: here.value.query.get("q"), format: "csv" })}
            onClick={close}
          >
            <Icon name="file" />
            Use of tools, CSV
          </a>
          <p>What is chosen here, as far as you may see it.</p>
        </>
      )}
    </Menu>
  );
}
