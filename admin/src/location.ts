// Where the person is: the address bar as a signal, and the only ways to change it. Links are plain <a href>;
// clicks on those that stay in the dashboard are taken here, so Back, middle click and copying an address all work.
import { signal } from "@preact/signals";

export type Place = { path: string; query: URLSearchParams };

/** Pages that links which work once lead to. */
const ONCE = ["/ui/claim", "/ui/reset", "/ui/invitation"] as const;

/** What such a link carries behind its `#`, kept here alone. */
export const carried = signal<{ path: (typeof ONCE)[number]; secret: string } | undefined>(undefined);

/** The secret that a link brought to this page; "" when none did. */
export const secretFor = (path: (typeof ONCE)[number]): string =>
  carried.value?.path === path ? carried.value.secret : "";

/** The place in the address bar. The secret of a link is taken out of there: nobody who looks on or goes back sees it. */
function read(): Place {
  const { pathname, search, hash } = location;
  const path = ONCE.find((one) => one === pathname);
  if (path !== undefined && hash.length > 1) {
    carried.value = { path, secret: hash.slice(1) };
    history.replaceState(null, "", path + search);
  }
  return { path: pathname, query: new URLSearchParams(search) };
}

/** The current place. */
export const here = signal<Place>(read());

/** Set by a form with unsaved changes: asks the person, and resolves to true when leaving is fine. */
let mayLeave: (() => Promise<boolean>) | undefined;
let address = location.href;

/** Guards leaving until the returned function is called. `ask` resolves to true when the changes may be lost. */
export function guardLeaving(ask: () => Promise<boolean>): () => void {
  mayLeave = ask;
  return () => {
    if (mayLeave === ask) mayLeave = undefined;
  };
}

/** Goes to a path of the dashboard, unless unsaved changes hold the person back; `force` does not ask. */
export async function navigate(to: string, how: { replace?: boolean; force?: boolean } = {}): Promise<void> {
  const leaves = new URL(to, location.href).pathname !== here.value.path;
  if (leaves && !how.force && mayLeave !== undefined && !(await mayLeave())) return;
  if (leaves) mayLeave = undefined;
  history[how.replace ? "replaceState" : "pushState"](null, "", to);
  arrive(leaves);
}

/** The current path with some query fields changed; null or "" takes a field out. */
export function withQuery(changes: Record<string, string | null>, place: Place = here.value): string {
  const query = new URLSearchParams(place.query);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === "") query.delete(name);
    else query.set(name, value);
  }
  const text = query.toString();
  return text === "" ? place.path : `${place.path}?${text}`;
}

/** Changes query fields in place: a filter is not a step in the history. */
export const setQuery = (changes: Record<string, string | null>): Promise<void> =>
  navigate(withQuery(changes), { replace: true });

function arrive(scroll: boolean): void {
  address = location.href;
  here.value = read();
  if (scroll) window.scrollTo(0, 0);
}

const isOurs = (path: string): boolean => path === "/docs" || path === "/ui" || path.startsWith("/ui/");

addEventListener("popstate", async () => {
  const target = location.href;
  if (mayLeave !== undefined && new URL(target).pathname !== here.value.path) {
    history.pushState(null, "", address);
    await navigate(target);
  } else arrive(false);
});

addEventListener("beforeunload", (event) => {
  if (mayLeave !== undefined) event.preventDefault();
});

addEventListener("click", (event) => {
  const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
  const link = event.target instanceof Element ? event.target.closest("a") : null;
  if (!plain || event.defaultPrevented || link === null || link.target !== "" || link.hasAttribute("download")) return;
  const to = new URL(link.href, location.href);
  if (to.origin !== location.origin || !isOurs(to.pathname) || to.hash !== "") return;
  event.preventDefault();
  void navigate(to.pathname + to.search);
});
