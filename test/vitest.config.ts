// How the tests run: in workerd itself, through Cloudflare's Vitest plugin.
// Tests of `lib/` need no bindings, so this project has no Worker behind it.
import { fileURLToPath } from "node:url";
import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

export default defineConfig({
  root: fileURLToPath(new URL("..", import.meta.url)),
  test: {
    projects: [
      {
        extends: true,
        plugins: [
          cloudflareTest({
            miniflare: { compatibilityDate: "2026-10-23", compatibilityFlags: ["nodejs_compat"] },
          }),
        ],
        test: { name: "workerd", include: ["test/lib/**/*.test.ts"] },
      },
    ],
  },
});
