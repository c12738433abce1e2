// The era of one MCP server: what showed it, since when, what it was before, what is lost; and the stream that an admin
// may have held.
import { changed, send, type UpstreamRead } from "../../api.ts";
import { useJob } from "../../load.ts";
import { EraBadge } from "../../parts/badges.tsx";
import { Switch } from "../../parts/fields.tsx";
import { ErrorNote, Fact } from "../../parts/note.tsx";
import { When } from "../../parts/time.tsx";

/** "server/discover refused with 404, then initialize answered 2025-06-18, with a session id" */
export const seen = (evidence: readonly string[]): string => evidence.join(", then ");

export function EraSection({ upstream }: { upstream: UpstreamRead }) {
  const { evidence, foundAt, change, lost } = upstream.eraFacts;
  return (
    <section class="sect">
      <header>
        <h3>Era</h3>
        <small>
          looked at <When at={foundAt} />
        </small>
      </header>
      <dl class="facts">
        <Fact name="Seen">{seen(evidence) || <span class="mut">Not written down. Refresh looks again.</span>}</Fact>
        <Fact name="Changed">
          {change === null ? (
            <span class="mut">never</span>
          ) : (
            <>
              <When at={change.at} /> from <EraBadge era={change.from.era} version={change.from.protocolVersion} />
            </>
          )}
        </Fact>
      </dl>
      {lost.length > 0 && <Lost lost={lost} />}
      {upstream.era !== "builtin" && <Live upstream={upstream} />}
    </section>
  );
}

const Lost = ({ lost }: Pick<UpstreamRead["eraFacts"], "lost">) => (
  <details>
    <summary>What does not come through, by the client's revision</summary>
    <dl class="facts lost">
      {[...Map.groupBy(lost, ({ clients }) => clients)].map(([clients, losses]) => (
        <Fact key={clients} name={clients}>
          {losses.map(({ what }) => (
            <p key={what}>{what}</p>
          ))}
        </Fact>
      ))}
    </dl>
  </details>
);

/** Switches at once; the rest of a server is changed in the form. */
function Live({ upstream }: { upstream: UpstreamRead }) {
  const job = useJob();
  const turn = async (keepLive: boolean): Promise<void> => {
    await job.run(() => send("PUT", `/gateways/${upstream.id}`, { body: { keepLive } }));
    changed("gateways");
  };
  return (
    <div>
      <Switch on={upstream.keepLive} disabled={job.busy} onSwitch={(on) => void turn(on)}>
        Keep a stream to it
      </Switch>
      <p class="hint">
        Its news is then heard at once, even while no client listens; else the gateway asks from time to time. A stream
        that is held keeps an object in memory: about $4 a month.
      </p>
      {job.error && <ErrorNote error={job.error} />}
    </div>
  );
}
