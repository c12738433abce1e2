// The command palette's way in: a button in the top bar, and ⌘K or Ctrl+K on any page. The palette itself comes when asked for.
import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Icon, type IconName } from "./icon.tsx";
import { lazy } from "./lazy.tsx";

/** A page of the dashboard that the palette leads to. */
export type PageLink = { href: string; title: string; icon: IconName };

const PaletteDialog = lazy(() => import("./palette/dialog.tsx").then((file) => file.PaletteDialog), null);

const open = signal(false);
const MAC = /Mac|iPhone|iPad/.test(navigator.platform);

export const PaletteButton = () => (
  <button
    type="button"
    class="btn palette-b"
    aria-keyshortcuts="Meta+K Control+K"
    aria-haspopup="dialog"
    onClick={() => {
      open.value = true;
    }}
  >
    <Icon name="search" />
    <span>
      Search<span class="sr"> everything</span>
    </span>
    {/* biome-ignore lint/a11y/noAriaHiddenOnFocusable: nothing focuses a kbd; aria-keyshortcuts says it */}
    <kbd aria-hidden="true">{MAC ? "⌘K" : "Ctrl K"}</kbd>
  </button>
);

/** The palette, while it is open. */
export function PaletteHost({ pages }: { pages: readonly PageLink[] }) {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key.toLowerCase() !== "k" || event.altKey || event.shiftKey || event.ctrlKey === event.metaKey) return;
      event.preventDefault();
      open.value = !open.value;
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);
  if (!open.value) return null;
  const close = (): void => {
    open.value = false;
  };
  return <PaletteDialog pages={pages} onClose={close} />;
}
