// Names are given once and kept: the first holder of a name keeps it for ever, a later one becomes
// `<upstream-slug>__<name>`. The separator can't occur in a slug. URIs get the mark of lib/marked-uri.ts.
import { slugify } from "../lib/ids.ts";
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

/** Whether `claim` gave this name because the wanted one was taken. */
export const gaveWay = (name: string, wanted: string): boolean =>
  [name, name.replace(/_\d+$/, "")].some((given) => given.endsWith(`__${wanted}`));

/** The name ContextForge would have computed; accepted as an alias when calling. */
export const contextForgeName = (gatewaySlug: string | null, name: string): string =>
  gatewaySlug ? `${gatewaySlug}-${slugify(name)}` : slugify(name);
