// tools/list, prompts/list, resources/list, resources/templates/list: served from texts the view has ready. No upstream
// is asked and nothing is parsed. Cursors name list, catalog version and page (MCP server/utilities/pagination).
import type { ListKind } from "../catalog/view.ts";
import { textFromBase64url, textToBase64url } from "../lib/base64url.ts";
import { type Answer, type Exchange, invalidParams, type Method, respond } from "./exchange.ts";

const FIELD: Readonly<Record<ListKind, string>> = {
  tools: "tools",
  prompts: "prompts",
  resources: "resources",
  templates: "resourceTemplates",
};

/** How long a client may keep a list, in milliseconds: as long as an isolate may serve an older one. */
const TTL = 10_000;

/** The method that lists one kind. */
export const list =
  (kind: ListKind): Method =>
  (exchange) => {
    const pages = exchange.view.lists[exchange.era][kind];
    const page = pageOf(exchange, kind);
    const text = page === undefined ? undefined : pages[page];
    if (page === undefined || text === undefined)
      return invalidParams(
        "cursor is not one that this list gave, or the list has changed since; begin again without it",
      );
    const next = page + 1 < pages.length ? `,"nextCursor":"${cursorTo(exchange, kind, page + 1)}"` : "";
    return answer(exchange, `"${FIELD[kind]}":${text}${next}`);
  };

const answer = (exchange: Exchange, fields: string): Answer =>
  respond(
    exchange,
    exchange.era === "modern"
      ? `{"resultType":"complete",${fields},"ttlMs":${TTL},"cacheScope":"private"}`
      : `{${fields}}`,
  );

const cursorTo = (exchange: Exchange, kind: ListKind, page: number): string =>
  textToBase64url(`${kind}.${exchange.view.data.version}.${page}`);

function pageOf(exchange: Exchange, kind: ListKind): number | undefined {
  const { cursor } = exchange.params;
  if (cursor === undefined) return 0;
  const [, page] =
    new RegExp(`^${kind}\\.${exchange.view.data.version}\\.(\\d+)$`).exec(textFromBase64url(String(cursor)) ?? "") ??
    [];
  return page === undefined ? undefined : Number(page);
}
