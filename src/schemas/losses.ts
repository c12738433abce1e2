// What does not come through between an upstream of one revision and a client of another, because one of the two has no
// place for it on the wire (MCP changelogs). The one list of it: REST, the dashboard and docs/protocols.md show it.
import type { Spoken } from "../db/tables/upstreams.ts";
import { MODERN_VERSION, SESSION_VERSIONS } from "../lib/mcp.ts";

/** Revisions from one on, and before another. */
interface Range {
  readonly from?: string;
  readonly before?: string;
}

interface Loss {
  /** The upstreams it concerns; `connection`: only those of HTTP+SSE, or only the others. */
  readonly upstream: Range & { readonly connection?: "sse" | "session" };
  readonly client: Range;
  readonly what: string;
}

const OLDER: Range = { before: MODERN_VERSION };
const NEWEST: Range = { from: MODERN_VERSION };

const TASK_STATUS = "The status of a task is told when it is asked for; notifications of it are not passed on.";

export const LOSSES: readonly Loss[] = [
  {
    upstream: { ...OLDER, connection: "session" },
    client: NEWEST,
    what: "What the server keeps in a session is shared by all calls of one principal with the same capabilities.",
  },
  {
    upstream: OLDER,
    client: NEWEST,
    what: "Input requests are named by the gateway: a session has no place for names that an app chose.",
  },
  {
    upstream: OLDER,
    client: NEWEST,
    what: "A capability the client lacks is missed in the server's own words, not by error -32021.",
  },
  {
    upstream: OLDER,
    client: NEWEST,
    what: "inputResponses that come without a requestState are not passed on: the server asks anew.",
  },
  {
    upstream: { connection: "sse" },
    client: {},
    what: "Each call has a connection of its own: the server keeps nothing until the next one. Between calls it can only tell of changes.",
  },
  {
    upstream: { ...OLDER, connection: "session" },
    client: NEWEST,
    what: "Outside of a request the server can only tell of changes; what it asks there is refused.",
  },
  {
    upstream: { ...OLDER, connection: "session" },
    client: OLDER,
    what: "What the server tells or asks outside of a request comes through while the client holds a stream.",
  },
  {
    upstream: NEWEST,
    client: OLDER,
    what: "How long lists and contents may be kept (ttlMs, cacheScope) is not told.",
  },
  {
    upstream: NEWEST,
    client: OLDER,
    what: 'structuredContent that is no object arrives as {"result": …}, and its output schema likewise.',
  },
  {
    upstream: { from: "2025-11-25", before: MODERN_VERSION },
    client: NEWEST,
    what: TASK_STATUS,
  },
  {
    upstream: NEWEST,
    client: { from: "2025-11-25", before: MODERN_VERSION },
    what: TASK_STATUS,
  },
  {
    upstream: { from: "2025-11-25" },
    client: { before: "2025-11-25" },
    what: "The user can't be sent to a URL by elicitation, and sampling knows no tools.",
  },
  {
    upstream: { from: "2025-06-18" },
    client: { before: "2025-06-18" },
    what: "The user can't be asked by elicitation. Resource links in results come as they are, unknown to that revision.",
  },
  {
    upstream: { from: "2025-03-26" },
    client: { before: "2025-03-26" },
    what: "Audio in results comes as it is, unknown to that revision.",
  },
];

const within = (revision: string, { from = "", before = "9" }: Range): boolean => from <= revision && revision < before;

/** What is lost of an upstream, and for which clients. Nothing of what is built in here. */
export const lossesOf = ({ era, protocolVersion }: Spoken): { clients: string; what: string }[] =>
  LOSSES.filter(
    ({ upstream }) =>
      era !== "builtin" &&
      within(protocolVersion, upstream) &&
      (upstream.connection === undefined || (upstream.connection === "sse") === (era === "sse")),
  ).map(({ client, what }) => ({ clients: inWords(client), what }));

const REVISIONS: readonly string[] = [MODERN_VERSION, ...SESSION_VERSIONS];

/** "2026-07-28", "before 2025-06-18", "2025-06-18 and later", "all". */
export function inWords(range: Range): string {
  const { from, before } = range;
  const [only, another] = REVISIONS.filter((revision) => within(revision, range));
  if (only !== undefined && another === undefined) return only;
  if (before !== undefined) return `before ${before}`;
  return from === undefined ? "all" : `${from} and later`;
}

/** The same of upstreams: "HTTP+SSE", "before 2026-07-28, except HTTP+SSE". */
export function upstreamInWords({ connection, ...range }: Loss["upstream"]): string {
  if (connection === "sse") return "HTTP+SSE";
  return `${inWords(range)}${connection === "session" ? ", except HTTP+SSE" : ""}`;
}
