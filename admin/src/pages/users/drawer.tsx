// One user: facts, where they are signed in, and what an administrator can do about them.
import { useState } from "preact/hooks";
import { type ApiError, changed, changes } from "../../api.ts";
import { useJob, useLoad } from "../../load.ts";
import { Badge } from "../../parts/badges.tsx";
import { CopyButton } from "../../parts/code.tsx";
import { confirm } from "../../parts/confirm.tsx";
import { Drawer } from "../../parts/drawer.tsx";
import { BusyButton } from "../../parts/fields.tsx";
import { Icon } from "../../parts/icon.tsx";
import { ErrorNote, Note } from "../../parts/note.tsx";
import { Skeleton } from "../../parts/skeleton.tsx";
import { TabPanel, Tabs, tabOf } from "../../parts/tabs.tsx";
import { Until } from "../../parts/time.tsx";
import { toast } from "../../parts/toast.tsx";
import { may, me } from "../../session.ts";
import { Sessions } from "../profile/sessions.tsx";
import { UserFacts } from "./facts.tsx";
import { LinkShown } from "./link.tsx";
import { Avatar, UserBadge } from "./marks.tsx";
import { Password, Rights } from "./powers.tsx";
import {
  changeUser,
  deleteUser,
  endSessionsOf,
  getUser,
  type OneTimeLink,
  sessionsOf,
  statusOf,
  type User,
  unlockUser,
} from "./users.ts";

const TABS = [
  { id: "overview", label: "Overview" },
  { id: "sessions", label: "Sessions" },
];

type Props = { email: string; editHref: string; onClose: () => void };

export function UserDrawer({ email, editHref, onClose }: Props) {
  const { data, error, reload } = useLoad(`user ${email} ${changes.value.users ?? 0}`, (signal) =>
    getUser(email, signal),
  );
  if (data !== undefined) return <Opened user={data} stale={error} editHref={editHref} onClose={onClose} />;
  return (
    <Drawer title={error ? "User" : "Loading"} onClose={onClose}>
      {error ? <ErrorNote error={error} retry={reload} what="This user did not load" /> : <Skeleton />}
    </Drawer>
  );
}

function Opened(props: { user: User; stale: ApiError | undefined; editHref: string; onClose: () => void }) {
  const { user, onClose } = props;
  const { email } = user;
  const mine = me()?.email === email;
  const mayChange = may("users.update");
  const { busy, error, run } = useJob();
  const [link, setLink] = useState<OneTimeLink>();
  const tab = tabOf(TABS);

  /** Does it, says so, and has everything that shows users load again. */
  const act = async (job: () => Promise<unknown>, said: string): Promise<boolean> => {
    const done = await run(() => job().then(() => true));
    if (done) toast(said);
    changed("users", "sessions");
    return done ?? false;
  };
  const turn = async (on: boolean): Promise<void> => {
    const sure =
      on ||
      (await confirm({
        title: `Deactivate ${user.name}?`,
        body: "Their sessions and tokens stop working at once. You can activate them again.",
        verb: "Deactivate",
        danger: true,
      }));
    if (sure) await act(() => changeUser(email, { is_active: on }), `${user.name} is ${on ? "active" : "deactivated"}`);
  };
  const remove = async (): Promise<void> => {
    const sure = await confirm({
      title: `Delete ${user.name}?`,
      body: (
        <Note tone="warn">
          <b>Their sessions and tokens end, and they leave their teams.</b> What they made stays, under their address.
          This can't be undone.
        </Note>
      ),
      verb: "Delete user",
      danger: true,
      typed: email,
    });
    if (sure && (await act(() => deleteUser(email), `${user.name} is deleted`))) onClose();
  };

  return (
    <Drawer
      title={user.name}
      lead={<Avatar user={user} />}
      marks={
        <>
          <UserBadge status={statusOf(user)} />
          {user.is_admin && <Badge tone="tide">Administrator</Badge>}
          {mine && <Badge tone="line">You</Badge>}
        </>
      }
      sub={
        <span class="row">
          {email}
          <CopyButton text={email} label="Copy e-mail" />
        </span>
      }
      tabs={<Tabs tabs={TABS} label={`About ${user.name}`} />}
      onClose={onClose}
      foot={
        mayChange && (
          <>
            <a class="btn" href={props.editHref}>
              <Icon name="edit" />
              Edit
            </a>
            {!mine && (
              <>
                <BusyButton busy={busy} icon="power" onClick={() => void turn(!user.is_active)}>
                  {user.is_active ? "Deactivate" : "Activate"}
                </BusyButton>
                <span class="push" />
                {may("users.delete") && (
                  <BusyButton class="danger" busy={busy} icon="trash" onClick={() => void remove()}>
                    Delete
                  </BusyButton>
                )}
              </>
            )}
          </>
        )
      }
    >
      {props.stale && <ErrorNote error={props.stale} what="This may be out of date" />}
      {error && <ErrorNote error={error} />}
      {link && <LinkShown email={email} link={link} />}
      {user.is_locked && (
        <Note
          tone="auth"
          actions={
            mayChange && (
              <BusyButton
                class="sm"
                busy={busy}
                onClick={() => void act(() => unlockUser(email), `${user.name} can sign in again`)}
              >
                Unlock
              </BusyButton>
            )
          }
        >
          <b>Locked after {user.failed_login_attempts} wrong passwords</b>
          {user.locked_until && (
            <>
              , <Until at={user.locked_until} />
            </>
          )}
          . Where they are signed in already, they stay so.
        </Note>
      )}
      <TabPanel id={tab}>
        {tab === "overview" && (
          <>
            <UserFacts user={user} />
            {mine && (
              <Note tone="info">
                This is you: your name, password and sessions are in your <a href="/ui/profile">profile</a>.
              </Note>
            )}
            {me()?.isAdmin && !mine && <Rights user={user} busy={busy} act={act} />}
            {mayChange && !mine && <Password user={user} busy={busy} act={act} onLink={setLink} run={run} />}
          </>
        )}
        {tab === "sessions" && <Sessions of={email} load={(signal) => sessionsOf(email, signal)} />}
        {tab === "sessions" && mayChange && (
          <div class="row">
            <BusyButton
              busy={busy}
              icon="out"
              onClick={() => void act(() => endSessionsOf(email), `${user.name} is signed out everywhere`)}
            >
              Sign out everywhere
            </BusyButton>
          </div>
        )}
      </TabPanel>
    </Drawer>
  );
}
