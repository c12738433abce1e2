// Names are given once and kept: the first holder of a name keeps it for ever, a later one becomes
// `<upstream-slug>__<name>`. The separator can't occur in a slug.
import { slugify } from "../lib/ids.ts";

/** A free name for something called `wanted`, and marks it taken. `slug` names where it comes from. */
export function claim(taken: Set<string>, wanted: string, slug: string): string {
  const candidates = [wanted, `${slug}__${wanted}`];
  for (let n = 2; ; n++) {
    const name = candidates.find((candidate) => !taken.has(candidate));
    if (name !== undefined) {
      taken.add(name);
      return name;
    }
    candidates.splice(0, candidates.length, `${slug}__${wanted}_${n}`);
  }
}

/** Whether `claim` gave this name because the wanted one was taken. */
export const gaveWay = (name: string, wanted: string): boolean =>
  [name, name.replace(/_\d+$/, "")].some((given) => given.endsWith(`__${wanted}`));

/** The name ContextForge would have computed; accepted as an alias when calling. */
export const contextForgeName = (gatewaySlug: string | null, name: string): string =>
  gatewaySlug ? `${gatewaySlug}-${slugify(name)}` : slugify(name);
