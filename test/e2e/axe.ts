// What axe finds wrong with a page.
import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "playwright-core";

const WIDTHS = [1280, 375];
const THEMES = ["light", "dark"] as const;

/** Four looks at a page take their time on a busy machine. */
export const LOOKS_MS = 60_000;

/** Looks at the page as it is now, at both widths and in both themes; gives what is wrong, in words. */
export async function violations(page: Page): Promise<string[]> {
  const found: string[] = [];
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 800 });
    for (const colorScheme of THEMES) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
      for (const { id, nodes } of violations)
        for (const node of nodes) found.push(`${width} ${colorScheme} ${id}: ${node.target} ${node.failureSummary}`);
    }
  }
  return found;
}
