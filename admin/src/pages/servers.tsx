// Virtual servers: one URL each, with the tools, prompts and resources chosen for it.
import type { ServerRead } from "../api.ts";
import { Badge, OnOffBadge, Tags } from "../parts/badges.tsx";
import { CopyButton } from "../parts/code.tsx";
import { AddLink, Empty, ListPage, NameCell } from "../parts/list-page.tsx";
import { catalog } from "../parts/listing.tsx";
import type { Column } from "../parts/table.tsx";
import { When } from "../parts/time.tsx";
import { PlaceBadge } from "./access/place.tsx";
import { PLACE_FIELDS, PlaceChips, placeAsked } from "./access/place-filter.tsx";

const hrefOf = (row: ServerRead): string => `/ui/virtual-servers/${encodeURIComponent(row.id)}`;
const pathOf = (url: string): string => (URL.canParse(url) ? new URL(url).pathname : url);

const COLUMNS: readonly Column<ServerRead>[] = [
  {
    id: "name",
    label: "Virtual server",
    card: "title",
    compare: (a, b) => a.name.localeCompare(b.name),
    cell: (row) => <NameCell name={row.name} href={hrefOf(row)} about={row.description} />,
  },
  {
    id: "state",
    label: "State",
    card: "state",
    cell: (row) => (
      <span class="chips">
        <OnOffBadge on={row.enabled} />
        {row.open && <OpenBadge />}
        <PlaceBadge row={row} />
      </span>
    ),
  },
  {
    id: "url",
    label: "MCP URL",
    card: "fact",
    cell: (row) => (
      <span class="row keep">
        <span class="m clip">{pathOf(row.mcpUrl)}</span>
        <CopyButton text={row.mcpUrl} label={`Copy the MCP URL of ${row.name}`} />
      </span>
    ),
  },
  {
    id: "tools",
    label: "Tools",
    end: true,
    card: "more",
    cardLabel: "Tools",
    compare: (a, b) => a.tools.length - b.tools.length,
    cell: (row) => <b class="n">{row.tools.length}</b>,
  },
  { id: "prompts", label: "Prompts", end: true, cell: (row) => row.prompts.length },
  { id: "resources", label: "Resources", end: true, cell: (row) => row.resources.length },
  { id: "tags", label: "Tags", cell: (row) => <Tags tags={row.tags} /> },
  {
    id: "updated",
    label: "Changed",
    end: true,
    compare: (a, b) => a.updatedAt.localeCompare(b.updatedAt),
    cell: (row) => <When at={row.updatedAt} />,
  },
];

export const OpenBadge = () => (
  <Badge tone="warn" icon="globe" title="MCP requests need no credential">
    Open
  </Badge>
);

const SERVERS = catalog("servers");
const NEW = "/ui/virtual-servers/new";

export const ServersPage = () => (
  <ListPage
    of={SERVERS}
    title="Virtual servers"
    about="Each is one MCP URL that offers what you choose from all your servers."
    noun="virtual server"
    add={
      <AddLink main href={NEW}>
        New virtual server
      </AddLink>
    }
    columns={COLUMNS}
    href={hrefOf}
    query={placeAsked()}
    chips={<PlaceChips />}
    filters={PLACE_FIELDS}
    empty={
      <Empty title="No virtual servers yet">
        <p>Choose tools from several MCP servers and give them one URL: for a team, a project or one agent.</p>
        <div class="row">
          <AddLink href={NEW}>New virtual server</AddLink>
        </div>
      </Empty>
    }
  />
);
