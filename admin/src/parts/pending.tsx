// How many changes of tools wait for somebody, beside the name of their page.
import { useEffect } from "preact/hooks";
import { changes, get } from "../api.ts";
import { useLoad } from "../load.ts";
import { count } from "./time.tsx";

const AGAIN_MS = 60_000;

/** Nothing while none waits, or nobody knows. Asks again every minute while the page is looked at. */
export function PendingChanges() {
  const { changes: decided, gateways, tools } = changes.value;
  const { data, reload } = useLoad(`pending ${decided} ${gateways} ${tools}`, (signal) =>
    get<{ total: number }>("/changes?limit=1", signal),
  );
  useEffect(() => {
    const timer = setInterval(() => document.visibilityState === "visible" && reload(), AGAIN_MS);
    return () => clearInterval(timer);
  }, [reload]);
  if (!data?.total) return null;
  return (
    <em class="push n" title={`${count(data.total, "change waits", "changes wait")} for approval`}>
      {data.total.toLocaleString("en")}
    </em>
  );
}
