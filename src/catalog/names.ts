// Names in the catalog: whether one was given in place of a taken one (schemas/naming.ts), and what ContextForge would
// have called it.
import { slugify } from "../lib/ids.ts";

/** Whether `claim` gave this name because the wanted one was taken. */
export const gaveWay = (name: string, wanted: string): boolean =>
  [name, name.replace(/_\d+$/, "")].some((given) => given.endsWith(`__${wanted}`));

/** The name ContextForge would have computed; accepted as an alias when calling. */
export const contextForgeName = (gatewaySlug: string | null, name: string): string =>
  gatewaySlug ? `${gatewaySlug}-${slugify(name)}` : slugify(name);
