// Everything a server offers: its introduction and every page of tools, prompts, resources and templates. A
// definition that can't be taken is reported and does not sink the rest (MCP server/tools, prompts, resources).
import type { UpstreamRow } from "../db/tables/upstreams.ts";
import { asGatewayError, GatewayError } from "../errors.ts";
import { isObject, type JsonObject, type JsonValue } from "../lib/json.ts";
import { RPC } from "../lib/mcp.ts";
import { paramHeadersOf } from "../lib/param-headers.ts";
import { connectorOf } from "./connect.ts";
import { type Detected, detect } from "./era.ts";
import { ownMeta } from "./modern.ts";
import { RpcFailure, resultOf } from "./read-answer.ts";
import { within } from "./safe-fetch.ts";
import { end, open } from "./session.ts";
import { oneSession } from "./sessions.ts";
import { type Surroundings, shownUrl, type Target, type UpstreamSession } from "./upstream.ts";

/** A definition as the server gave it, with the key it is known by (name or URI). */
export interface Found {
  readonly key: string;
  readonly definition: JsonObject;
}

export interface Problem {
  readonly kind: string;
  readonly name: string;
  readonly reason: string;
}

export interface Discovery extends Detected {
  readonly tools: readonly Found[];
  readonly prompts: readonly Found[];
  readonly resources: readonly Found[];
  readonly templates: readonly Found[];
  readonly problems: readonly Problem[];
}

/** One list of a server: its method, the capability that announces it, where its items are and what each must have. */
interface List {
  readonly kind: "tools" | "prompts" | "resources" | "templates";
  readonly method: string;
  readonly capability: string;
  readonly items: string;
  readonly key: string;
  readonly check?: (item: JsonObject) => void;
}

const LISTS: readonly List[] = [
  { kind: "tools", method: "tools/list", capability: "tools", items: "tools", key: "name", check: checkTool },
  { kind: "prompts", method: "prompts/list", capability: "prompts", items: "prompts", key: "name" },
  { kind: "resources", method: "resources/list", capability: "resources", items: "resources", key: "uri" },
  {
    kind: "templates",
    method: "resources/templates/list",
    capability: "resources",
    items: "resourceTemplates",
    key: "uriTemplate",
  },
];

const MOST_PAGES = 500;
const MOST_ITEMS = 20_000;

function checkTool(tool: JsonObject): void {
  if (!isObject(tool.inputSchema) || tool.inputSchema.type !== "object")
    throw new Error("inputSchema is not a schema of type object");
  paramHeadersOf(tool.inputSchema);
}

/**
 * Connects and lists. Session upstreams get one session for it, which ends with it.
 * @throws GatewayError with `upstream`, `url` and `stage` (connect | initialize | list).
 */
export async function discover(
  target: Omit<Target, "era">,
  transport: UpstreamRow["transport"],
  around: Surroundings,
): Promise<Discovery> {
  try {
    const detected = await detect(target, transport, around);
    const whole: Target = {
      ...target,
      era: detected.era,
      protocolVersion: detected.protocolVersion,
      sessionful: detected.sessionful,
      capabilities: detected.capabilities,
    };
    return { ...detected, ...(await inSession(whole, around, (within) => listAll(whole, within))) };
  } catch (error) {
    throw asGatewayError(error).with({ upstream: target.name, url: shownUrl(target.url) });
  }
}

async function inSession<T>(
  target: Target,
  around: Surroundings,
  work: (around: Surroundings) => Promise<T>,
): Promise<T> {
  if (target.era !== "session" || !target.sessionful) return await work(around);
  const session: UpstreamSession = (await open(target, around)).session;
  try {
    return await work({ ...around, sessions: oneSession(session) });
  } finally {
    await end(target, session, around).catch(() => {});
  }
}

async function listAll(target: Target, around: Surroundings) {
  const problems: Problem[] = [];
  const [tools, prompts, resources, templates] = await Promise.all(
    LISTS.map((list) =>
      target.capabilities[list.capability] === undefined ? [] : oneList(target, list, around, problems),
    ),
  );
  return {
    tools: tools ?? [],
    prompts: prompts ?? [],
    resources: resources ?? [],
    templates: templates ?? [],
    problems,
  };
}

async function oneList(target: Target, list: List, around: Surroundings, problems: Problem[]): Promise<Found[]> {
  const found = new Map<string, Found>();
  const cursors = new Set<string>();
  let cursor: string | undefined;
  for (let page = 0; ; page++) {
    const result = await onePage(target, list, cursor, around);
    if (result === "not offered") return [];
    for (const item of Array.isArray(result[list.items]) ? (result[list.items] as JsonValue[]) : [])
      take(list, item, found, problems);
    if (typeof result.nextCursor !== "string") return [...found.values()];
    cursor = result.nextCursor;
    if (cursors.has(cursor) || page >= MOST_PAGES || found.size > MOST_ITEMS) {
      throw new GatewayError("upstream_nonsense", `The upstream's ${list.method} has no end`, {
        details: { stage: "list" },
      });
    }
    cursors.add(cursor);
  }
}

async function onePage(
  target: Target,
  list: List,
  cursor: string | undefined,
  around: Surroundings,
): Promise<JsonObject | "not offered"> {
  const params: JsonObject = cursor === undefined ? {} : { cursor };
  if (target.era === "modern") params._meta = ownMeta(around);
  const asking = async () =>
    resultOf(
      await connectorOf(target.era).send(target, { id: `${list.kind}-list`, method: list.method, params }, around),
    );
  try {
    return await within(around.timeout, asking(), () => {});
  } catch (error) {
    if (error instanceof RpcFailure && error.error.code === RPC.methodNotFound) return "not offered";
    if (error instanceof RpcFailure) {
      throw new GatewayError(
        "upstream_nonsense",
        `The upstream refused ${list.method}: ${error.message} (${error.error.code})`,
        {
          details: { stage: "list" },
        },
      );
    }
    throw asGatewayError(error).with({ stage: "list" });
  }
}

function take(list: List, item: JsonValue, found: Map<string, Found>, problems: Problem[]): void {
  const key = isObject(item) ? item[list.key] : undefined;
  const report = (reason: string) =>
    problems.push({ kind: list.kind, name: typeof key === "string" ? key : "(no name)", reason });
  if (!isObject(item) || typeof key !== "string" || key === "") return void report(`${list.key} is missing`);
  if (found.has(key)) return void report(`${list.key} is listed twice; the first one counts`);
  try {
    list.check?.(item);
  } catch (error) {
    return void report(error instanceof Error ? error.message : String(error));
  }
  found.set(key, { key, definition: item });
}
