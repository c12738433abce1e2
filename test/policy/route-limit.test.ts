// A route that declares a limit: each address may use it so often, counted exactly; where limits are switched off, at will.
import { createExecutionContext } from "cloudflare:test";
import { Hono } from "hono";
import { beforeEach, expect, it } from "vitest";
import * as z from "zod";
import { type AppEnv, mount, restFailure, route } from "../../src/api/route.ts";
import { Context } from "../../src/context.ts";
import { bindings } from "../inside.ts";

let path: string;
let served = 0;
let app: Hono<AppEnv>;
beforeEach(() => {
  path = `/${crypto.randomUUID()}`;
  served = 0;
  app = new Hono<AppEnv>();
  const limited = route("POST", path, {
    summary: "",
    tag: "",
    limit: { per: 900, most: 3 },
    answer: z.object({}),
    run: async () => ({ served: ++served }),
  });
  mount(app, [limited], ["", "/v1"]);
  app.onError((error, c) => restFailure(c.env.context, error));
});

const ask = async (address: string, vars: Record<string, string> = {}, root = "") => {
  const request = new Request(`http://localhost${root}${path}`, { method: "POST", headers: { "x-from": address } });
  const given = bindings({ TEST_ADDRESS_HEADER: "x-from", ...vars });
  return await app.fetch(request, { context: new Context(given, createExecutionContext(), request) });
};
const statuses = async (count: number, ...what: Parameters<typeof ask>) =>
  (await Promise.all(Array.from({ length: count }, () => ask(...what)))).map(({ status }) => status);

it("is served so often to an address, however many ask at once, and under each of its paths together", async () => {
  expect((await statuses(10, "192.0.2.1")).filter((status) => status === 200)).toHaveLength(3);
  expect(served).toBe(3);
  expect(await statuses(1, "192.0.2.1", {}, "/v1")).toEqual([429]);
  expect(await statuses(1, "192.0.2.2", {}, "/v1")).toEqual([200]);
});

it("says when to come back, and what the limit is", async () => {
  await statuses(3, "192.0.2.1");
  const { headers } = await ask("192.0.2.1");
  expect(headers.get("x-ratelimit-limit")).toBe("3");
  const seconds = Number(headers.get("retry-after"));
  expect(seconds).toBeGreaterThan(880);
  expect(seconds).toBeLessThanOrEqual(915);
});

it("is served at will where limits are switched off, which only a developer's machine can do", async () => {
  expect(await statuses(10, "192.0.2.1", { AUTH_LIMITS_ENABLED: "false" })).toEqual(Array(10).fill(200));
});
