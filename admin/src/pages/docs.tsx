// The REST API, drawn from the gateway's own /openapi.json.
import { useState } from "preact/hooks";
import { get } from "../api.ts";
import { useLoad } from "../load.ts";
import { Icon } from "../parts/icon.tsx";
import { ErrorNote } from "../parts/note.tsx";
import { isObject, type Schema } from "../parts/schema/schema.ts";
import { Skeleton } from "../parts/skeleton.tsx";
import { count } from "../parts/time.tsx";
import { type Operation, operationsOf } from "./docs/openapi.ts";
import { OperationCard } from "./docs/operation.tsx";

export function DocsPage() {
  const { data, error, reload } = useLoad("openapi", (signal) => get<Schema>("/openapi.json", signal));
  const info = isObject(data?.info) ? data.info : {};
  return (
    <>
      <div class="head">
        <div>
          <h1>API docs</h1>
          <p>{String(info.description ?? "The REST API of this gateway.")}</p>
        </div>
        <div class="acts">
          <a class="btn" href="/openapi.json" download="openapi.json">
            <Icon name="download" />
            openapi.json
          </a>
        </div>
      </div>
      {error && <ErrorNote error={error} retry={reload} what="The description of the API did not load" />}
      {data === undefined ? !error && <Skeleton /> : <Operations doc={data} />}
    </>
  );
}

function Operations({ doc }: { doc: Schema }) {
  const [text, setText] = useState("");
  const wanted = text.trim().toLowerCase();
  const all = operationsOf(doc);
  const shown = all.filter((one) => `${one.id} ${one.summary} ${one.tag}`.toLowerCase().includes(wanted));
  const groups = Object.entries(Object.groupBy(shown, (one) => one.tag)) as [string, Operation[]][];
  return (
    <>
      <div class="bar">
        <div class="find">
          <Icon name="search" />
          <input
            class="in"
            type="search"
            data-search
            aria-label="Search the API"
            placeholder="Search the API"
            value={text}
            onInput={(event) => setText(event.currentTarget.value)}
          />
          <kbd>/</kbd>
        </div>
        <small class="n" role="status">
          {count(shown.length, "operation")}
        </small>
      </div>
      {groups.map(([tag, operations]) => (
        <section key={tag} class="ops" aria-labelledby={`tag-${tag}`}>
          <h2 id={`tag-${tag}`}>{tag}</h2>
          <div class="card">
            {operations.map((operation) => (
              <OperationCard key={operation.id} operation={operation} doc={doc} />
            ))}
          </div>
        </section>
      ))}
      {shown.length === 0 && <p class="hint">No operation matches.</p>}
    </>
  );
}
