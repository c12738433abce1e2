// Ids of virtual servers that are none: made up, hidden, too long or of other letters. Whoever asks learns nothing: 401
// without a credential, 404 with one, the same bytes for all of them.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addUser } from "../auth/users.ts";
import { type Gateway, startGateway } from "../harness.ts";
import { initialize, type Received, receive, send, type Wire } from "../wire.ts";

const HIDDEN = "hidden-from-the-user";
const IDS = {
  "made up": "nobody-made-this-one",
  "as long as ids are": "a".repeat(64),
  "one letter longer": "a".repeat(65),
  "much longer": "a".repeat(6_000),
  "of spaces": "%20",
  "with a slash inside": "..%2F..%2Ftools",
  "of another alphabet": "%D0%B4%D0%BE%D0%BC",
  "that ends a KV key": "x:1",
  "of nothing that is a text": "%00",
  "hidden, but there": HIDDEN,
} as const;
const NAMES = Object.keys(IDS) as (keyof typeof IDS)[];

let gateway: Gateway;
let user: Record<string, string>;
beforeAll(async () => {
  gateway = await startGateway();
  await addUser(gateway, "user@example.com");
  user = { authorization: `Bearer ${await gateway.token({ subject: "user@example.com" })}` };
  const { status } = await gateway.api("POST", "/servers", { id: HIDDEN, name: "hidden", visibility: "private" });
  expect(status).toBe(201);
});
afterAll(() => gateway.dispose());

/** Status, headers and body, with the name of the request taken out. */
function bytes({ status, headers, text }: Received) {
  const id = headers.get("x-correlation-id") ?? "";
  const kept = [...headers].filter(([name]) => name !== "date" && name !== "x-correlation-id");
  expect(text).toContain(`"request_id":"${id}"`);
  return [status, kept, text.replace(id, "")];
}
const at = (id: string, wire: Wire, headers: Record<string, string>) =>
  send(`${gateway.url}/servers/${id}/mcp`, wire, headers);
const atRpc = (id: string, headers: Record<string, string>) =>
  send(
    `${gateway.url}/rpc`,
    { ...initialize(), body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "ping", params: { server_id: id } }) },
    headers,
  );

describe.each(NAMES)("a virtual server's id that is %s", (name) => {
  const id = IDS[name];

  it("answers 401 without a credential and 404 with one, like any other", async () => {
    const [anonymous, known] = await Promise.all([at(id, initialize(), {}), at(id, initialize(), user)]);
    expect([anonymous.status, known.status]).toEqual([401, 404]);
    expect(anonymous.headers.get("www-authenticate")).toBe('Bearer realm="Causeway"');
    expect(bytes(anonymous)).toEqual(bytes(await at("another", initialize(), {})));
    expect(bytes(known)).toEqual(bytes(await at("another", initialize(), user)));
  });

  it("answers so to every method of HTTP", async () => {
    for (const method of ["GET", "DELETE", "PUT"]) {
      const ask = (which: string, headers: Record<string, string>) =>
        receive(fetch(`${gateway.url}/servers/${which}/mcp`, { method, headers }));
      expect(bytes(await ask(id, {})), method).toEqual(bytes(await ask("another", {})));
      expect(bytes(await ask(id, user)), method).toEqual(bytes(await ask("another", user)));
    }
  });

  it("answers so at /rpc", async () => {
    const text = decodeURIComponent(id);
    const [anonymous, known] = await Promise.all([atRpc(text, {}), atRpc(text, user)]);
    expect([anonymous.status, known.status]).toEqual([401, 404]);
    expect(bytes(anonymous)).toEqual(bytes(await atRpc("another", {})));
    expect(bytes(known)).toEqual(bytes(await atRpc("another", user)));
  });
});
