// One webhook: what it is told, whether that arrives, and what can be done about it.
import { useState } from "preact/hooks";
import { type ApiError, changed, changes } from "../../api.ts";
import { useJob, useLoad } from "../../load.ts";
import { OnOffBadge } from "../../parts/badges.tsx";
import { CopyButton } from "../../parts/code.tsx";
import { confirm } from "../../parts/confirm.tsx";
import { Drawer } from "../../parts/drawer.tsx";
import { BusyButton } from "../../parts/fields.tsx";
import { Icon } from "../../parts/icon.tsx";
import { ErrorNote, Fact, Note } from "../../parts/note.tsx";
import { Skeleton } from "../../parts/skeleton.tsx";
import { TabPanel, Tabs, tabOf } from "../../parts/tabs.tsx";
import { When } from "../../parts/time.tsx";
import { toast } from "../../parts/toast.tsx";
import { may } from "../../session.ts";
import { Deliveries, wordsOn } from "./deliveries.tsx";
import { Health } from "./marks.tsx";
import { Revealed } from "./revealed.tsx";
import { RotateSecret } from "./rotate.tsx";
import {
  changeWebhook,
  type Delivery,
  deleteWebhook,
  getWebhook,
  saysOf,
  testWebhook,
  type Webhook,
  type WithSecret,
} from "./webhooks.ts";

const TABS = [
  { id: "overview", label: "Overview" },
  { id: "deliveries", label: "Deliveries" },
];

type Props = { id: string; editHref: string; onClose: () => void };

export function WebhookDrawer({ id, editHref, onClose }: Props) {
  const { data, error, reload } = useLoad(`webhook ${id} ${changes.value.webhooks ?? 0}`, (signal) =>
    getWebhook(id, signal),
  );
  const [made, setMade] = useState<WithSecret>();
  if (made) return <Revealed made={made} onClose={() => setMade(undefined)} />;
  if (data !== undefined)
    return <Opened webhook={data} stale={error} editHref={editHref} onMade={setMade} onClose={onClose} />;
  return (
    <Drawer title={error ? "Webhook" : "Loading"} onClose={onClose}>
      {error ? <ErrorNote error={error} retry={reload} what="This webhook did not load" /> : <Skeleton />}
    </Drawer>
  );
}

type OpenedProps = {
  webhook: Webhook;
  stale: ApiError | undefined;
  editHref: string;
  onMade: (made: WithSecret) => void;
  onClose: () => void;
};

function Opened({ webhook, stale, editHref, onMade, onClose }: OpenedProps) {
  const { busy, error, run } = useJob();
  const [rotating, setRotating] = useState(false);
  const [tried, setTried] = useState<Delivery>();
  const tab = tabOf(TABS);
  const test = async (): Promise<void> => {
    setTried(await run(() => testWebhook(webhook.id)));
    changed("webhooks");
  };
  const turn = async (): Promise<void> => {
    const enabled = !webhook.enabled;
    if (!(await run(() => changeWebhook(webhook.id, { enabled }, webhook.version)))) return;
    changed("webhooks");
    toast(`${webhook.name} is switched ${enabled ? "on" : "off"}`);
  };
  const remove = async (): Promise<void> => {
    const body = "Its deliveries go with it, also those that wait. This can't be undone.";
    const sure = await confirm({ title: `Delete ${webhook.name}?`, body, verb: "Delete webhook", danger: true });
    if (!sure || !(await run(() => deleteWebhook(webhook.id).then(() => true)))) return;
    toast(`${webhook.name} is deleted`);
    onClose();
    changed("webhooks");
  };
  return (
    <Drawer
      title={webhook.name}
      marks={<OnOffBadge on={webhook.enabled} />}
      sub={<span class="m">{webhook.url}</span>}
      tabs={<Tabs tabs={TABS} label={`About ${webhook.name}`} />}
      onClose={onClose}
      foot={
        <>
          {may("webhooks.update") && (
            <>
              <BusyButton class="pri" busy={busy} icon="play" onClick={() => void test()}>
                Send test
              </BusyButton>
              <a class="btn" href={editHref}>
                <Icon name="edit" />
                Edit
              </a>
              <BusyButton busy={busy} icon="power" onClick={() => void turn()}>
                {webhook.enabled ? "Switch off" : "Switch on"}
              </BusyButton>
            </>
          )}
          <span class="push" />
          {may("webhooks.delete") && (
            <BusyButton class="danger" busy={busy} icon="trash" onClick={() => void remove()}>
              Delete
            </BusyButton>
          )}
        </>
      }
    >
      {stale && <ErrorNote error={stale} what="This may be out of date" />}
      {error && <ErrorNote error={error} />}
      {tried && (
        <Note live tone={tried.status === "delivered" ? "ok" : "bad"}>
          <b>{wordsOn(tried)}.</b> {tried.status !== "delivered" && "A test is sent once only."}
        </Note>
      )}
      <TabPanel id={tab}>
        {tab === "deliveries" ? (
          <Deliveries id={webhook.id} />
        ) : (
          <Facts webhook={webhook} onRotate={() => setRotating(true)} />
        )}
      </TabPanel>
      {rotating && <RotateSecret webhook={webhook} onMade={onMade} onClose={() => setRotating(false)} />}
    </Drawer>
  );
}

const Facts = ({ webhook, onRotate }: { webhook: Webhook; onRotate: () => void }) => (
  <>
    {!webhook.enabled && <Note tone="info">It is off: nothing is sent, and what happens meanwhile is not told.</Note>}
    <dl class="facts">
      <Fact name="URL">
        <span class="m">{webhook.url}</span> <CopyButton text={webhook.url} label="Copy URL" />
      </Fact>
      <Fact name="Signed">
        <span class="row">
          with a secret that is not shown again
          {may("webhooks.update") && (
            <button type="button" class="btn sm" onClick={onRotate}>
              <Icon name="key" />
              Rotate secret
            </button>
          )}
        </span>
      </Fact>
      <Fact name="Latest">
        <Health recent={webhook.recent} />
      </Fact>
      <Fact name="Made">
        <When at={webhook.created_at} /> by {webhook.created_by}
      </Fact>
      <Fact name="Changed">
        <When at={webhook.updated_at} />
      </Fact>
    </dl>
    <section class="sect">
      <header>
        <h3>Is told of</h3>
      </header>
      {webhook.events.length === 0 ? (
        <p class="hint">Every event, also what is yet to come.</p>
      ) : (
        <ul class="list">
          {webhook.events.map((type) => (
            <li key={type}>
              <span class="grow">
                <b class="m">{type}</b>
                <small class="wrap">{saysOf(type)}</small>
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  </>
);
