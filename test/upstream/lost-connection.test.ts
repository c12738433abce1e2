// A connection that is lost before an answer, as when a server closes one that was idle while a message is on its way
// (RFC 9112 section 9.5): what changes nothing is sent once more, a call of a tool never is (RFC 9110 section 9.2.2).
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { startScripted } from "../fakes/scripted.ts";
import { type Gateway, startGateway } from "../harness.ts";
import { callerOf } from "../wire.ts";

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.dispose());

/** A server that loses the connections on which the first `times` messages of a method come. */
async function losing(era: "session" | "modern", method: string, times: number) {
  let lost = 0;
  const upstream = await startScripted(({ message }, outgoing) => {
    if (message?.method !== method || lost === times) return false;
    lost++;
    outgoing.destroy();
    return true;
  }, era);
  onTestFinished(upstream.close);
  const heard = () => upstream.heard.filter(({ message }) => message?.method === method).length;
  return { ...upstream, heard };
}

const CASES = [
  ["session", "initialize"],
  ["session", "notifications/initialized"],
  ["session", "tools/list"],
  ["modern", "server/discover"],
  ["modern", "tools/list"],
] as const;

it.each(CASES)("a %s upstream's %s is sent again when its connection is lost", async (era, method) => {
  const upstream = await losing(era, method, 1);
  const { status, body } = await gateway.api("POST", "/gateways", { name: `${era} ${method}`, url: upstream.url });
  expect([status, body]).toMatchObject([201, { reachable: true }]);
  expect(upstream.heard()).toBe(2);
});

it("is sent again once and no more", async () => {
  const upstream = await losing("modern", "tools/list", Number.POSITIVE_INFINITY);
  const { status, body } = await gateway.api("POST", "/gateways", { name: "lossy", url: upstream.url });
  expect([status, body]).toMatchObject([502, { code: "upstream_refused", stage: "list" }]);
  expect(upstream.heard()).toBe(2);
});

it.each(["session", "modern"] as const)("a %s upstream's tools/call is made once, and fails by name", async (era) => {
  const upstream = await losing(era, "tools/call", 1);
  const name = `calling ${era}`;
  const { url } = await gateway.bundle(name, upstream.url);
  const ask = await callerOf(era, url, await gateway.token());
  const { answer } = await ask(1, "tools/call", { name: "first", arguments: {} });
  expect(answer?.error).toMatchObject({ data: { code: "upstream_refused", upstream: name } });
  expect(upstream.heard()).toBe(1);
});
