// How much there is: servers, tools, tokens. Each figure leads to its list.
import type { ComponentChildren } from "preact";
import { whole } from "../../parts/numbers.ts";
import type { Facts } from "./facts.ts";
import { isDegraded } from "./needs.tsx";

export function Counts({ facts }: { facts: Facts }) {
  const { upstreams, servers, tools, tokens, unused, pending } = facts;
  return (
    <dl class="deck mini">
      {upstreams && <UpstreamCount upstreams={upstreams} />}
      {servers && (
        <Count name="Virtual servers" href="/ui/virtual-servers" value={servers.filter((one) => one.enabled).length}>
          of {whole(servers.length)}
        </Count>
      )}
      {tools && (
        <Count name="Tools enabled" href="/ui/tools" value={tools.on}>
          of {whole(tools.all)}
        </Count>
      )}
      {unused && (
        <Count name="Unused tools" href="/ui/metrics?tab=unused" value={unused.counts.unused ?? 0}>
          in 30 days
        </Count>
      )}
      {pending !== undefined && (
        <Count name="Pending changes" href="/ui/changes" value={pending}>
          {pending > 0 && <span class="t-warn">to approve</span>}
        </Count>
      )}
      {tokens && (
        <Count name="Active tokens" href="/ui/tokens" value={tokens.active}>
          {tokens.ending > 0 && (
            <span class="t-warn">{tokens.ending === 1 ? "1 ends" : `${whole(tokens.ending)} end`} within 7 days</span>
          )}
        </Count>
      )}
    </dl>
  );
}

function UpstreamCount({ upstreams }: { upstreams: NonNullable<Facts["upstreams"]> }) {
  const by = (status: string): number => upstreams.filter((one) => one.status === status).length;
  const degraded = upstreams.filter(isDegraded).length;
  const aside = [
    degraded > 0 && `${degraded} degraded`,
    by("down") > 0 && `${by("down")} down`,
    by("disabled") > 0 && `${by("disabled")} disabled`,
  ].filter(Boolean);
  return (
    <Count name="MCP servers up" href="/ui/servers" value={by("up")}>
      of {whole(upstreams.length)}
      {aside.length > 0 && <span class="t-warn"> {aside.join(", ")}</span>}
    </Count>
  );
}

type CountProps = { name: string; href: string; value: number; children?: ComponentChildren };

const Count = ({ name, href, value, children }: CountProps) => (
  <div>
    <dt>
      <a href={href}>{name}</a>
    </dt>
    <dd>
      <b class="n">{whole(value)}</b> <small>{children}</small>
    </dd>
  </div>
);
