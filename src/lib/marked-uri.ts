// Two servers may offer one URI where a URI has to lead to one of them. The later one gets a mark made of its server's
// slug, and stays a URI of its scheme (RFC 3986), or a template of such URIs (RFC 6570):
//   ui://app/main    ui://weather--app/main          note://{name}           note://weather--{name}
//   file:///a/b      file://weather--/a/b            urn:isbn:1              urn:weather--isbn:1
//   a/b              weather--a/b                    https://a.example/b#c   https://a.example/b#weather--c
// What the web knows keeps its address: a browser that is given it goes to the same page.

const SCHEME = /^[A-Za-z][A-Za-z0-9+.-]*:(?:\/\/)?/;
const MARK = /^([a-z0-9.-]*?)--/;
const WEB = /^https?:/i;

/** Whether clients may fetch it themselves (MCP server/resources, common URI schemes). */
export const isWeb = (uri: string): boolean => WEB.test(uri);

/** What marks the URIs of a server: its slug, in which no `--` may end the mark early. The later of equals have numbers. */
export const markerOf = (slug: string, number = 1): string =>
  slug.replaceAll("--", "-.") + (number > 1 ? `.${number}` : "");

/** A URI or template with a mark. */
export function mark(uri: string, marker: string): string {
  if (isWeb(uri)) return markFragment(uri, marker);
  const scheme = MARK.test(uri) ? "" : (SCHEME.exec(uri)?.[0] ?? "");
  return `${scheme}${marker}--${uri.slice(scheme.length)}`;
}

function markFragment(uri: string, marker: string): string {
  if (uri.includes("{#")) return uri.replace("{#", `#${marker}--{+`);
  const at = uri.indexOf("#");
  return at === -1 ? `${uri}#${marker}` : `${uri.slice(0, at)}#${marker}--${uri.slice(at + 1)}`;
}

/** A mark taken off. */
interface Unmarked {
  readonly marker: string;
  readonly uri: string;
}

/** What a URI may be a marked form of; whether there is such a marker is for the caller to say. The first one counts. */
export function unmark(uri: string): Unmarked[] {
  if (isWeb(uri)) return unmarkFragment(uri);
  const scheme = SCHEME.exec(uri)?.[0] ?? "";
  return [...(scheme === "" ? [] : unmarkAfter("", uri)), ...unmarkAfter(scheme, uri)];
}

function unmarkAfter(scheme: string, uri: string): Unmarked[] {
  const found = MARK.exec(uri.slice(scheme.length));
  return found?.[1] ? [{ marker: found[1], uri: scheme + uri.slice(scheme.length + found[0].length) }] : [];
}

function unmarkFragment(uri: string): Unmarked[] {
  const at = uri.indexOf("#");
  if (at === -1) return [];
  const [page, fragment] = [uri.slice(0, at), uri.slice(at + 1)];
  const found = MARK.exec(fragment);
  if (found?.[1]) return [{ marker: found[1], uri: `${page}#${fragment.slice(found[0].length)}` }];
  return [{ marker: fragment, uri: page }];
}

/** The marker by which `marked` came of `uri`; undefined when it did not. */
export function markerIn(marked: string, uri: string): string | undefined {
  const [, template] = /#([a-z0-9.-]*?)--\{\+/.exec(marked) ?? [];
  return [...unmark(marked).map(({ marker }) => marker), ...(template ? [template] : [])].find(
    (marker) => mark(uri, marker) === marked,
  );
}
