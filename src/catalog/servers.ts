// Virtual servers in the catalog; server-members.ts says what each one holds.
import { eq } from "drizzle-orm";
import { tables } from "../db/client.ts";
import type { ServerRow } from "../db/tables/servers.ts";
import { GatewayError } from "../errors.ts";
import { newId } from "../lib/ids.ts";
import type { ServerCreate, ServerUpdate } from "../schemas/servers.ts";
import { commit, type Desk, defined, made, modified } from "./change.ts";
import { arrange, type Editor } from "./server-members.ts";

const { servers } = tables;

/** Adds a virtual server and gives its id. @throws GatewayError `conflict`, `invalid_params`. */
export async function createServer(desk: Desk, given: ServerCreate, editor: Editor): Promise<string> {
  const {
    name,
    description = null,
    icon = null,
    instructions = null,
    open = false,
    includeNew = false,
    payloads = "off",
    payloadDays = 7,
    tags = [],
    visibility = "public",
    teamId = null,
  } = given;
  const id = given.id ?? newId();
  const [taken] = await desk.db.select({ id: servers.id }).from(servers).where(eq(servers.id, id));
  if (taken)
    throw new GatewayError("conflict", `A virtual server already has the id ${id}`, { details: { field: "id" } });
  const kept = { payloads, payloadDays };
  const row = {
    id,
    ...made(desk),
    name,
    description,
    icon,
    instructions,
    open,
    includeNew,
    ...kept,
    tags,
    visibility,
    teamId,
  };
  const statements = await arrange(desk, id, given, editor);
  await commit(
    desk,
    { action: "server.create", targetType: "server", targetId: id, detail: { name, open, payloads } },
    [desk.db.insert(servers).values(row), ...statements],
  );
  return id;
}

/** Changes a virtual server; lists given replace what was there. @throws GatewayError `stale_version`, `conflict`, `invalid_params`. */
export async function updateServer(desk: Desk, row: ServerRow, given: ServerUpdate, editor: Editor): Promise<void> {
  const { name, description, icon, instructions, open, includeNew, payloads, payloadDays, tags, visibility, teamId } =
    given;
  const statements = await arrange(desk, row.id, given, editor);
  const fields = defined({
    name,
    description,
    icon,
    instructions,
    open,
    includeNew,
    payloads,
    payloadDays,
    tags,
    visibility,
    teamId,
  });
  await commit(
    desk,
    {
      action: "server.update",
      targetType: "server",
      targetId: row.id,
      from: { table: servers, version: row.version },
      detail: { name: name ?? row.name, fields: Object.keys(given), ...defined({ payloads, payloadDays }) },
    },
    [
      desk.db
        .update(servers)
        .set({ ...fields, ...modified(desk), version: row.version + 1 })
        .where(eq(servers.id, row.id)),
      ...statements,
    ],
  );
}

export const removeServer = (desk: Desk, row: ServerRow) =>
  commit(
    desk,
    {
      action: "server.delete",
      targetType: "server",
      targetId: row.id,
      from: { table: servers, version: row.version },
      detail: { name: row.name },
    },
    [desk.db.delete(servers).where(eq(servers.id, row.id))],
  );

export const setServerState = (desk: Desk, row: ServerRow, enabled: boolean) =>
  commit(
    desk,
    {
      action: enabled ? "server.enable" : "server.disable",
      targetType: "server",
      targetId: row.id,
      from: { table: servers, version: row.version },
      detail: { name: row.name },
    },
    [
      desk.db
        .update(servers)
        .set({ enabled, ...modified(desk), version: row.version + 1 })
        .where(eq(servers.id, row.id)),
    ],
  );
