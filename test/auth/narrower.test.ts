// A session of MCP is for the credential that began it, or one as wide: what a wider one was told in it is kept there.
import { afterAll, beforeAll, expect, test } from "vitest";
import { ADMIN, type Gateway, startGateway } from "../harness.ts";
import { initialize, modern, send, session } from "../wire.ts";
import { bearer, forge } from "./forge.ts";

let gateway: Gateway;
let url: string;
beforeAll(async () => {
  gateway = await startGateway();
  url = (await gateway.bundle("sample", "builtin:sample")).url;
});
afterAll(() => gateway.dispose());

const holding = async (permissions?: string[], jti?: string) =>
  bearer(await forge(gateway, { sub: ADMIN, jti, ...(permissions ? { scopes: { permissions } } : {}) }));

test("a session is unknown to a narrower token of the same user, and goes on with another as wide", async () => {
  const { headers } = await send(url, initialize(), await holding());
  const id = headers.get("mcp-session-id") ?? "";
  const ping = async (as: Record<string, string>) => (await send(url, session(1, "ping", {}, id), as)).status;
  expect(await ping(await holding())).toBe(200);
  expect(await ping(await holding(undefined, "another"))).toBe(200);
  expect(await ping(await holding(["servers.use", "tools.read"]))).toBe(404);
});

test("updates and tasks are for those who may read resources and call tools", async () => {
  const scopes = ["servers.use", "tools.read"];
  for (const [notifications, permission] of [[{ resourceSubscriptions: ["note://a"] }, "resources.read"]] as const) {
    const { status, answer } = await send(
      url,
      modern(1, "subscriptions/listen", { notifications }),
      await holding(scopes),
    );
    expect([status, JSON.stringify(answer?.error)]).toEqual([403, expect.stringContaining(permission)]);
  }
});
