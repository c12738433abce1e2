// What tests in workerd find in `env` besides the variables (test/vitest.config.ts), and what globalSetup provides.
declare namespace Cloudflare {
  interface Env {
    readonly DB: D1Database;
    readonly VIEWS: KVNamespace;
    readonly SESSION: DurableObjectNamespace;
    readonly SYNC: DurableObjectNamespace;
    readonly LIMITER: DurableObjectNamespace;
    readonly JWT_SECRET_KEY: string;
    readonly MIGRATIONS: import("cloudflare:test").D1Migration[];
  }
}
