// A view: what one URL offers, compiled. Names lead to upstreams, lists are texts ready to send. A view is made of
// `ViewData`, which is plain JSON and travels through KV; what is here is worked out once per isolate and version.
import type { RestCall } from "../db/tables/catalog.ts";
import type { Seen } from "../identity/caller.ts";
import { isObject, type JsonObject } from "../lib/json.ts";
import type { ParamHeader } from "../lib/param-headers.ts";
import type { Target } from "./target.ts";
import { Uris } from "./uris.ts";

/** What every entry of a view has. `text` is its definition as clients get it; `modern` the same where 2026-07-28 differs. */
interface EntryData {
  readonly id: string;
  readonly upstreamId: string | null;
  readonly text: string;
  readonly modern?: string;
  /** Who sees it, when not everybody does. */
  readonly seen?: Seen;
}

export interface ToolData extends EntryData {
  readonly name: string;
  readonly original: string;
  /** The names ContextForge would have given it: for its name at the upstream, and in the catalog, which stays when the upstream renames it. */
  readonly aliases: readonly string[];
  readonly params?: readonly ParamHeader[];
  readonly rest?: RestCall;
  /** Its structured content is wrapped for session clients (lib/object-result.ts). */
  readonly wrapped?: true;
  /** Whether it may, or must, be called as a task at an upstream of the session era (2025-11-25 server/tools). */
  readonly task?: "optional" | "required";
}

export interface PromptData extends EntryData {
  readonly name: string;
  readonly original: string;
  readonly template?: string;
}

export interface ResourceData extends EntryData {
  /** URI or template as clients have it; `original` as its upstream has it, where that differs. */
  readonly uri: string;
  readonly original?: string;
  readonly mimeType?: string;
  readonly content?: string;
}

/** A URI that a tool of an upstream names, and that no list has (the interfaces of MCP Apps). */
export interface LinkData {
  readonly upstreamId: string;
  readonly uri: string;
  readonly original?: string;
  readonly seen?: Seen;
}

/** A resource or template that a template of the view may not lead to. `uri` as its upstream has it. */
export interface WithheldData {
  readonly upstreamId: string;
  readonly uri: string;
  readonly template: boolean;
  /** Who may be led to it all the same. */
  readonly seen?: Seen;
}

export interface UpstreamData extends Target {
  readonly instructions: string | null;
}

export interface ViewData {
  readonly scope: string;
  readonly version: number;
  readonly server: ViewServer | null;
  readonly upstreams: readonly UpstreamData[];
  readonly tools: readonly ToolData[];
  readonly prompts: readonly PromptData[];
  readonly resources: readonly ResourceData[];
  readonly templates: readonly ResourceData[];
  readonly links: readonly LinkData[];
  readonly withheld: readonly WithheldData[];
}

/** The virtual server a view is of. */
export interface ViewServer {
  readonly id: string;
  readonly name: string;
  readonly open: boolean;
  readonly instructions: string | null;
  readonly visibility: "private" | "team" | "public";
  readonly ownerEmail: string | null;
  readonly teamId: string | null;
  /** What of requests and answers is kept, and for how many days. */
  readonly payloads: "off" | "redacted" | "full";
  readonly payloadDays: number;
}

/** The lists MCP has. */
export type ListKind = "tools" | "prompts" | "resources" | "templates";

/** Pages of a list, each the text of a JSON array. */
export type Pages = readonly string[];

const MOST_INSTRUCTIONS = 20_000;

export class View {
  readonly data: ViewData;
  readonly upstreams: ReadonlyMap<string, UpstreamData>;
  readonly tools: ReadonlyMap<string, ToolData>;
  readonly prompts: ReadonlyMap<string, PromptData>;
  readonly uris: Uris;
  readonly lists: Readonly<Record<"session" | "modern", Readonly<Record<ListKind, Pages>>>>;
  readonly instructions: string | undefined;
  /** The virtual server, as the policy asks about it; undefined when the view is of everything. */
  readonly target: (Seen & Pick<ViewServer, "open"> & { readonly serverId: string }) | undefined;

  readonly pageSize: number;

