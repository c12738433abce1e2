// Alerts: webhooks that are told of what happens. The list stays; one opens over it.
import { useState } from "preact/hooks";
import { here, navigate, withQuery } from "../location.ts";
import { OnOffBadge } from "../parts/badges.tsx";
import { ChipOne } from "../parts/filters.tsx";
import { AddLink, Empty, ListPage } from "../parts/list-page.tsx";
import type { Column } from "../parts/table.tsx";
import { When } from "../parts/time.tsx";
import { may } from "../session.ts";
import { WebhookDrawer } from "./alerts/drawer.tsx";
import { AddWebhook, EditWebhook } from "./alerts/edit.tsx";
import { Health, healthWords, Wants } from "./alerts/marks.tsx";
import { Revealed } from "./alerts/revealed.tsx";
import { ALL_WEBHOOKS, type Webhook, type WithSecret } from "./alerts/webhooks.ts";

const place = (rest: string): string =>
  withQuery({ tab: null }, { path: `/ui/alerts${rest}`, query: here.value.query });
const hrefOf = (row: Webhook): string => place(`/${encodeURIComponent(row.id)}`);

const STATES = [
  { value: "true", label: "Enabled" },
  { value: "false", label: "Disabled" },
];

const lastOf = ({ recent }: Webhook): string | null => recent[0]?.created_at ?? null;

const COLUMNS: readonly Column<Webhook>[] = [
  {
    id: "name",
    label: "Webhook",
    card: "title",
    compare: (a, b) => a.name.localeCompare(b.name),
    cell: (row) => (
      <span class="who-t lead">
        <a href={hrefOf(row)}>{row.name}</a>
        <small class="m">{URL.parse(row.url)?.host ?? row.url}</small>
      </span>
    ),
  },
  {
    id: "state",
    label: "State",
    card: "state",
    compare: (a, b) => Number(b.enabled) - Number(a.enabled),
    cell: (row) => <OnOffBadge on={row.enabled} />,
  },
  { id: "events", label: "Is told of", card: "fact", cell: (row) => <Wants events={row.events} /> },
  {
    id: "health",
    label: "Latest deliveries",
    card: "more",
    compare: (a, b) => healthWords(a).localeCompare(healthWords(b)),
    cell: (row) => <Health recent={row.recent} />,
  },
  {
    id: "last",
    label: "Last event",
    end: true,
    compare: (a, b) => (lastOf(a) ?? "").localeCompare(lastOf(b) ?? ""),
    cell: (row) => <When at={lastOf(row)} />,
  },
];

export function AlertsPage({ id, action }: { id: string | undefined; action: string | undefined }) {
  const [made, setMade] = useState<WithSecret>();
  const close = (): void => void navigate(place(""));
  const open = (webhook: string): void => void navigate(place(`/${encodeURIComponent(webhook)}`), { replace: true });
  const leaveSecret = (webhook: string): void => {
    open(webhook);
    setMade(undefined);
  };
  return (
    <>
      <ListPage
        of={ALL_WEBHOOKS}
        title="Alerts"
        about="Webhooks that are told when something happens: signed, and tried again until they arrive."
        noun="webhook"
        add={
          may("webhooks.create") && (
            <AddLink main href={place("/new")}>
              New webhook
            </AddLink>
          )
        }
        columns={COLUMNS}
        href={hrefOf}
        query={{ enabled: here.value.query.get("enabled") }}
        chips={<ChipOne name="State" field="enabled" options={STATES} />}
        filters={["enabled"]}
        current={id}
        empty={
          <Empty title="No webhooks yet">
            <p>
              A webhook lets your chat, pager or script know when an MCP server goes down, calls fail, a limit is
              reached or somebody has to act.
            </p>
            {may("webhooks.create") && (
              <div class="row">
                <AddLink href={place("/new")}>New webhook</AddLink>
              </div>
            )}
          </Empty>
        }
      />
      {made && <Revealed made={made} onClose={() => leaveSecret(made.webhook.id)} />}
      {!made && id === "new" && <AddWebhook onClose={close} onMade={setMade} />}
      {!made && id !== undefined && id !== "new" && action === undefined && (
        <WebhookDrawer key={id} id={id} editHref={place(`/${encodeURIComponent(id)}/edit`)} onClose={close} />
      )}
      {!made && id !== undefined && action === "edit" && <EditWebhook key={id} id={id} onClose={() => open(id)} />}
    </>
  );
}
