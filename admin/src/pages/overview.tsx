// The overview: what is there, what needs somebody, what to do first. Every number is counted from the API.
import { changes, list, listAll, type ServerRead, type UpstreamRead } from "../api.ts";
import { useLoad } from "../load.ts";
import { Badge, EraBadge, Monogram, StatusBadge } from "../parts/badges.tsx";
import { Icon } from "../parts/icon.tsx";
import { ErrorNote } from "../parts/note.tsx";
import { Skeleton } from "../parts/skeleton.tsx";
import { count } from "../parts/time.tsx";
import { OpenBadge } from "./servers.tsx";

type Facts = { upstreams: UpstreamRead[]; servers: ServerRead[]; tools: number; toolsOn: number };
const SHOWN = 6;

const load = async (signal: AbortSignal): Promise<Facts> => {
  const [upstreams, servers, all, on] = await Promise.all([
    listAll("gateways", {}, signal),
    listAll("servers", {}, signal),
    list("tools", { limit: 1, include_inactive: true }, signal),
    list("tools", { limit: 1 }, signal),
  ]);
  return { upstreams, servers, tools: all.total, toolsOn: on.total };
};

export function OverviewPage() {
  const { data, error, reload } = useLoad(`overview ${JSON.stringify(changes.value)}`, load);
  return (
    <>
      <div class="head">
        <div>
          <h1>Overview</h1>
        </div>
      </div>
      {error && <ErrorNote error={error} retry={reload} what="The overview did not load" />}
      {data === undefined ? !error && <Skeleton /> : <Loaded {...data} />}
    </>
  );
}

function Loaded(facts: Facts) {
  const { upstreams, servers } = facts;
  const fresh = upstreams.length === 0 || servers.length === 0;
  const needy = upstreams.filter((one) => one.status === "down" || (one.enabled && one.validationErrors.length > 0));
  return (
    <>
      <Deck {...facts} />
      {needy.length > 0 && <Needs upstreams={needy} />}
      {fresh && <FirstSteps {...facts} />}
      {(upstreams.length > 0 || servers.length > 0) && (
        <div class="banks">
          <Servers servers={servers} />
          <Upstreams upstreams={upstreams} />
        </div>
      )}
      {!fresh && <FirstSteps {...facts} />}
    </>
  );
}

function Deck({ upstreams, servers, tools, toolsOn }: Facts) {
  const by = (status: UpstreamRead["status"]): number => upstreams.filter((one) => one.status === status).length;
  const open = servers.filter((one) => one.open && one.enabled).length;
  const aside = [by("down") > 0 && `${by("down")} down`, by("disabled") > 0 && `${by("disabled")} disabled`].filter(
    Boolean,
  );
  return (
    <dl class="deck">
      <Figure name="MCP servers up" href="/ui/servers" value={by("up")} of={upstreams.length}>
        {aside.join(", ")}
      </Figure>
      <Figure
        name="Virtual servers"
        href="/ui/virtual-servers"
        value={servers.filter((one) => one.enabled).length}
        of={servers.length}
      >
        {open > 0 && `${open} open to everyone`}
      </Figure>
      <Figure name="Tools enabled" href="/ui/tools" value={toolsOn} of={tools} />
    </dl>
  );
}

const Figure = (props: { name: string; href: string; value: number; of: number; children?: string | false }) => (
  <div>
    <dt>
      <a href={props.href}>{props.name}</a>
    </dt>
    <dd>
      <span class="big">{props.value.toLocaleString("en")}</span>{" "}
      <span class="mut n">of {props.of.toLocaleString("en")}</span>{" "}
      {props.children && <small class="push">{props.children}</small>}
    </dd>
  </div>
);

const Needs = ({ upstreams }: { upstreams: UpstreamRead[] }) => (
  <section class="card" aria-labelledby="needs">
    <header>
      <h2 id="needs">Needs attention</h2>
    </header>
    <ul class="list">
      {upstreams.map((one) => (
        <li key={one.id}>
          <Monogram name={one.name} size="sm" />
          <span class="grow">
            <a href={`/ui/servers/${encodeURIComponent(one.id)}${one.status === "down" ? "" : "?tab=problems"}`}>
              {one.name}
            </a>
            <small>
              {one.status === "down"
                ? (one.lastError ?? "It does not answer.")
                : `${count(one.validationErrors.length, "definition")} could not be taken`}
            </small>
          </span>
          {one.status === "down" ? (
            <StatusBadge status="down" />
          ) : (
            <Badge tone="warn" icon="warn">
              Problems
            </Badge>
          )}
        </li>
      ))}
    </ul>
  </section>
);

/** Steps that can be known are ticked; the others only lead there. */
function FirstSteps({ upstreams, servers }: Facts) {
  const steps = [
    {
      done: upstreams.length > 0,
      href: "/ui/servers/new",
      title: "Add an MCP server",
      text: "By its URL. The gateway finds out what it speaks and offers.",
    },
    {
      done: servers.length > 0,
      href: "/ui/virtual-servers/new",
      title: "Build a virtual server",
      text: "Choose tools from several servers and give them one URL.",
    },
    { done: false, href: "/ui/tools", title: "Try a tool", text: "Through the gateway, the way a client would." },
    {
      done: false,
      href: "/ui/connect",
      title: "Connect a client",
      text: "Claude, Cursor, VS Code, Codex and others, in their own words.",
    },
  ];
  return (
    <section class="card" aria-labelledby="steps">
      <header>
        <h2 id="steps">First steps</h2>
      </header>
      <ol class="list">
        {steps.map((step) => (
          <li key={step.href}>
            <span class={step.done ? "t-ok" : "mut"}>
              <Icon name={step.done ? "ok" : "arrow"} />
            </span>
            <span class="grow">
              <a href={step.href}>{step.title}</a>
              <small class="wrap">{step.text}</small>
            </span>
            {step.done && <small>done</small>}
          </li>
        ))}
      </ol>
    </section>
  );
}

const Servers = ({ servers }: { servers: ServerRead[] }) => (
  <section class="card" aria-labelledby="bank-l">
    <header>
      <h2 id="bank-l">Clients reach</h2>
      <a class="push" href="/ui/virtual-servers">
        All {servers.length}
      </a>
    </header>
    {servers.length === 0 && <p class="src-none">No virtual server yet. Clients can use the gateway's own endpoint.</p>}
    <ul class="list">
      {servers.slice(0, SHOWN).map((one) => (
        <li key={one.id}>
          <Monogram name={one.name} size="sm" />
          <span class="grow">
            <a href={`/ui/virtual-servers/${encodeURIComponent(one.id)}`}>{one.name}</a>
          </span>
          {one.open && <OpenBadge />}
          <small class="n">{count(one.tools.length, "tool")}</small>
        </li>
      ))}
    </ul>
  </section>
);

const Upstreams = ({ upstreams }: { upstreams: UpstreamRead[] }) => (
  <section class="card" aria-labelledby="bank-r">
    <header>
      <h2 id="bank-r">The gateway reaches</h2>
      <a class="push" href="/ui/servers">
        All {upstreams.length}
      </a>
    </header>
    <ul class="list">
      {upstreams.slice(0, SHOWN).map((one) => (
        <li key={one.id}>
          <Monogram name={one.name} size="sm" />
          <span class="grow">
            <a href={`/ui/servers/${encodeURIComponent(one.id)}`}>{one.name}</a>
          </span>
          <EraBadge era={one.era} version={one.protocolVersion} />
          <StatusBadge status={one.status} />
        </li>
      ))}
    </ul>
  </section>
);