  /** `pageSize`: entries on one page of a list. */
  constructor(data: ViewData, pageSize: number) {
    this.data = data;
    this.pageSize = pageSize;
    this.upstreams = new Map(data.upstreams.map((upstream) => [upstream.id, upstream]));
    this.tools = byName(data.tools);
    this.prompts = new Map(data.prompts.map((prompt) => [prompt.name, prompt]));
    this.uris = new Uris(data);
    this.lists = {
      session: listsOf(data, pageSize, (entry) => entry.text),
      modern: listsOf(data, pageSize, (entry) => entry.modern ?? entry.text),
    };
    this.instructions = instructionsOf(data);
    this.target = data.server ? targetOf(data.server) : undefined;
  }

  /** Upstreams that declare a capability. */
  able(capability: string): UpstreamData[] {
    return this.data.upstreams.filter((upstream) => upstream.capabilities[capability] !== undefined);
  }

  /** What this view can do, as a server capability object of MCP. */
  capabilities(): JsonObject {
    const { tools, prompts, resources, templates } = this.data;
    return {
      ...(tools.length > 0 || this.able("tools").length > 0 ? { tools: { listChanged: true } } : {}),
      ...(prompts.length > 0 || this.able("prompts").length > 0 ? { prompts: { listChanged: true } } : {}),
      ...(resources.length > 0 || templates.length > 0 || this.able("resources").length > 0
        ? {
            resources: { listChanged: true, ...(this.able("resources").some(subscribable) ? { subscribe: true } : {}) },
          }
        : {}),
      ...(this.able("completions").length > 0 ? { completions: {} } : {}),
      ...(this.able("logging").length > 0 ? { logging: {} } : {}),
      ...this.#extensions(),
    };
  }

  /** Every extension that an upstream has, with the settings of the first that names it. */
  #extensions(): JsonObject {
    const all = this.able("extensions").map(({ capabilities: { extensions } }) => extensions);
    const merged = Object.assign({}, ...all.filter(isObject).reverse()) as JsonObject;
    return Object.keys(merged).length > 0 ? { extensions: merged } : {};
  }
}

const targetOf = ({ id, visibility, ownerEmail, teamId, open }: ViewServer) => ({
  serverId: id,
  visibility,
  ownerEmail,
  teamId,
  open,
});

const subscribable = ({ capabilities: { resources } }: UpstreamData): boolean =>
  typeof resources === "object" && resources !== null && "subscribe" in resources && resources.subscribe === true;

/** Tools by the name they have here; ContextForge's names lead to them too where they are free and clear. */
function byName(tools: readonly ToolData[]): Map<string, ToolData> {
  const map = new Map(tools.map((tool) => [tool.name, tool]));
  const named = tools.flatMap((tool) => tool.aliases.map((alias) => ({ alias, tool })));
  for (const [alias, [{ tool } = {}, another]] of Map.groupBy(named, (one) => one.alias))
    if (tool && !another && !map.has(alias)) map.set(alias, tool);
  return map;
}

function listsOf(data: ViewData, pageSize: number, text: (entry: EntryData) => string): Record<ListKind, Pages> {
  const pages = (entries: readonly EntryData[]): Pages =>
    Array.from(
      { length: Math.max(1, Math.ceil(entries.length / pageSize)) },
      (_, page) =>
        `[${entries
          .slice(page * pageSize, (page + 1) * pageSize)
          .map(text)
          .join(",")}]`,
    );
  return {
    tools: pages(data.tools),
    prompts: pages(data.prompts),
    resources: pages(data.resources),
    templates: pages(data.templates),
  };
}

/** The virtual server's own instructions, or those of its upstreams under their names. */
function instructionsOf(data: ViewData): string | undefined {
  if (data.server?.instructions) return data.server.instructions;
  const spoken = data.upstreams.filter((upstream) => upstream.instructions);
  const text =
    spoken.length === 1
      ? spoken[0]?.instructions
      : spoken.map(({ name, instructions }) => `# ${name}\n\n${instructions}`).join("\n\n");
  return text ? text.slice(0, MOST_INSTRUCTIONS) : undefined;
}
