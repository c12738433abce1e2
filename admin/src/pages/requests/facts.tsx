// Who asked for what, and where each of them has a page.
import { OUTCOMES } from "../../../../src/schemas/outcomes.ts";
import { EraBadge } from "../../parts/badges.tsx";
import { Icon } from "../../parts/icon.tsx";
import { Fact } from "../../parts/note.tsx";
import { Visible } from "../../parts/visible.tsx";
import { may } from "../../session.ts";
import { eraOf, type Known, nameOf, type Row, size } from "./requests.ts";

/** Pages of what a call can be of. */
const PAGES: Partial<Record<Row["kind"], string>> = { tool: "/ui/tools" };

const to = (page: string, id: string): string => `${page}/${encodeURIComponent(id)}`;

export function RequestFacts({ row, known }: { row: Row; known: Known }) {
  const upstream = known.upstreams.find((one) => one.id === row.upstream);
  const page = PAGES[row.kind];
  return (
    <>
      <section class="sect">
        <header>
          <h3>Crossing</h3>
        </header>
        <div class="eras">
          <div>
            <small>{row.client ? <Visible text={row.client} /> : "A client that does not say who it is"}</small>
            {row.protocol && <EraBadge era={eraOf(row.protocol)} version={row.protocol} />}
          </div>
          <Icon name="arrow" />
          <div>
            <small>{upstream?.name ?? (row.upstream || "Answered here")}</small>
            {upstream && <EraBadge era={upstream.era} version={upstream.protocolVersion} />}
          </div>
        </div>
        {upstream && <p class="hint">How the server is spoken to is told as it is now.</p>}
      </section>
      <section class="sect">
        <header>
          <h3>Who and what</h3>
        </header>
        <dl class="facts">
          <Fact name="Outcome">{OUTCOMES[row.outcome].replaceAll("`", "")}</Fact>
          {row.target && (
            <Fact name="Of">
              {page ? <a href={to(page, row.target)}>{row.name}</a> : <span class="m">{row.name}</span>}
              <span class="mut">{row.kind}</span>
              {may("metrics.read") && <a href={`/ui/metrics?target=${encodeURIComponent(row.target)}`}>its metrics</a>}
            </Fact>
          )}
          <Fact name="Virtual server">
            {row.server ? (
              <a href={to("/ui/virtual-servers", row.server)}>{nameOf(known.servers, row.server)}</a>
            ) : (
              "the gateway's own endpoint"
            )}
          </Fact>
          {row.upstream && (
            <Fact name="Server">
              <a href={to("/ui/servers", row.upstream)}>{nameOf(known.upstreams, row.upstream)}</a>
            </Fact>
          )}
          <Fact name="User">
            {row.user.includes("@") && may("users.read") ? (
              <a href={to("/ui/users", row.user)}>{row.user}</a>
            ) : (
              row.user
            )}
          </Fact>
          {row.token && (
            <Fact name="Token">
              <a href={to("/ui/tokens", row.token)}>
                <code>{row.token}</code>
              </a>
            </Fact>
          )}
          <Fact name="Size">
            <span class="n">
              {size(row.bytesIn)} in, {size(row.bytesOut)} out
            </span>
          </Fact>
          <Fact name="Request">
            <code>{row.requestId}</code>
            {may("audit.read") && (
              <a href={`/ui/audit?${new URLSearchParams({ request: row.requestId })}`}>what it changed</a>
            )}
          </Fact>
        </dl>
      </section>
    </>
  );
}
