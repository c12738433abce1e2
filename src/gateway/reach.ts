// Which upstreams may be asked for a URI: the one where the view has it; for what no list of the view has, its own upstream
// if it bears a mark, else each that has resources. What the catalog knows there and the view does not have was not
// chosen, or is switched off, and stays out of reach.
import { knownAt } from "../catalog/resources.ts";
import type { Place } from "../catalog/uris.ts";
import type { View } from "../catalog/view.ts";
import type { Exchange } from "./exchange.ts";

/** A place at an upstream. */
export type Asked = Place & { readonly upstreamId: string };

export const isAsked = (place: Place): place is Asked => place.upstreamId !== null;

/** The places of several URIs. Those that the view has cost nothing; the others one look into the catalog, together. */
export async function reachable(
  { view, context }: Pick<Exchange, "view" | "context">,
  uris: readonly string[],
): Promise<ReadonlyMap<string, readonly Asked[]>> {
  const found = new Map(uris.map((uri) => [uri, placesOf(view, uri)]));
  const unlisted = [...found.values()].flat().filter(({ entry }) => !entry);
  if (unlisted.length === 0) return found;
  const knows = await knownAt(context.desk, unlisted);
  const open = (place: Asked): boolean => place.entry !== undefined || !knows(place);
  return new Map([...found].map(([uri, places]) => [uri, places.filter(open)]));
}

function placesOf(view: View, uri: string): readonly Asked[] {
  const place = view.uris.toUpstream(uri);
  if (!place) return view.able("resources").map(({ id }) => ({ upstreamId: id, uri }));
  return isAsked(place) ? [place] : [];
}
