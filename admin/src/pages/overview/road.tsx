// Who calls, what answers: clients on the left bank, servers on the right, the gateway as the road between.
import type { ComponentChildren } from "preact";
import type { UpstreamRead } from "../../api.ts";
import { EraBadge, Monogram } from "../../parts/badges.tsx";
import { Icon } from "../../parts/icon.tsx";
import { measured, whole } from "../../parts/numbers.ts";
import type { MetricsAnswer } from "../metrics/metrics.ts";
import { SHOWN, type Traffic } from "./facts.ts";

/** Pixels from one row of a bank to the next, and to the middle of the first. */
const ROW = 44;
const FIRST = 20;
const HIGH = 216;
/** Where the road lies, and how wide the widest stream is. */
const ROAD = { top: 92, bottom: 124 };
const WIDEST = 12;

export function Road({ upstreams, traffic }: { upstreams: readonly UpstreamRead[]; traffic: Traffic }) {
  const { total } = traffic.outcomes;
  const right = upstreamsOf(upstreams, traffic.upstreams);
  const left = traffic.clients.groups.slice(0, SHOWN);
  return (
    <section class="card" aria-labelledby="road">
      <header>
        <h2 id="road">The road</h2>
        <small>Who calls, what answers, {traffic.range.words}</small>
      </header>
      <div class="topo">
        <Bank label="Clients">
          {left.map(({ key, name, calls }) => (
            <li key={key}>
              <a href={`/ui/metrics?by=target&client=${encodeURIComponent(key)}`}>
                <b>{name || "Unnamed client"}</b>
                <span class="n">{whole(calls)}</span>
              </a>
            </li>
          ))}
          {left.length === 0 && (
            <li>
              <a href="/ui/connect">
                <b>No client called</b>
                <span>Connect one</span>
              </a>
            </li>
          )}
        </Bank>
        <Streams amounts={left.map(({ calls }) => calls)} />
        <a class="bridge" href="/ui/metrics">
          <Arches />
          <span class="bridge-t">
            <b>Causeway</b>
            <span>
              <b class="n">{whole(total.calls)}</b> {total.calls === 1 ? "call" : "calls"}
            </span>
          </span>
          <span class="bridge-d">
            adds <b>{measured(total.gateway.p50)}</b> p50, <b>{measured(total.gateway.p95)}</b> p95
          </span>
        </a>
        <Streams amounts={right.map(({ calls }) => calls)} away />
        <Bank label="MCP servers">
          {right.map(({ upstream, calls }) => (
            <li key={upstream.id}>
              <a href={`/ui/servers/${encodeURIComponent(upstream.id)}`}>
                <Monogram name={upstream.name} size="sm" />
                <b>{upstream.name}</b>
                {upstream.status === "down" && (
                  <span class="t-bad">
                    <Icon name="bad" />
                    <span class="sr">Down</span>
                  </span>
                )}
                <EraBadge era={upstream.era} version={upstream.protocolVersion} />
                <span class="n">{whole(calls)}</span>
              </a>
            </li>
          ))}
          {right.length === 0 && (
            <li>
              <a href="/ui/servers/new">
                <b>No MCP server yet</b>
                <span>Add one</span>
              </a>
            </li>
          )}
        </Bank>
      </div>
    </section>
  );
}

/** The busiest first, then those that were not called. */
function upstreamsOf(all: readonly UpstreamRead[], { groups }: MetricsAnswer) {
  const calls = new Map(groups.map((group) => [group.key, group.calls]));
  return all
    .filter(({ enabled }) => enabled)
    .map((upstream) => ({ upstream, calls: calls.get(upstream.id) ?? 0 }))
    .sort((one, other) => other.calls - one.calls)
    .slice(0, SHOWN);
}

const Bank = ({ label, children }: { label: string; children: ComponentChildren }) => (
  <ul class="bank" aria-label={label}>
    {children}
  </ul>
);

/** A stream from each row to its part of the road, as wide as it carries; `away`: from the road to the rows. */
function Streams({ amounts, away }: { amounts: readonly number[]; away?: boolean }) {
  const total = amounts.reduce((sum, one) => sum + one, 0);
  const lane = (ROAD.bottom - ROAD.top) / Math.max(1, amounts.length);
  return (
    <svg class="flow" viewBox={`0 0 100 ${HIGH}`} preserveAspectRatio="none" aria-hidden="true">
      {amounts.map((amount, at) => {
        const [row, road] = [FIRST + at * ROW, ROAD.top + (at + 0.5) * lane];
        const [from, to] = away ? [road, row] : [row, road];
        const width = total === 0 ? 1 : Math.max(1, (amount / total) * WIDEST);
        return <path key={at} stroke-width={width} d={`M0 ${from}C50 ${from} 50 ${to} 100 ${to}`} />;
      })}
    </svg>
  );
}

const Arches = () => (
  <svg viewBox="0 0 240 216" aria-hidden="true">
    <path class="deck-band" d="M0 91.5h240v33H0z" />
    <path
      class="deck-arch"
      d="M0 86h240v5.5H0zM0 124.5h240v7h-18V172h-12v-6a26 26 0 0 0-52 0v6h-12v-6a26 26 0 0 0-52 0v6H82v-6a26 26 0 0 0-52 0v6H18v-40.5H0z"
    />
    <path class="deck-water" d="M14 184h44M76 184h62M156 184h34M206 184h22M40 193h32M96 193h20M140 193h44" />
  </svg>
);
