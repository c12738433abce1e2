// How the tests run. `lib`: pure code in workerd, no bindings. `worker`: the gateway's rooms in workerd with its real
// D1, KV and objects. `http`: Node, against the built Worker over HTTP, as anybody would talk to it.
// Tests that start Miniflare or a browser by themselves are `*.node.ts` and run under node:test.
import { fileURLToPath } from "node:url";
import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-plugin";
import { configDefaults, defineConfig } from "vitest/config";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Settings of the gateway inside workerd; upstreams on this machine are allowed. Who tests recording switches it on. */
const SETTINGS = {
  DB_METRICS_RECORDING_ENABLED: "false",
  ENVIRONMENT: "local",
  ALLOW_PRIVATE_UPSTREAMS: "true",
  JWT_SECRET_KEY: "only-for-tests-and-long-enough-to-sign",
  AUTH_ENCRYPTION_SECRET: "only-for-tests-and-long-enough-to-seal",
};

export default defineConfig(async () => ({
  root,
  test: {
    maxWorkers: 3,
    projects: [
      {
        extends: true,
        plugins: [
          cloudflareTest({ miniflare: { compatibilityDate: "2026-10-23", compatibilityFlags: ["nodejs_compat"] } }),
        ],
        test: { name: "lib", include: ["test/lib/**/*.test.ts"] },
      },
      {
        extends: true,
        plugins: [
          cloudflareTest({
            wrangler: { configPath: "./wrangler.toml" },
            miniflare: {
              bindings: { ...SETTINGS, MIGRATIONS: await readD1Migrations(`${root}migrations`) },
            },
          }),
        ],
        test: {
          name: "worker",
          include: [
            "test/{catalog,federation,gateway,identity,observability,policy}/**/*.test.ts",
            "test/upstream/{pool,pooled-sessions,listen,jwks}.test.ts",
          ],
          globalSetup: ["test/upstreams.ts"],
          setupFiles: ["test/migrate.ts"],
          testTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: {
          name: "http",
          include: ["test/{downstream,upstream,api,auth,cli,conformance,e2e,matrix}/**/*.test.ts", "test/*.test.ts"],
          exclude: [...configDefaults.exclude, "test/upstream/{pool,pooled-sessions,listen,jwks}.test.ts"],
          globalSetup: ["test/build.ts"],
          testTimeout: 60_000, // what is waited for is an event, and a busy machine takes its time
          hookTimeout: 60_000,
        },
      },
    ],
  },
}));
