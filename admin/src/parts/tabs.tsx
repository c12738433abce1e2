// Tabs whose choice lives in the address: arrow keys move, the panel is the tab's own.
import type { ComponentChildren } from "preact";
import { here, setQuery } from "../location.ts";

export type Tab = { id: string; label: string; count?: number };

/** The tab the address asks for, or the first. */
export const tabOf = (tabs: readonly Tab[]): string => {
  const asked = here.value.query.get("tab");
  return (tabs.find((tab) => tab.id === asked) ?? tabs[0])?.id ?? "";
};

export function Tabs({ tabs, label }: { tabs: readonly Tab[]; label: string }) {
  const current = tabOf(tabs);
  const go = (id: string): Promise<void> => setQuery({ tab: id === tabs[0]?.id ? null : id });
  const onKeyDown = (event: KeyboardEvent & { currentTarget: HTMLElement }): void => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    const at = tabs.findIndex((tab) => tab.id === current);
    const next = (at + step + tabs.length) % tabs.length;
    const tab = tabs[next];
    if (tab === undefined) return;
    event.preventDefault();
    void go(tab.id);
    event.currentTarget.querySelectorAll<HTMLElement>("[role=tab]")[next]?.focus();
  };
  return (
    <div class="tabs" role="tablist" aria-label={label} onKeyDown={onKeyDown}>
      {tabs.map((tab) => (
        <button
          key={tab.id}
          type="button"
          role="tab"
          id={`tab-${tab.id}`}
          aria-selected={tab.id === current}
          aria-controls={tab.id === current ? `panel-${tab.id}` : undefined}
          tabIndex={tab.id === current ? 0 : -1}
          onClick={() => go(tab.id)}
        >
          {tab.label}
          {tab.count !== undefined && <small>{tab.count.toLocaleString("en")}</small>}
        </button>
      ))}
    </div>
  );
}

export const TabPanel = ({ id, children }: { id: string; children: ComponentChildren }) => (
  <div class="stack" role="tabpanel" id={`panel-${id}`} aria-labelledby={`tab-${id}`}>
    {children}
  </div>
);
