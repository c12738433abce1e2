// Upstreams for the browser tests: as many tools as a test wants, with whatever texts it wants, on this machine.
import type { Running } from "../fakes/http.ts";
import { type Heard, on, type Scripted, startScripted } from "../fakes/scripted.ts";
import type { Gateway } from "../harness.ts";

export type ToolWish = { name: string } & Record<string, unknown>;

/** Tools tool_001, tool_002 …; every tenth says it may destroy data, the others that they only read. */
export const numbered = (count: number): ToolWish[] =>
  Array.from({ length: count }, (_, at) => ({
    name: `tool_${String(at + 1).padStart(3, "0")}`,
    description: `Number ${at + 1}`,
    annotations: (at + 1) % 10 === 0 ? { readOnlyHint: false, destructiveHint: true } : { readOnlyHint: true },
  }));

/** An MCP server (2025-11-25) with these tools. `about` goes into its introduction, `call` answers every call. */
export function startTools(
  tools: readonly ToolWish[],
  { about = {}, call }: { about?: Record<string, unknown>; call?: (heard: Heard) => Record<string, unknown> } = {},
): Promise<Scripted> {
  const results: Record<string, (heard: Heard) => Record<string, unknown>> = {
    initialize: ({ message }) => ({
      protocolVersion: message?.params?.protocolVersion,
      capabilities: { tools: {} },
      serverInfo: { name: "tools", version: "1.0.0" },
      ...about,
    }),
    "tools/list": () => ({ tools: tools.map((tool) => ({ inputSchema: { type: "object" }, ...tool })) }),
    ...(call ? { "tools/call": call } : {}),
  };
  const scripts = Object.entries(results).map(([method, result]) =>
    on(method, ({ id }, outgoing, heard) =>
      outgoing
        .writeHead(200, { "content-type": "application/json" })
        .end(JSON.stringify({ jsonrpc: "2.0", id, result: result(heard) })),
    ),
  );
  return startScripted(async (heard, outgoing) => {
    for (const script of scripts) if (await script(heard, outgoing)) return true;
    return false;
  });
}

/** Adds an upstream by REST; gives its id and the ids of its tools by name. */
export async function register(
  { api }: Gateway,
  name: string,
  { url }: Pick<Running, "url">,
): Promise<{ id: string; tools: Record<string, string> }> {
  const added = await api<{ id: string }>("POST", "/gateways", { name, url });
  if (added.status !== 201) throw new Error(`POST /gateways answered ${added.status}: ${JSON.stringify(added.body)}`);
  const rows = await api<{ id: string; originalName: string }[]>("GET", `/tools?limit=0&gateway_id=${added.body.id}`);
  return { id: added.body.id, tools: Object.fromEntries(rows.body.map((row) => [row.originalName, row.id])) };
}

/** Creates a virtual server by REST; gives its id. */
export async function bundleOf({ api }: Gateway, name: string, tools: readonly string[]): Promise<string> {
  const created = await api<{ id: string }>("POST", "/servers", { name, associatedTools: tools });
  if (created.status !== 201) throw new Error(`POST /servers answered ${created.status}`);
  return created.body.id;
}
