// The trail of changes: a row for each, newest first; one opens over the list.
import type { ComponentChildren } from "preact";
import { here, navigate, withQuery } from "../../location.ts";
import { Badge } from "../../parts/badges.tsx";
import { ChipOne } from "../../parts/filters.tsx";
import { Icon } from "../../parts/icon.tsx";
import { Empty, ListPage } from "../../parts/list-page.tsx";
import { Menu } from "../../parts/menu.tsx";
import type { Column } from "../../parts/table.tsx";
import { When } from "../../parts/time.tsx";
import { ENTRIES, type Entry, exportPath, timeAsked } from "./audit.ts";
import { ChipText, ChipTime } from "./chips.tsx";
import { EntryDrawer } from "./drawer.tsx";
import { Verify } from "./verify.tsx";

const place = (rest: string): string => withQuery({}, { path: `/ui/audit${rest}`, query: here.value.query });
const hrefOf = (row: Entry): string => place(`/${row.id}`);

/** Beginnings of actions: what they are about. */
const ABOUT = [
  { value: "login", label: "Sign-ins" },
  { value: "user", label: "Users" },
  { value: "team", label: "Teams" },
  { value: "role", label: "Roles" },
  { value: "token", label: "Tokens" },
  { value: "gateway", label: "MCP servers" },
  { value: "server", label: "Virtual servers" },
  { value: "tool", label: "Tools" },
  { value: "prompt", label: "Prompts" },
  { value: "resource", label: "Resources" },
];
const FILTERS = ["action", "actor", "target", "request", "last", "since", "until"];

const COLUMNS: readonly Column<Entry>[] = [
  {
    id: "action",
    label: "Action",
    card: "title",
    cell: (row) => (
      <a class="m" href={hrefOf(row)}>
        {row.action}
      </a>
    ),
  },
  { id: "actor", label: "Who", card: "fact", cell: (row) => row.actor },
  {
    id: "target",
    label: "What",
    card: "state",
    cell: (row) => (
      <span class="row keep">
        <Badge tone="line">{row.target_type}</Badge>
        <span class="clip target" title={row.target_id}>
          {nameIn(row)}
        </span>
      </span>
    ),
  },
  { id: "ip", label: "From", cell: (row) => row.ip ?? <span class="mut">the gateway</span> },
  { id: "at", label: "When", end: true, card: "more", cell: (row) => <When at={row.at} /> },
];

/** What a target is called, if the entry says so; else its id. */
const nameIn = ({ detail, target_id }: Entry): string => (typeof detail.name === "string" ? detail.name : target_id);

export function AuditTrail({ id, switcher }: { id: string | undefined; switcher: ComponentChildren }) {
  const { query } = here.value;
  const filter = {
    action: query.get("action") ?? undefined,
    actor: query.get("actor") ?? undefined,
    target_id: query.get("target") ?? undefined,
    request_id: query.get("request") ?? undefined,
    ...timeAsked(Date.now()),
  };
  return (
    <>
      <ListPage
        of={ENTRIES}
        title="Audit"
        about="Who changed what, signed in, made or ended a token. Each entry holds a digest of the one before."
        noun="entry"
        plural="entries"
        add={
          <>
            <Verify />
            <Export filter={{ ...filter, q: query.get("q") ?? undefined }} />
          </>
        }
        tabs={switcher}
        columns={COLUMNS}
        href={hrefOf}
        query={filter}
        chips={
          <>
            <ChipOne name="About" field="action" options={withOwn(query.get("action"))} />
            <ChipText name="Who" field="actor" hint="The whole address of who did it" />
            <ChipText name="What" field="target" hint="The id of what it was done to" />
            <ChipText name="Request" field="request" hint="The whole request id" />
            <ChipTime />
          </>
        }
        filters={FILTERS}
        current={id}
        empty={
          <Empty title="Nothing happened yet">
            <p>Every change, sign-in, token and grant will stand here.</p>
          </Empty>
        }
      />
      {id !== undefined && <EntryDrawer key={id} id={id} onClose={() => void navigate(place(""))} />}
    </>
  );
}

/** The choices, and what the address asks for when it is another. */
const withOwn = (asked: string | null) =>
  asked === null || ABOUT.some(({ value }) => value === asked) ? ABOUT : [...ABOUT, { value: asked, label: asked }];

const Export = ({ filter }: { filter: Record<string, string | undefined> }) => (
  <Menu
    class="btn"
    end
    button={
      <>
        <Icon name="download" />
        Export
      </>
    }
  >
    {(close) => (
      <>
        <a class="item" download href={exportPath("ndjson", filter)} onClick={close}>
          <Icon name="code" />
          NDJSON
        </a>
        <a class="item" download href={exportPath("csv", filter)} onClick={close}>
          <Icon name="file" />
          CSV
        </a>
        <p>What these filters show, oldest first.</p>
      </>
    )}
  </Menu>
);
