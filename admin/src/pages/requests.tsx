// Requests: every call that reached the gateway, newest first, as they come or as they were. What is asked for stands in
// the address.
import { useMemo, useState } from "preact/hooks";
import type { Query } from "../api.ts";
import { useLoad } from "../load.ts";
import { here, navigate, setQuery, withQuery } from "../location.ts";
import { BusyButton, Switch } from "../parts/fields.tsx";
import { Icon } from "../parts/icon.tsx";
import { Empty } from "../parts/list-page.tsx";
import { Menu } from "../parts/menu.tsx";
import { ErrorNote } from "../parts/note.tsx";
import { Table } from "../parts/table.tsx";
import { count } from "../parts/time.tsx";
import { columnsOf } from "./requests/columns.tsx";
import { RequestDrawer } from "./requests/drawer.tsx";
import { RequestFilters } from "./requests/filters.tsx";
import { LiveLine } from "./requests/live.tsx";
import { type Log, useLog } from "./requests/log.ts";
import { ASKED, exportPath, filterAsked, getKnown, type Known, moment, type Row } from "./requests/requests.ts";
import { SavedFilters } from "./requests/saved.tsx";

const NOTHING_KNOWN: Known = { servers: [], upstreams: [] };

const place = (rest: string, at: number | null = null): string =>
  withQuery(
    { tab: null, at: at === null ? null : String(at) },
    { path: `/ui/requests${rest}`, query: here.value.query },
  );
const hrefOf = (row: Row): string => place(`/${encodeURIComponent(row.requestId)}`, row.at);

export function RequestsPage({ id }: { id: string | undefined }) {
  const { query } = here.value;
  const live = query.get("live") === "1";
  const asked = withQuery({ tab: null, at: null, live: null });
  const filter = useMemo(() => filterAsked(Date.now()), [asked.replace(/^[^?]*/, "")]);
  const [looking, setLooking] = useState(false);
  const [away, setAway] = useState(false);
  const held = looking || away || id !== undefined;
  const log = useLog(filter, live, held);
  const known = useLoad("known", getKnown).data ?? NOTHING_KNOWN;
  const most = Math.max(...(log.rows ?? []).map((row) => row.took), 1);
  const open = log.rows?.find((row) => row.requestId === id);
  return (
    <>
      <div class="head">
        <div>
          <h1>Requests</h1>
          <p>Every call that reached the gateway: who asked for what, what came of it, and where the time went.</p>
        </div>
        <div class="acts">
          <Switch on={live} onSwitch={(on) => void setQuery({ live: on ? "1" : null })}>
            Live tail
          </Switch>
          <SavedFilters />
          <Export filter={filter} />
        </div>
      </div>
      <RequestFilters known={known} />
      <LiveLine log={log} held={held} />
      {log.error && (
        <ErrorNote
          error={log.error}
          retry={log.reload}
          what={log.rows ? "This list may be out of date" : "The requests did not load"}
        />
      )}
      {log.rows?.length === 0 && !log.loading ? (
        <Nothing log={log} filtered={ASKED.some((field) => query.has(field))} />
      ) : (
        (log.rows || !log.error) && (
          <div
            onPointerEnter={(event) => event.pointerType === "mouse" && setLooking(true)}
            onPointerLeave={() => setLooking(false)}
            onFocusIn={() => setAway(true)}
            onFocusOut={() => setAway(false)}
          >
            <Table
              label="Requests"
              columns={columnsOf(known, most, hrefOf)}
              rows={log.rows}
              href={hrefOf}
              current={open?.id}
              busy={log.loading}
            />
          </div>
        )
      )}
      {log.rows !== undefined && log.rows.length > 0 && <Foot log={log} shown={log.rows.length} />}
      {id !== undefined && (
        <RequestDrawer key={id} id={id} at={query.get("at")} known={known} onClose={() => void navigate(place(""))} />
      )}
    </>
  );
}

const Foot = ({ log, shown }: { log: Log; shown: number }) => (
  <>
    {log.older?.error && <ErrorNote error={log.older.error} retry={log.older.load} what="Older ones did not load" />}
    <div class="tf">
      <span class="n" role="status">
        {count(shown, "request")}
        {log.older ? `, searched back to ${moment(log.older.searchedUntil)}` : ", no older ones"}
      </span>
      <span class="row keep key">
        <svg viewBox="0 0 10 10" aria-hidden="true">
          <rect class="g" width="10" height="10" rx="2" />
        </svg>
        gateway
        <svg viewBox="0 0 10 10" aria-hidden="true">
          <rect class="u" width="10" height="10" rx="2" />
        </svg>
        server
      </span>
      <span class="push" />
      <Older log={log} />
    </div>
  </>
);

const Older = ({ log: { older } }: { log: Log }) =>
  older === undefined ? null : (
    <BusyButton class="sm" busy={older.busy} onClick={older.load}>
      Search older
    </BusyButton>
  );

const Nothing = ({ log, filtered }: { log: Log; filtered: boolean }) =>
  filtered || log.older ? (
    <Empty title="No request matches">
      <p>
        {log.older
          ? `Nothing fits back to ${moment(log.older.searchedUntil)}. There are older ones.`
          : "Nothing that is kept fits this search and these filters."}
      </p>
      <div class="row">
        <Older log={log} />
        <a class="btn" href={withQuery(Object.fromEntries(ASKED.map((field) => [field, null])))}>
          Clear filters
        </a>
      </div>
    </Empty>
  ) : (
    <Empty title="No requests yet">
      <p>Connect a client: each of its calls stands here a second later.</p>
      <div class="row">
        <a class="btn" href="/ui/connect">
          <Icon name="plug" />
          Connect a client
        </a>
      </div>
    </Empty>
  );

const Export = ({ filter }: { filter: Query }) => (
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
        <a class="item" download href={exportPath("ndjson", filter)} onClick={close}>
          <Icon name="code" />
          NDJSON
        </a>
        <a class="item" download href={exportPath("csv", filter)} onClick={close}>
          <Icon name="file" />
          CSV
        </a>
        <p>All that these filters find.</p>
      </>
    )}
  </Menu>
);
