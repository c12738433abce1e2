// What a webhook was sent, newest first: what came of it, what was in it, and sending it again.
import { useState } from "preact/hooks";
import { changed, changes } from "../../api.ts";
import { useJob, useLoad } from "../../load.ts";
import { Code } from "../../parts/code.tsx";
import { BusyButton, Segments } from "../../parts/fields.tsx";
import { ErrorNote, Fact } from "../../parts/note.tsx";
import { Skeleton } from "../../parts/skeleton.tsx";
import { count, Until, When } from "../../parts/time.tsx";
import { toast } from "../../parts/toast.tsx";
import { may } from "../../session.ts";
import { DeliveryBadge, STATUS } from "./marks.tsx";
import { type Delivery, deliveriesOf, retryDelivery } from "./webhooks.ts";

const SHOWN = 20;
const STATUSES = [
  { value: "", label: "All" },
  ...Object.entries(STATUS).map(([value, { word }]) => ({ value, label: word })),
];

export function Deliveries({ id }: { id: string }) {
  const [status, setStatus] = useState("");
  const [cursor, setCursor] = useState<string | null>(null);
  const asked = { status, cursor, limit: SHOWN };
  const { data, error, reload } = useLoad(
    `deliveries ${id} ${JSON.stringify(asked)} ${changes.value.webhooks ?? 0}`,
    (signal) => deliveriesOf(id, asked, signal),
  );
  const choose = (next: string): void => {
    setStatus(next);
    setCursor(null);
  };
  return (
    <>
      <div class="row">
        <Segments label="What became of them" value={status} options={STATUSES} onValue={choose} />
        <span class="push" />
        <BusyButton class="sm" busy={false} icon="refresh" onClick={reload}>
          Reload
        </BusyButton>
      </div>
      {error && <ErrorNote error={error} retry={reload} what="The deliveries did not load" />}
      {data === undefined ? (
        !error && <Skeleton />
      ) : data.deliveries.length === 0 ? (
        <p class="hint">{status ? "None of these." : "Nothing was sent yet."}</p>
      ) : (
        <ul class="deliveries">
          {data.deliveries.map((one) => (
            <One key={one.id} delivery={one} />
          ))}
        </ul>
      )}
      {data !== undefined && (cursor !== null || data.nextCursor !== null) && (
        <div class="tf">
          <span class="n" role="status">
            {count(data.total, "delivery", "deliveries")}
          </span>
          <span class="push" />
          {cursor !== null && (
            <button type="button" class="btn sm" onClick={() => setCursor(null)}>
              Newest
            </button>
          )}
          {data.nextCursor !== null && (
            <button type="button" class="btn sm" onClick={() => setCursor(data.nextCursor)}>
              Older
            </button>
          )}
        </div>
      )}
    </>
  );
}

function One({ delivery }: { delivery: Delivery }) {
  const { busy, error, run } = useJob();
  const again = async (): Promise<void> => {
    const sent = await run(() => retryDelivery(delivery));
    if (sent === undefined) return;
    toast(wordsOn(sent), sent.status === "delivered" ? "ok" : "bad");
    changed("webhooks");
  };
  return (
    <li>
      <details>
        <summary>
          <span class="grow">
            <b class="m">{delivery.event}</b>
            <small>
              <When at={delivery.created_at} />, {count(delivery.attempts, "attempt")}
            </small>
          </span>
          <DeliveryBadge status={delivery.status} />
        </summary>
        <div class="stack s2">
          {error && <ErrorNote error={error} what="It was not sent" />}
          <dl class="facts">
            <Fact name="Last attempt">{answerWords(delivery)}</Fact>
            {delivery.delivered_at && (
              <Fact name="Delivered">
                <When at={delivery.delivered_at} />
              </Fact>
            )}
            {delivery.next_at && (
              <Fact name="Waits">
                <Until at={delivery.next_at} />
              </Fact>
            )}
          </dl>
          <Code title="Body" text={pretty(delivery.body)} />
          {may("webhooks.update") && (
            <div>
              <BusyButton class="sm" icon="refresh" busy={busy} onClick={() => void again()}>
                {delivery.status === "waiting" ? "Send it now" : "Send it again"}
              </BusyButton>
            </div>
          )}
        </div>
      </details>
    </li>
  );
}

const pretty = (body: string): string => JSON.stringify(JSON.parse(body), null, 2);

/** What the last attempt was answered. */
const answerWords = ({ last_result: result }: Delivery): string =>
  result === null ? "none yet" : /^\d{3}$/.test(result) ? `answered ${result}` : result;

/** What came of sending it, in a sentence. */
export const wordsOn = (delivery: Delivery): string =>
  delivery.status === "delivered" ? `Delivered: ${answerWords(delivery)}` : `Not delivered: ${answerWords(delivery)}`;
