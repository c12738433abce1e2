// Real clients against the gateway, in Node; they and the servers behind it are packages of this folder's own.
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  test: {
    name: "clients",
    include: ["*.test.ts"],
    globalSetup: ["../build.ts"],
    maxConcurrency: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
