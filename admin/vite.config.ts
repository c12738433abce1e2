// Builds the dashboard into dist/admin: one page for every /ui path and /docs, hashed files under /assets/, and the
// headers those files carry. The Worker serves the page under a CSP without 'unsafe-inline', so nothing is inlined.
import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin } from "vite";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Puts the theme chunk into the head as a classic script: it runs before the first paint, modules run after it. */
const themeFirst: Plugin = {
  name: "theme-first",
  transformIndexHtml: {
    order: "post",
    handler(_html, { bundle }) {
      const chunk = Object.values(bundle ?? {}).find((file) => file.type === "chunk" && file.name === "theme");
      if (chunk === undefined) throw new Error("the theme chunk is missing from the build");
      return [{ tag: "script", attrs: { src: `/${chunk.fileName}` }, injectTo: "head-prepend" }];
    },
  },
};

export default defineConfig({
  root: here("."),
  base: "/",
  publicDir: here("public"),
  plugins: [themeFirst],
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    outDir: here("../dist/admin"),
    emptyOutDir: true,
    target: "es2024",
    cssTarget: ["chrome125", "firefox125", "safari18"],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
    rolldownOptions: {
      input: { index: here("index.html"), theme: here("src/theme.ts") },
      output: {
        // one file for what every page needs, one for schema forms; each page is its own
        codeSplitting: {
          groups: [
            { name: "parts", test: /node_modules|src\/parts\/(?!schema\/|palette\/)/, priority: 1 },
            { name: "schema", test: /src\/parts\/schema\// },
          ],
        },
      },
    },
  },
});
