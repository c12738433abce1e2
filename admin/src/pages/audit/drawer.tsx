// One entry of the trail, whole.
import { useLoad } from "../../load.ts";
import { withQuery } from "../../location.ts";
import { CopyButton } from "../../parts/code.tsx";
import { Drawer } from "../../parts/drawer.tsx";
import { Json } from "../../parts/json.tsx";
import { ErrorNote, Fact } from "../../parts/note.tsx";
import { Skeleton } from "../../parts/skeleton.tsx";
import { When } from "../../parts/time.tsx";
import { type Entry, getEntry } from "./audit.ts";

export function EntryDrawer({ id, onClose }: { id: string; onClose: () => void }) {
  const { data, error, reload } = useLoad(`audit ${id}`, (signal) => getEntry(id, signal));
  return (
    <Drawer title={data?.action ?? (error ? "Entry" : "Loading")} sub={data && `Entry ${id}`} onClose={onClose}>
      {data !== undefined ? (
        <Facts entry={data} />
      ) : error ? (
        <ErrorNote error={error} retry={reload} what="This entry did not load" />
      ) : (
        <Skeleton />
      )}
    </Drawer>
  );
}

/** A link to the list of what fits one field. */
const Only = ({ field, value }: { field: string; value: string }) => (
  <a href={withQuery({ [field]: value }, { path: "/ui/audit", query: new URLSearchParams() })}>{value}</a>
);

const Facts = ({ entry }: { entry: Entry }) => (
  <>
    <dl class="facts">
      <Fact name="When">
        <span class="n">{entry.at.replace("T", " ").replace("Z", " UTC")}</span>
        <span class="mut">
          <When at={entry.at} />
        </span>
      </Fact>
      <Fact name="Who">
        <Only field="actor" value={entry.actor} />
      </Fact>
      <Fact name="From">{entry.ip ?? <span class="mut">the gateway itself</span>}</Fact>
      <Fact name="What">
        {entry.target_type}
        <Only field="target" value={entry.target_id} />
      </Fact>
      <Fact name="Request">
        <code>{entry.request_id}</code>
        <CopyButton text={entry.request_id} label="Copy the request id" />
      </Fact>
    </dl>
    <section class="sect">
      <header>
        <h3>Detail</h3>
        <small>secrets are left out</small>
      </header>
      {Object.keys(entry.detail).length === 0 ? <p class="hint">Nothing more.</p> : <Json value={entry.detail} />}
    </section>
    <section class="sect">
      <header>
        <h3>Chain</h3>
      </header>
      {entry.hash === null ? (
        <p class="hint">Written before there was a chain.</p>
      ) : (
        <dl class="facts">
          <Fact name="Digest">
            <code>{entry.hash}</code>
          </Fact>
          <Fact name="Of the one before">
            <code>{entry.prev_hash}</code>
          </Fact>
        </dl>
      )}
    </section>
  </>
);
