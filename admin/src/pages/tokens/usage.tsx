// How a token was used: totals, requests over time, what it asked for.
import { useState } from "preact/hooks";
import { useLoad } from "../../load.ts";
import { Segments } from "../../parts/fields.tsx";
import { ErrorNote } from "../../parts/note.tsx";
import { Skeleton } from "../../parts/skeleton.tsx";
import { count } from "../../parts/time.tsx";
import { Bars } from "./bars.tsx";
import { bucketsOf } from "./buckets.ts";
import { type Usage, usageOf } from "./tokens.ts";

const PERIODS = [
  { value: "1", label: "24 hours" },
  { value: "7", label: "7 days" },
  { value: "30", label: "30 days" },
];

export function TokenUsage({ id }: { id: string }) {
  const [days, setDays] = useState("1");
  const { data, error, reload } = useLoad(`usage ${id} ${days}`, (signal) => usageOf(id, Number(days), signal));
  return (
    <>
      <div>
        <Segments label="Time" value={days} options={PERIODS} onValue={setDays} />
      </div>
      {error ? (
        <ErrorNote error={error} retry={reload} what="The usage did not load" />
      ) : data === undefined ? (
        <Skeleton />
      ) : (
        <Shown usage={data} />
      )}
    </>
  );
}

function Shown({ usage }: { usage: Usage }) {
  const { total_requests: total, blocked_requests: blocked, top_endpoints: endpoints } = usage;
  return (
    <>
      <dl class="deck">
        <Figure name="Requests" value={total.toLocaleString("en")} />
        <Figure name="Refused" value={blocked.toLocaleString("en")} />
        <Figure name="Let through" value={total === 0 ? "–" : `${(usage.success_rate * 100).toFixed(1)} %`} />
      </dl>
      <Bars
        title={usage.period_days > 7 ? "Requests a day" : "Requests an hour"}
        buckets={bucketsOf(usage, new Date())}
      />
      <section class="sect">
        <header>
          <h3>Asked for most</h3>
        </header>
        {endpoints.length === 0 ? (
          <p class="hint">Nothing in this time.</p>
        ) : (
          <ul class="list">
            {endpoints.map((one) => (
              <li key={one.endpoint}>
                <span class="m grow clip">{one.endpoint}</span>
                <span class="n">{count(one.requests, "request")}</span>
              </li>
            ))}
          </ul>
        )}
      </section>
    </>
  );
}

const Figure = ({ name, value }: { name: string; value: string }) => (
  <div>
    <dt>{name}</dt>
    <dd>
      <span class="big">{value}</span>
    </dd>
  </div>
);
