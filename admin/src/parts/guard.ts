// Unsaved changes as a hook: leaving the page asks first.
import { useEffect, useRef } from "preact/hooks";
import { guardLeaving } from "../location.ts";
import { confirmDiscard } from "./confirm.tsx";

/** Asks before a page is left while it is dirty. Gives what lets go at once, for when the changes are saved. */
export function useGuard(dirty: boolean): () => void {
  const release = useRef<() => void>(undefined);
  useEffect(() => {
    if (!dirty) return;
    release.current = guardLeaving(confirmDiscard);
    return release.current;
  }, [dirty]);
  return () => release.current?.();
}
