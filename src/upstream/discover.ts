// Everything a server offers: its introduction and every page of tools, prompts, resources and templates. A
// definition that can't be taken is reported and does not sink the rest (MCP server/tools, prompts, resources).
import { waitUntil } from "cloudflare:workers";
import type { Era, UpstreamRow } from "../db/tables/upstreams.ts";
import { GatewayError } from "../errors.ts";
import { isObject, type JsonObject, type JsonValue, parseStrict } from "../lib/json.ts";
import { RPC } from "../lib/mcp.ts";
import { paramHeadersOf } from "../lib/param-headers.ts";
import { parseTemplate } from "../lib/uri-template-syntax.ts";
import { connectorOf } from "./connect.ts";
import { detect } from "./era.ts";
import { ownMeta } from "./modern.ts";
import { asUpstreamFailure, RpcFailure, resultOf } from "./read-answer.ts";
import { within } from "./safe-fetch.ts";
import { end } from "./session.ts";
import { oneSession } from "./sessions.ts";
import { type Introduction, type Surroundings, shownUrl, type Target } from "./upstream.ts";

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

export interface Discovery extends Introduction {
  readonly era: Era;
  readonly evidence: readonly string[];
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
  /** @throws Error with the reason why an item can't be taken. */
  readonly check?: (item: JsonObject) => unknown;
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
    check: ({ uriTemplate }) => parseTemplate(String(uriTemplate)),
  },
];

const MOST_PAGES = 500;
const MOST_ITEMS = 20_000;
/** Bytes of JSON: with its description a second time, and escaped on its way, a row stays below D1's 2 MB. */
const LARGEST = 600_000;
/** Arrays and objects within each other: whoever looks into a definition goes as deep as it is. */
const DEEPEST = 200;
const MOST_TIME = 60_000;

function checkTool(tool: JsonObject): void {
  if (!isObject(tool.inputSchema) || tool.inputSchema.type !== "object")
    throw new Error("inputSchema is not a schema of type object");
  paramHeadersOf(tool.inputSchema);
}

/** What one discovery may still use up. `until`: milliseconds since 1970. */
interface Budget {
  readonly until: number;
  pages: number;
}

/**
 * Connects and lists, all within one session where the upstream keeps any. It may take 60 s and 500 pages in all.
 * @throws GatewayError with `upstream`, `url` and `stage` (connect | initialize | list).
 */
export async function discover(
  target: Omit<Target, "era">,
  transport: UpstreamRow["transport"],
  around: Surroundings,
): Promise<Discovery> {
  const budget = { until: Date.now() + MOST_TIME, pages: MOST_PAGES };
  try {
    const { session, ...detected } = await detect(target, transport, around);
    const { era, protocolVersion, sessionful, capabilities } = detected;
    const whole: Target = { ...target, era, protocolVersion, sessionful, capabilities };
    if (!session) return { ...detected, ...(await listAll(whole, around, budget)) };
    try {
      return { ...detected, ...(await listAll(whole, { ...around, sessions: oneSession(session) }, budget)) };
    } finally {
      waitUntil(end(whole, session, around).catch(() => {})); // what is listed is listed, however it takes the end
    }
  } catch (error) {
    throw asUpstreamFailure(error).with({ upstream: target.name, url: shownUrl(target.url) });
  }
}

async function listAll(target: Target, around: Surroundings, budget: Budget) {
  const problems: Problem[] = [];
  const [tools, prompts, resources, templates] = await Promise.all(
    LISTS.map((list) =>
      target.capabilities[list.capability] === undefined ? [] : oneList(target, list, around, budget, problems),
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

async function oneList(
  target: Target,
  list: List,
  around: Surroundings,
  budget: Budget,
  problems: Problem[],
): Promise<Found[]> {
  const found = new Map<string, Found>();
  const cursors = new Set<string>();
  let cursor: string | undefined;
  for (;;) {
    const result = await onePage(target, list, cursor, around);
    if (result === "not offered") return [];
    for (const item of Array.isArray(result[list.items]) ? (result[list.items] as JsonValue[]) : [])
      take(list, item, found, problems);
    if (typeof result.nextCursor !== "string") return [...found.values()];
    cursor = result.nextCursor;
    budget.pages -= 1;
    if (Date.now() > budget.until) {
      throw new GatewayError("upstream_timeout", `The upstream did not list all it has within ${MOST_TIME / 1000} s`, {
        details: { stage: "list" },
      });
    }
    if (cursors.has(cursor) || budget.pages <= 0 || found.size > MOST_ITEMS) {
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
    return await within(around.timeout, asking());
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
    throw asUpstreamFailure(error).with({ stage: "list" });
  }
}

function take(list: List, item: JsonValue, found: Map<string, Found>, problems: Problem[]): void {
  const key = isObject(item) ? item[list.key] : undefined;
  const report = (reason: string) =>
    problems.push({ kind: list.kind, name: typeof key === "string" ? key : "(no name)", reason });
  if (!isObject(item) || typeof key !== "string" || key === "") return void report(`${list.key} is missing`);
  if (found.has(key)) return void report(`${list.key} is listed twice; the first one counts`);
  try {
    const text = JSON.stringify(item);
    if (new TextEncoder().encode(text).byteLength > LARGEST)
      throw new Error(`the definition is larger than ${LARGEST} bytes`);
    parseStrict(text, { depth: DEEPEST });
    list.check?.(item);
  } catch (error) {
    return void report(error instanceof Error ? error.message : String(error));
  }
  found.set(key, { key, definition: item });
}
