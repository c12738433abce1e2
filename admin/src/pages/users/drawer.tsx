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
import {
  changeUser,
  deleteUser,
  endSessionsOf,
  getUser,
  makeResetLink,
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

type Act = (job: () => Promise<unknown>, said: string) => Promise<boolean>;

function Rights({ user, busy, act }: { user: User; busy: boolean; act: Act }) {
  const turn = async (): Promise<void> => {
    const sure = await confirm({
      title: user.is_admin ? `Take ${user.name}'s administrator rights?` : `Make ${user.name} an administrator?`,
      body: user.is_admin
        ? "They keep their other roles and their teams."
        : "Administrators see and change everything here: every team's servers, all users, all tokens.",
      verb: user.is_admin ? "Take the rights" : "Make administrator",
      danger: !user.is_admin,
    });
    if (!sure) return;
    await act(
      () => changeUser(user.email, { is_admin: !user.is_admin }),
      user.is_admin ? `${user.name} is no administrator any more` : `${user.name} is an administrator now`,
    );
  };
  return (
    <section class="sect">
      <header>
        <h3>Rights</h3>
      </header>
      <p>{user.is_admin ? "May do everything." : "May do what their roles and their teams allow."}</p>
      <div class="row">
        <BusyButton busy={busy} icon="role" onClick={() => void turn()}>
          {user.is_admin ? "Make ordinary user" : "Make administrator"}
        </BusyButton>
      </div>
    </section>
  );
}

type PasswordProps = {
  user: User;
  busy: boolean;
  act: Act;
  run: <T>(job: () => Promise<T>) => Promise<T | undefined>;
  onLink: (link: OneTimeLink | undefined) => void;
};

function Password({ user, busy, act, run, onLink }: PasswordProps) {
  const makeLink = async (): Promise<void> => {
    onLink(undefined);
    onLink(await run(() => makeResetLink(user.email)));
  };
  const required = user.password_change_required;
  return (
    <section class="sect">
      <header>
        <h3>Password</h3>
      </header>
      <p>
        {!user.has_password
          ? "None yet: a link lets the user choose one."
          : required
            ? "Must be changed at the next sign-in."
            : "Set, and nobody can see it. A link lets the user choose another one; requiring that signs them out at once."}
      </p>
      <div class="row">
        <BusyButton busy={busy} icon="key" onClick={() => void makeLink()}>
          Make a link
        </BusyButton>
        {user.has_password && (
          <BusyButton
            busy={busy}
            onClick={() =>
              void act(
                () => changeUser(user.email, { password_change_required: !required }),
                required ? "The password may stay" : "A new password is asked for at the next sign-in",
              )
            }
          >
            {required ? "Let it stay" : "Require a new one"}
          </BusyButton>
        )}
      </div>
    </section>
  );
}
