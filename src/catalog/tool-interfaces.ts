// Tools that name the resource to show them with: `_meta.ui.resourceUri` (MCP Apps 2026-01-26), or the flat key that
// servers wrote before.
import { isObject, type JsonObject, parseExact } from "../lib/json.ts";

const FLAT = "ui/resourceUri";

/** The URIs that a stored definition names; none when it is no JSON. */
export function interfacesOf(definition: string): string[] {
  if (!definition.includes("resourceUri")) return [];
  const named = new Set<string>();
  const note = (uri: string): string => {
    named.add(uri);
    return uri;
  };
  try {
    const tool = parseExact(definition);
    if (isObject(tool)) withInterfaces(tool, note);
  } catch {} // told when the tool itself is compiled
  return [...named];
}

/** A definition with these URIs replaced; everything else of `_meta` stays as it is. */
export function withInterfaces(tool: JsonObject, replace: (uri: string) => string): JsonObject {
  const meta = isObject(tool._meta) ? tool._meta : {};
  const { ui, [FLAT]: flat } = meta;
  const nested =
    isObject(ui) && typeof ui.resourceUri === "string" ? { ...ui, resourceUri: replace(ui.resourceUri) } : ui;
  const changed = {
    ...(nested === undefined ? {} : { ui: nested }),
    ...(flat === undefined ? {} : { [FLAT]: typeof flat === "string" ? replace(flat) : flat }),
  };
  return Object.keys(changed).length > 0 ? { ...tool, _meta: { ...meta, ...changed } } : tool;
}
