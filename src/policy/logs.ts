// Who reads which requests: one's own, and with `logs.read` those of others, both only of what one sees. So a team reads the
// log of its own virtual servers; whoever sees everything and may read everywhere reads all.
import type { Desk } from "../catalog/change.ts";
import { seenBy } from "../catalog/list.ts";
import { tables } from "../db/client.ts";
import type { Caller } from "../identity/caller.ts";
import type { Eyes } from "../observability/call-filter.ts";
import { can, type Permission, type Target } from "./can.ts";

const { servers, tools, prompts, resources, upstreams } = tables;

/** The gateway's own endpoint, which nobody's team owns. */
const EVERYWHERE: Target = { visibility: "public", ownerEmail: null, teamId: null };

/** What a caller sees of the log. `permission`: what it takes for the calls of others. */
export async function logEyes(desk: Desk, caller: Caller, permission: Permission = "logs.read"): Promise<Eyes> {
  const everywhere = can(caller, permission, EVERYWHERE) === "yes";
  if (caller.sight === "everything" && everywhere) return "everything";
  const rows = (table: typeof servers | typeof tools | typeof prompts | typeof resources | typeof upstreams) =>
    desk.db
      .select({ id: table.id, visibility: table.visibility, ownerEmail: table.ownerEmail, teamId: table.teamId })
      .from(table)
      .where(seenBy(table, caller.sight));
  const visible = (
    await desk.db.batch([rows(servers), rows(tools), rows(prompts), rows(resources), rows(upstreams)])
  ).flat();
  const readable = visible.filter((target) => can(caller, permission, target) === "yes");
  return {
    user: caller.id,
    sees: new Set(["", ...visible.map(({ id }) => id)]),
    reads: new Set([...(everywhere ? [""] : []), ...readable.map(({ id }) => id)]),
  };
}
