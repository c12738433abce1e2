// Pages that load again by themselves while somebody looks at them, and say when they last did.
import { useEffect, useState } from "preact/hooks";
import { Icon } from "./icon.tsx";

/** Counts up every so many milliseconds while the page is visible; at once when it is seen again after as long. */
export function useBeat(everyMs: number): number {
  const [beat, setBeat] = useState(0);
  useEffect(() => {
    let last = Date.now();
    const due = (): void => {
      if (document.hidden || Date.now() - last < everyMs) return;
      last = Date.now();
      setBeat((n) => n + 1);
    };
    const timer = setInterval(due, everyMs);
    document.addEventListener("visibilitychange", due);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", due);
    };
  }, [everyMs]);
  return beat;
}

const clock = (at: Date): string => at.toLocaleTimeString("en", { timeStyle: "medium", hourCycle: "h23" });

/** When what is shown was loaded. */
export const Updated = ({ at }: { at: Date | undefined }) => (
  <span class="updated">
    <Icon name="refresh" />
    {at ? (
      <span>
        Updated <time dateTime={at.toISOString()}>{clock(at)}</time>
      </span>
    ) : (
      "Loading"
    )}
  </span>
);
