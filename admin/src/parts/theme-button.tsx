// System, light, dark: kept in this browser, read before the first paint by theme.ts.
import { signal } from "@preact/signals";
import { Icon, type IconName } from "./icon.tsx";

const THEMES = ["system", "light", "dark"] as const;
type Theme = (typeof THEMES)[number];
const ICONS: Record<Theme, IconName> = { system: "contrast", light: "sun", dark: "moon" };

const theme = signal<Theme>((document.documentElement.dataset.theme as Theme | undefined) ?? "system");

function choose(next: Theme): void {
  theme.value = next;
  if (next === "system") {
    delete document.documentElement.dataset.theme;
    localStorage.removeItem("theme");
  } else {
    document.documentElement.dataset.theme = next;
    localStorage.setItem("theme", next);
  }
}

export const ThemeButton = () => {
  const label = `Theme: ${theme.value === "system" ? "as the system" : theme.value}`;
  const next = THEMES[(THEMES.indexOf(theme.value) + 1) % THEMES.length] ?? "system";
  return (
    <button type="button" class="btn quiet icon" aria-label={label} title={label} onClick={() => choose(next)}>
      <Icon name={ICONS[theme.value]} />
    </button>
  );
};
