// Everything a token is held to, and where it comes from.
import type { ComponentChildren } from "preact";
import { Badge } from "../../parts/badges.tsx";
import { CopyButton } from "../../parts/code.tsx";
import { Fact, Note } from "../../parts/note.tsx";
import { Until, When } from "../../parts/time.tsx";
import { useServers, useTeamName } from "../access/names.ts";
import { serverName } from "./marks.tsx";
import type { Token } from "./tokens.ts";
import { windowWords } from "./window.ts";

const None = ({ children }: { children: string }) => <span class="mut">{children}</span>;

const Chips = ({ of, none }: { of: readonly string[]; none: string }) =>
  of.length === 0 ? (
    <None>{none}</None>
  ) : (
    of.map((one) => (
      <Badge key={one} tone="line">
        {one}
      </Badge>
    ))
  );

export function TokenFacts({ token }: { token: Token }) {
  return (
    <>
      <Ended token={token} />
      {token.description && <p>{token.description}</p>}
      <Section title="Held to">
        <Scope token={token} />
      </Section>
      <Section title="About">
        <About token={token} />
      </Section>
    </>
  );
}

const Section = ({ title, children }: { title: string; children: ComponentChildren }) => (
  <section class="sect">
    <header>
      <h3>{title}</h3>
    </header>
    {children}
  </section>
);

function Ended({ token }: { token: Token }) {
  if (token.status === "revoked")
    return (
      <Note tone="bad">
        <b>Revoked</b> <When at={token.revoked_at} />
        {token.revoked_by && ` by ${token.revoked_by}`}.{" "}
        {token.revocation_reason && (
          <>
            Reason: <span class="foreign">{token.revocation_reason}</span>
          </>
        )}
      </Note>
    );
  if (token.replaced_by)
    return (
      <Note tone="warn">
        <b>Rotated.</b> <a href={`/ui/tokens/${encodeURIComponent(token.replaced_by)}`}>Another token</a> stands in its
        place; this one works on{" "}
        {token.expires_at ? (
          <>
            <Until at={token.expires_at} /> only
          </>
        ) : (
          "for now"
        )}
        .
      </Note>
    );
  return null;
}

function Scope({ token }: { token: Token }) {
  const servers = useServers();
  const { requests_per_hour: hour, requests_per_day: day } = token.usage_limits;
  const limits = [hour && `${hour.toLocaleString("en")} an hour`, day && `${day.toLocaleString("en")} a day`];
  return (
    <dl class="facts">
      <Fact name="Virtual servers">
        {token.server_ids.length === 0 && <None>none: everything its owner may use</None>}
        {token.server_ids.map((id) => (
          <a key={id} href={`/ui/virtual-servers/${encodeURIComponent(id)}`}>
            {serverName(servers, id)}
          </a>
        ))}
      </Fact>
      {token.server_ids.length > 0 && (
        <Fact name="Tools">
          <Chips of={token.tools} none="all of them" />
        </Fact>
      )}
      <Fact name="Permissions">
        <Chips of={token.resource_scopes} none="all its owner has" />
      </Fact>
      <Fact name="Addresses">
        <Chips of={token.ip_restrictions} none="from anywhere" />
      </Fact>
      <Fact name="Hours">{windowWords(token.time_restrictions) ?? <None>at any time</None>}</Fact>
      <Fact name="At most">{limits.filter(Boolean).join(", ") || <None>no limit of its own</None>}</Fact>
      <Fact name="Expires">
        {token.expires_at === null ? <Badge tone="warn">never</Badge> : <Until at={token.expires_at} />}
      </Fact>
    </dl>
  );
}

function About({ token }: { token: Token }) {
  const teamName = useTeamName();
  return (
    <dl class="facts">
      <Fact name="Owner">{token.user_email}</Fact>
      {token.team_id && (
        <Fact name="Team">
          <a href={`/ui/teams/${encodeURIComponent(token.team_id)}`}>{teamName(token.team_id)}</a>
        </Fact>
      )}
      <Fact name="Last used">
        <When at={token.last_used} />
        {token.last_used_ip && <span class="mut">from {token.last_used_ip}</span>}
      </Fact>
      <Fact name="Made">
        <When at={token.created_at} />
      </Fact>
      {token.tags.length > 0 && (
        <Fact name="Tags">
          <Chips of={token.tags} none="" />
        </Fact>
      )}
      <Fact name="Id">
        <code>{token.id}</code>
        <CopyButton text={token.id} label="Copy id" />
      </Fact>
    </dl>
  );
}
