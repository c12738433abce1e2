// How names and URIs are given inside a virtual server: the first holder keeps its own for ever, a later one becomes
// `<upstream-slug>__<name>` (the separator can't occur in a slug) or gets the mark of lib/marked-uri.ts. The catalog
// stores what this gives; the dashboard shows it before it is stored.
import { mark, markerOf } from "../lib/marked-uri.ts";

/** Stands for the slug of what has no upstream: REST tools, and prompts and resources of our own. */
export const OURS = "rest";

/** A free name for something called `wanted`, and marks it taken. `slug` names where it comes from. */
export const claim = (taken: Set<string>, wanted: string, slug: string): string =>
  free(taken, wanted, (n) => (n === 1 ? `${slug}__${wanted}` : `${slug}__${wanted}_${n}`));

/** The same for a URI or a template of URIs. */
export const claimUri = (taken: Set<string>, wanted: string, slug: string): string =>
  free(taken, wanted, (n) => mark(wanted, markerOf(slug, n)));

function free(taken: Set<string>, wanted: string, instead: (n: number) => string): string {
  let name = wanted;
  for (let n = 1; taken.has(name); n++) name = instead(n);
  taken.add(name);
  return name;
}
