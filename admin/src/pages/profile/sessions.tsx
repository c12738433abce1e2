// Where somebody is signed in, and ending that.
import type { SessionRead } from "../../../../src/schemas/users.ts";
import { changed, changes } from "../../api.ts";
import { useJob, useLoad } from "../../load.ts";
import { Badge } from "../../parts/badges.tsx";
import { BusyButton } from "../../parts/fields.tsx";
import { Icon } from "../../parts/icon.tsx";
import { ErrorNote } from "../../parts/note.tsx";
import { Skeleton } from "../../parts/skeleton.tsx";
import { When } from "../../parts/time.tsx";
import { toast } from "../../parts/toast.tsx";
import { deviceOf } from "./device.ts";

/** What ends sessions. */
type Ends = { one: (id: string) => Promise<unknown>; others: () => Promise<unknown> };

type SessionsProps = {
  /** Whose: part of what is loaded. */
  of: string;
  load: (signal: AbortSignal) => Promise<SessionRead[]>;
  ends?: Ends;
};

export function Sessions({ of, load, ends }: SessionsProps) {
  const { data, error, reload } = useLoad(`sessions ${of} ${changes.value.sessions ?? 0}`, load);
  const job = useJob();
  const finish = async (end: () => Promise<unknown>, said: string): Promise<void> => {
    if (!(await job.run(() => end().then(() => true)))) return;
    toast(said);
    changed("sessions");
  };
  if (data === undefined)
    return error ? <ErrorNote error={error} retry={reload} what="The sessions did not load" /> : <Skeleton />;
  if (data.length === 0) return <p class="hint">Signed in nowhere.</p>;
  return (
    <>
      {job.error && <ErrorNote error={job.error} what="The session was not ended" />}
      <ul class="list">
        {data.map((one) => (
          <li key={one.id}>
            <span class="mut">
              <Icon name="window" />
            </span>
            <span class="grow">
              <b title={one.user_agent ?? undefined}>{deviceOf(one)}</b>
              <small class="wrap">
                {one.ip ?? "unknown address"}, active <When at={one.last_seen_at} />, since <When at={one.created_at} />
              </small>
            </span>
            {one.current ? (
              <Badge tone="ok" icon="ok">
                This one
              </Badge>
            ) : (
              ends && (
                <BusyButton
                  class="sm"
                  busy={job.busy}
                  onClick={() => void finish(() => ends.one(one.id), "The session has ended")}
                >
                  End
                </BusyButton>
              )
            )}
          </li>
        ))}
      </ul>
      {ends && data.some((one) => !one.current) && (
        <div class="row">
          <BusyButton
            busy={job.busy}
            icon="out"
            onClick={() => void finish(ends.others, "Your other sessions have ended")}
          >
            Sign out everywhere else
          </BusyButton>
          <small>Don't know one of them? Then change your password too.</small>
        </div>
      )}
    </>
  );
}
