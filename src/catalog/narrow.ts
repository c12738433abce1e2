// A view as one caller has it. A virtual server may hold entries that not everybody sees who may use it, and a token may
// be for some of its tools only: what is left out here is in no list, and answers like a name nobody gave.
import { type Caller, type Seen, sees } from "../identity/caller.ts";
import { originalUri } from "./uris.ts";
import { View, type ViewData, type WithheldData } from "./view.ts";

type Eyes = Pick<Caller, "sight" | "scope">;

const narrowedViews = new WeakMap<View, WeakMap<Eyes, View>>();
const closed = new WeakMap<View, boolean>();

/** What a caller has of a view: the view itself where nothing is kept from it. */
export function narrowed(view: View, caller: Eyes): View {
  const { sight, scope } = caller;
  if (scope?.toolNames === undefined && (sight === "everything" ? !withholds(view) : !isClosed(view))) return view;
  const known = narrowedViews.get(view)?.get(caller);
  if (known) return known;
  const data = narrow(view.data, caller);
  const own = data === view.data ? view : new View(data, view.pageSize);
  const ofView = narrowedViews.get(view) ?? new WeakMap<Eyes, View>();
  narrowedViews.set(view, ofView.set(caller, own));
  return own;
}

/** Whether some entry of a view is not for everybody. */
function isClosed(view: View): boolean {
  const known = closed.get(view);
  if (known !== undefined) return known;
  const { tools, prompts, resources, templates, links } = view.data;
  const answer =
    withholds(view) ||
    [tools, prompts, resources, templates, links].some((entries) => entries.some(({ seen }) => seen));
  closed.set(view, answer);
  return answer;
}

/** Whether it withholds something that is not for everybody, and so not from everybody either. */
const withholds = ({ data }: View): boolean => data.withheld.some(({ seen }) => seen);

function narrow(data: ViewData, { sight, scope }: Eyes): ViewData {
  const names = scope?.toolNames && new Set(scope.toolNames);
  const seen = (entry: { readonly seen?: Seen }): boolean => entry.seen === undefined || sees(sight, entry.seen);
  const parts = {
    tools: data.tools.filter((tool) => seen(tool) && (!names || names.has(tool.name))),
    prompts: data.prompts.filter(seen),
    resources: data.resources.filter(seen),
    templates: data.templates.filter(seen),
    links: data.links.filter(seen),
  };
  const needed = new Set(Object.values(parts).flatMap((entries) => entries.map(({ upstreamId }) => upstreamId)));
  const had = new Set(
    Object.keys(parts).flatMap((kind) => data[kind as keyof typeof parts].map(({ upstreamId }) => upstreamId)),
  );
  return {
    ...data,
    ...parts,
    upstreams: data.upstreams.filter(({ id }) => needed.has(id) || !had.has(id)),
    withheld: [...data.withheld.filter((entry) => entry.seen === undefined || !seen(entry)), ...keptBack(data, seen)],
  };
}

/** Resources left out here that a template left in must not lead to either. */
function keptBack(data: ViewData, seen: (entry: { readonly seen?: Seen }) => boolean): WithheldData[] {
  const kept = (template: boolean) => (entry: ViewData["resources"][number]) =>
    entry.upstreamId === null || seen(entry)
      ? []
      : [{ upstreamId: entry.upstreamId, uri: originalUri(entry), template }];
  return [...data.resources.flatMap(kept(false)), ...data.templates.flatMap(kept(true))];
}
