// Asked anew, a caller whom nothing concerns stays the very same object: what is kept by it is found again.
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { bootstrapAdmin } from "../../src/identity/access.ts";
import { callerFor, standing } from "../../src/identity/standing.ts";

it("the bootstrap administrator, who has no row, stands as the caller of before", async () => {
  const store = { d1: env.DB, kv: env.VIEWS, waitUntil: () => {} };
  const caller = callerFor(bootstrapAdmin("admin@example.com"), { credential: "jwt" });
  expect(await standing(store, caller, bootstrapAdmin("admin@example.com"))).toBe(caller);
  expect(await standing(store, caller, bootstrapAdmin("other@example.com"))).toBeUndefined();
});
