// Tokens: what programs present. The list stays; one token opens over it. Making and editing one are pages of their own.
import { useMemo } from "preact/hooks";
import type { ServerRead } from "../api.ts";
import { here, navigate, setQuery, withQuery } from "../location.ts";
import { Switch } from "../parts/fields.tsx";
import { ChipOne } from "../parts/filters.tsx";
import { AddLink, Empty, ListPage } from "../parts/list-page.tsx";
import type { Column } from "../parts/table.tsx";
import { Day, When } from "../parts/time.tsx";
import { may } from "../session.ts";
import { useServers } from "./access/names.ts";
import { TokenDrawer } from "./tokens/drawer.tsx";
import { EditToken } from "./tokens/edit.tsx";
import { MayDo, Reaches, TOKEN_STATUSES, TokenBadge } from "./tokens/marks.tsx";
import { NewToken } from "./tokens/new.tsx";
import { SOME_TOKENS, type Token } from "./tokens/tokens.ts";

const place = (rest: string): string =>
  withQuery({ tab: null }, { path: `/ui/tokens${rest}`, query: here.value.query });
const hrefOf = (row: Token): string => place(`/${encodeURIComponent(row.id)}`);

/** Whether everybody's tokens are shown. */
const showsAll = (): boolean => here.value.query.get("everybody") === "1" && may("tokens.manage");

const NAME: Column<Token> = {
  id: "name",
  label: "Token",
  card: "title",
  compare: (a, b) => a.name.localeCompare(b.name),
  cell: (row) => (
    <span class="who-t lead">
      <a href={hrefOf(row)}>{row.name}</a>
      <small class="m">{row.prefix}…</small>
    </span>
  ),
};
const OWNER: Column<Token> = {
  id: "owner",
  label: "Owner",
  compare: (a, b) => a.user_email.localeCompare(b.user_email),
  cell: (row) => row.user_email,
};

const others = (servers: ServerRead[] | undefined): readonly Column<Token>[] => [
  {
    id: "status",
    label: "Status",
    card: "state",
    compare: (a, b) => a.status.localeCompare(b.status),
    cell: (row) => <TokenBadge status={row.status} />,
  },
  { id: "reach", label: "Virtual servers", card: "fact", cell: (row) => <Reaches token={row} servers={servers} /> },
  { id: "may", label: "May", cell: (row) => <MayDo permissions={row.resource_scopes} /> },
  {
    id: "expires",
    label: "Expires",
    end: true,
    compare: (a, b) => (a.expires_at ?? "9").localeCompare(b.expires_at ?? "9"),
    cell: (row) => (row.expires_at === null ? <span class="mut">never</span> : <Day at={row.expires_at} />),
  },
  {
    id: "used",
    label: "Last used",
    end: true,
    card: "more",
    compare: (a, b) => (a.last_used ?? "").localeCompare(b.last_used ?? ""),
    cell: (row) => (
      <span class="who-t" title={row.last_used_ip ? `from ${row.last_used_ip}` : undefined}>
        <When at={row.last_used} />
        {row.last_used_ip && <small class="n">{row.last_used_ip}</small>}
      </span>
    ),
  },
];

export function TokensPage({ id, action }: { id: string | undefined; action: string | undefined }) {
  if (id === "new") return <NewToken />;
  if (id !== undefined && action === "edit") return <EditToken key={id} id={id} />;
  return <List id={id} />;
}

function List({ id }: { id: string | undefined }) {
  const all = showsAll();
  const servers = useServers();
  const columns = useMemo(() => [NAME, ...(all ? [OWNER] : []), ...others(servers)], [all, servers]);
  return (
    <>
      <ListPage
        of={SOME_TOKENS}
        title="Tokens"
        about="What programs sign in with. Each can be held to less than its owner may do."
        noun="token"
        add={
          may("tokens.create") && (
            <AddLink main href="/ui/tokens/new">
              New token
            </AddLink>
          )
        }
        columns={columns}
        href={hrefOf}
        query={{ status: here.value.query.get("status"), everybody: all ? true : undefined }}
        chips={
          <>
            <ChipOne name="Status" field="status" options={TOKEN_STATUSES} />
            {may("tokens.manage") && (
              <Switch
                on={all}
                onSwitch={(on) => void setQuery({ everybody: on ? "1" : null, cursor: null, from: null })}
              >
                Everybody's
              </Switch>
            )}
          </>
        }
        filters={["status"]}
        current={id}
        empty={
          <Empty title="No tokens yet">
            <p>A token lets a program in your name: an agent, a script, a client. Give it only what it needs.</p>
            {may("tokens.create") && (
              <div class="row">
                <AddLink href="/ui/tokens/new">New token</AddLink>
              </div>
            )}
          </Empty>
        }
      />
      {id !== undefined && (
        <TokenDrawer
          key={id}
          id={id}
          everybody={all}
          editHref={place(`/${encodeURIComponent(id)}/edit`)}
          onClose={() => void navigate(place(""))}
        />
      )}
    </>
  );
}
