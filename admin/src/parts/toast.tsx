// Short messages after something was done. Said politely to screen readers, gone by themselves.
import { signal } from "@preact/signals";
import { Icon } from "./icon.tsx";

type Toast = { id: number; text: string; tone: "ok" | "bad" };
const SHOWN_MS = 6000;

const shown = signal<Toast[]>([]);
let last = 0;

const drop = (id: number): void => {
  shown.value = shown.value.filter((one) => one.id !== id);
};

/** Shows a message for some seconds. */
export function toast(text: string, tone: Toast["tone"] = "ok"): void {
  const id = ++last;
  shown.value = [...shown.value.slice(-2), { id, text, tone }];
  setTimeout(drop, SHOWN_MS, id);
}

export const Toasts = () => (
  <div class="toasts" role="status" aria-live="polite">
    {shown.value.map((one) => (
      <div key={one.id} class="toast">
        <span class={one.tone === "ok" ? "t-ok" : "t-bad"}>
          <Icon name={one.tone} />
        </span>
        <span class="grow">{one.text}</span>
        <button type="button" class="btn quiet icon sm" aria-label="Dismiss" onClick={() => drop(one.id)}>
          <Icon name="x" />
        </button>
      </div>
    ))}
  </div>
);
