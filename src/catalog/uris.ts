// Where a URI of a view leads: which server has it, and what it is called there. Of two servers with one URI the later
// is offered under a marked one (lib/marked-uri.ts); what else comes from such a server, a link in a result say, is
// marked too where its own URI would lead elsewhere. Pure, and nothing to do for servers that share no URI.
import { isWeb, mark, markerIn, unmark } from "../lib/marked-uri.ts";
import { match, specificity } from "../lib/uri-template.ts";
import type { LinkData, ResourceData, ViewData, WithheldData } from "./view.ts";

/** A server and its own URI there. `entry` is the resource or template it belongs to; absent when the view lists none. */
export interface Place {
  /** Null: ours. */
  readonly upstreamId: string | null;
  readonly uri: string;
  readonly entry?: ResourceData;
}

/** What is known of a server that has marked URIs. */
interface Marked {
  readonly marker: string;
  /** What the view offers of it, by its own URIs. */
  readonly held: ReadonlyMap<string, ResourceData | LinkData>;
}

/** What something is called where it lives. */
export const originalUri = ({ uri, original }: Pick<ResourceData, "uri" | "original">): string => original ?? uri;

const keyOf = ({ upstreamId, uri }: Pick<Place, "upstreamId" | "uri">): string => `${upstreamId} ${uri}`;

export class Uris {
  readonly #places = new Map<string, Place>();
  readonly #templates: readonly ResourceData[];
  readonly #withheld: ReadonlySet<string>;
  readonly #withheldTemplates: readonly WithheldData[];
  readonly #marked = new Map<string, Marked>();
  readonly #upstreamOf = new Map<string, string>();

  constructor({
    resources,
    templates,
    links,
    withheld,
  }: Pick<ViewData, "resources" | "templates" | "links" | "withheld">) {
    this.#templates = [...templates].sort(
      (one, other) => specificity(originalUri(other)) - specificity(originalUri(one)),
    );
    this.#withheld = new Set(withheld.filter(({ template }) => !template).map(keyOf));
    this.#withheldTemplates = withheld.filter(({ template }) => template);
    for (const link of links) this.#places.set(link.uri, this.#place(link.upstreamId, originalUri(link), undefined));
    for (const entry of resources)
      this.#places.set(entry.uri, { upstreamId: entry.upstreamId, uri: originalUri(entry), entry });
    const fixed = [...resources, ...links];
    for (const entry of [...fixed, ...templates]) if (entry.original !== undefined) this.#learnMarker(entry, fixed);
  }

  #learnMarker(entry: ResourceData | LinkData, fixed: readonly (ResourceData | LinkData)[]): void {
    const { upstreamId } = entry;
    const marker = markerIn(entry.uri, originalUri(entry));
    if (marker === undefined || upstreamId === null) return;
    this.#upstreamOf.set(marker, upstreamId);
    if (this.#marked.has(upstreamId)) return;
    const own = fixed.filter((one) => one.upstreamId === upstreamId);
    this.#marked.set(upstreamId, { marker, held: new Map(own.map((one) => [originalUri(one), one])) });
  }

  /** Whether a server's URIs may be other ones here than there. */
  rewrites(upstreamId: string): boolean {
    return this.#marked.has(upstreamId);
  }

  /** The URI by which clients of this view know one of a server's. */
  toClient(uri: string, upstreamId: string): string {
    const marked = this.#marked.get(upstreamId);
    if (!marked) return uri;
    const held = marked.held.get(uri);
    if (held) return held.uri;
    const template = this.#templateOf(upstreamId, uri);
    const own = template?.original === undefined ? undefined : markerIn(template.uri, template.original);
    if (own !== undefined) return mark(uri, own);
    if (isWeb(uri)) return uri;
    const home = this.toUpstream(uri);
    return home?.entry && home.upstreamId === upstreamId && home.uri === uri ? uri : mark(uri, marked.marker);
  }

  /**
   * Where a client's URI leads: what is called exactly so, what bears a server's mark, what belongs to a template, the
   * most specific first. Undefined when the view knows of no server that has it.
   */
  toUpstream(uri: string): Place | undefined {
    const place = this.#places.get(uri);
    if (place) return place;
    for (const { marker, uri: own } of this.#upstreamOf.size > 0 ? unmark(uri) : []) {
      const upstreamId = this.#upstreamOf.get(marker);
      if (upstreamId !== undefined) return this.#place(upstreamId, own, this.#marked.get(upstreamId)?.held.get(own));
    }
    const template = this.#templates.find((entry) => entry.original === undefined && this.#covers(entry, uri));
    return template && { upstreamId: template.upstreamId, uri, entry: template };
  }

  /** The template or resource with exactly this text. */
  reference(uri: string): ResourceData | undefined {
    return this.#places.get(uri)?.entry ?? this.#templates.find((template) => template.uri === uri);
  }

  /** A server's own URI with what it belongs to: what is held under it, else a template. */
  #place(upstreamId: string, uri: string, held: ResourceData | LinkData | undefined): Place {
    const entry = (held && this.#places.get(held.uri)?.entry) ?? this.#templateOf(upstreamId, uri);
    return { upstreamId, uri, ...(entry ? { entry } : {}) };
  }

  #templateOf(upstreamId: string, uri: string): ResourceData | undefined {
    return this.#templates.find((entry) => entry.upstreamId === upstreamId && this.#covers(entry, uri));
  }

  /** Whether a template gives a server's own URI, and none that is switched off has it more exactly. */
  #covers(template: ResourceData, uri: string): boolean {
    const own = originalUri(template);
    if (match(own, uri) === undefined) return false;
    const { upstreamId } = template;
    return !(
      this.#withheld.has(keyOf({ upstreamId, uri })) ||
      this.#withheldTemplates.some(
        (other) =>
          other.upstreamId === upstreamId &&
          match(other.uri, uri) !== undefined &&
          specificity(other.uri) >= specificity(own),
      )
    );
  }
}
