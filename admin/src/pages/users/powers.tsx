// What an administrator gives a user and takes: rights, and ways to a password.
import { confirm } from "../../parts/confirm.tsx";
import { BusyButton } from "../../parts/fields.tsx";
import { changeUser, makeResetLink, type OneTimeLink, type User } from "./users.ts";

/** Does something and says so. */
type Act = (job: () => Promise<unknown>, said: string) => Promise<boolean>;

export function Rights({ user, busy, act }: { user: User; busy: boolean; act: Act }) {
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

export function Password({ user, busy, act, run, onLink }: PasswordProps) {
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
