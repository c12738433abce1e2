// How webhooks and deliveries are told in few words: whether they are on, what they want, what came of the latest.
import type { WebhookRead } from "../../../../src/schemas/webhooks.ts";
import { Badge } from "../../parts/badges.tsx";
import { count } from "../../parts/time.tsx";
import { type Delivery, saysOf } from "./webhooks.ts";

export const STATUS = {
  delivered: { tone: "ok", icon: "ok", word: "Delivered" },
  waiting: { tone: "warn", icon: "warn", word: "Waiting" },
  failed: { tone: "bad", icon: "bad", word: "Failed" },
} as const;

export const DeliveryBadge = ({ status }: Pick<Delivery, "status">) => (
  <Badge tone={STATUS[status].tone} icon={STATUS[status].icon}>
    {STATUS[status].word}
  </Badge>
);

/** "every event", "2 events". */
export const Wants = ({ events }: Pick<WebhookRead, "events">) =>
  events.length === 0 ? (
    <span class="mut">every event</span>
  ) : (
    <span title={events.map(saysOf).join("; ")}>{events.length === 1 ? events[0] : count(events.length, "event")}</span>
  );

type Recent = Pick<WebhookRead, "recent">;

/** What became of the latest deliveries, in words. */
export function healthWords({ recent }: Recent): string {
  const of = (status: Delivery["status"]): number => recent.filter((one) => one.status === status).length;
  if (recent.length === 0) return "nothing sent yet";
  const [failed, waiting] = [of("failed"), of("waiting")];
  if (failed + waiting === 0) return recent.length === 1 ? "delivered" : `all ${recent.length} delivered`;
  return [failed > 0 ? `${failed} failed` : "", waiting > 0 ? `${waiting} waiting` : ""].filter(Boolean).join(", ");
}

/** The latest deliveries as a strip, the newest at its end, and in words. */
export const Health = ({ recent }: Recent) => (
  <span class="health">
    {recent.length > 0 && (
      <span class="strip" aria-hidden="true">
        {recent.toReversed().map((one) => (
          <i key={`${one.created_at} ${one.event}`} class={`d-${one.status}`} title={`${one.event}: ${one.status}`} />
        ))}
      </span>
    )}
    <small>{healthWords({ recent })}</small>
  </span>
);
