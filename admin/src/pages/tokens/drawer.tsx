// One token: what it is held to, how it was used, and what can be done about it.
import { useState } from "preact/hooks";
import { type ApiError, changed, changes } from "../../api.ts";
import { useJob, useLoad } from "../../load.ts";
import { Badge } from "../../parts/badges.tsx";
import { Drawer } from "../../parts/drawer.tsx";
import { BusyButton } from "../../parts/fields.tsx";
import { Icon } from "../../parts/icon.tsx";
import { ErrorNote } from "../../parts/note.tsx";
import { Skeleton } from "../../parts/skeleton.tsx";
import { TabPanel, Tabs, tabOf } from "../../parts/tabs.tsx";
import { toast } from "../../parts/toast.tsx";
import { may } from "../../session.ts";
import { TokenFacts } from "./facts.tsx";
import { TokenBadge } from "./marks.tsx";
import { Revealed } from "./revealed.tsx";
import { Revoke } from "./revoke.tsx";
import { Rotate } from "./rotate.tsx";
import { changeToken, getToken, isMine, type Made, type Token } from "./tokens.ts";
import { TokenUsage } from "./usage.tsx";

const TABS = [
  { id: "overview", label: "Overview" },
  { id: "usage", label: "Usage" },
];

type Props = { id: string; everybody: boolean; editHref: string; onClose: () => void };

export function TokenDrawer({ id, everybody, editHref, onClose }: Props) {
  const { data, error, reload } = useLoad(`token ${id} ${everybody} ${changes.value.tokens ?? 0}`, (signal) =>
    getToken(id, everybody, signal),
  );
  const [made, setMade] = useState<Made>();
  if (made) return <Revealed made={made} onClose={onClose} />;
  if (data !== undefined)
    return <Opened token={data} stale={error} editHref={editHref} onMade={setMade} onClose={onClose} />;
  return (
    <Drawer title={error ? "Token" : "Loading"} onClose={onClose}>
      {error ? <ErrorNote error={error} retry={reload} what="This token did not load" /> : <Skeleton />}
    </Drawer>
  );
}

type OpenedProps = {
  token: Token;
  stale: ApiError | undefined;
  editHref: string;
  onMade: (made: Made) => void;
  onClose: () => void;
};

function Opened({ token, stale, editHref, onMade, onClose }: OpenedProps) {
  const { busy, error, run } = useJob();
  const [asking, setAsking] = useState<"rotate" | "revoke">();
  const mine = isMine(token);
  const lives = token.status !== "revoked" && token.status !== "expired";
  const tab = mine ? tabOf(TABS) : "overview";
  const turn = async (): Promise<void> => {
    const on = !token.is_active;
    if (!(await run(() => changeToken(token.id, { is_active: on }, token.version)))) return;
    changed("tokens");
    toast(`${token.name} is switched ${on ? "on" : "off"}`);
  };
  const done = (): void => setAsking(undefined);
  return (
    <Drawer
      title={token.name}
      marks={
        <>
          <TokenBadge status={token.status} />
          {!mine && <Badge tone="line">{token.user_email}</Badge>}
        </>
      }
      sub={<span class="m">{token.prefix}…</span>}
      tabs={mine && <Tabs tabs={TABS} label={`About ${token.name}`} />}
      onClose={onClose}
      foot={
        lives && (
          <>
            {mine && may("tokens.update") && token.replaced_by === null && (
              <>
                <a class="btn" href={editHref}>
                  <Icon name="edit" />
                  Edit
                </a>
                <BusyButton busy={busy} icon="refresh" onClick={() => setAsking("rotate")}>
                  Rotate
                </BusyButton>
                <BusyButton busy={busy} icon="power" onClick={() => void turn()}>
                  {token.is_active ? "Switch off" : "Switch on"}
                </BusyButton>
              </>
            )}
            <span class="push" />
            {may(mine ? "tokens.revoke" : "tokens.manage") && (
              <BusyButton class="danger" busy={busy} icon="trash" onClick={() => setAsking("revoke")}>
                Revoke
              </BusyButton>
            )}
          </>
        )
      }
    >
      {stale && <ErrorNote error={stale} what="This may be out of date" />}
      {error && <ErrorNote error={error} />}
      {mine ? (
        <TabPanel id={tab}>{tab === "usage" ? <TokenUsage id={token.id} /> : <TokenFacts token={token} />}</TabPanel>
      ) : (
        <TokenFacts token={token} />
      )}
      {asking === "rotate" && <Rotate token={token} onMade={onMade} onClose={done} />}
      {asking === "revoke" && <Revoke token={token} onClose={done} />}
    </Drawer>
  );
}
