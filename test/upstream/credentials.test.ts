// What the gateway presents goes to the upstream it was entered for, with every request and nowhere else; nothing that
// the client presented goes along.
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { startSseServer } from "../fakes/mcp-sse.ts";
import { type Heard, type Script, startScripted } from "../fakes/scripted.ts";
import { type Gateway, startGateway } from "../harness.ts";
import { callerOf } from "../wire.ts";

let open: Gateway;
beforeAll(async () => {
  open = await startGateway();
});
afterAll(() => open.dispose());

async function scripted(script: Script = () => false, era: "session" | "modern" = "modern") {
  const upstream = await startScripted(script, era);
  onTestFinished(upstream.close);
  return upstream;
}

describe("what the gateway presents", () => {
  const credential = { authType: "authheaders", authHeaders: [{ key: "X-Api-Key", value: "theirs" }] };

  it.each(["session", "modern"] as const)(
    "goes with every request to a %s upstream, and nothing of the client's does",
    async (era) => {
      const upstream = await scripted(undefined, era);
      const { body } = await open.api<{ id: string }>("POST", "/gateways", {
        name: `presented ${era}`,
        url: upstream.url,
        ...credential,
      });
      const tools = (await open.api<{ id: string }[]>("GET", `/tools?gateway_id=${body.id}`)).body.map(({ id }) => id);
      const server = await open.api<{ id: string }>("POST", "/servers", {
        name: `presented ${era}`,
        associatedTools: tools,
      });
      const token = await open.token();
      for (const client of ["session", "modern"] as const) {
        const ask = await callerOf(client, `${open.url}/servers/${server.body.id}/mcp`, token, {
          cookie: "session=mine",
          "x-forwarded-user": "mine",
          "x-api-key": "mine",
          "mcp-param-x": "mine",
          origin: open.url,
        });
        expect(await ask(1, "tools/call", { name: "first", arguments: {} })).toMatchObject({ answer: { result: {} } });
      }
      expect(upstream.heard.map(({ headers }) => headers["x-api-key"])).toEqual(upstream.heard.map(() => "theirs"));
      const sent = JSON.stringify(upstream.heard.map(({ headers }) => headers));
      expect(sent).not.toContain("mine");
      expect(sent).not.toContain(token);
    },
  );

  /** A server of HTTP+SSE behind a proxy, and what `see` sees of each request. */
  async function proxied(see: (heard: Heard) => unknown) {
    const sse = await startSseServer();
    onTestFinished(sse.close);
    const seen: unknown[] = [];
    const proxy = await scripted(async (heard, outgoing) => {
      const { path, message, method } = heard;
      seen.push(see(heard));
      const body = message ? { body: JSON.stringify(message) } : {};
      const response = await fetch(new URL(path, sse.url), {
        method,
        headers: { "content-type": "application/json" },
        ...body,
      });
      outgoing.writeHead(response.status, { "content-type": response.headers.get("content-type") ?? "text/plain" });
      outgoing.flushHeaders();
      for await (const chunk of response.body ?? []) outgoing.write(chunk);
      outgoing.end();
      return true;
    });
    return { url: proxy.url.replace("/mcp", "/sse"), seen };
  }

  it.each([
    ["a header", credential, ({ headers }: Heard) => headers["x-api-key"]],
    [
      "a query parameter",
      { authType: "query_param", authQueryParamKey: "key", authQueryParamValue: "theirs" },
      ({ path }: Heard) => new URL(path, "http://localhost").searchParams.get("key"),
    ],
  ])("goes with both legs of HTTP+SSE: %s", async (_, given, see) => {
    const { url, seen } = await proxied(see);
    const { status, body } = await open.api("POST", "/gateways/test", { url, transport: "sse", ...given });
    expect([status, body]).toMatchObject([200, { era: "sse" }]);
    expect(seen.length).toBeGreaterThan(3);
    expect(new Set(seen)).toEqual(new Set(["theirs"]));
  });

  it("never goes to another origin that an endpoint event names", async () => {
    const target = await scripted();
    const upstream = await scripted(({ method }, outgoing) => {
      if (method !== "GET") return false;
      outgoing.writeHead(200, { "content-type": "text/event-stream" });
      outgoing.write(`event: endpoint\ndata: ${target.url}\n\n`);
      return true;
    });
    const { status, body } = await open.api("POST", "/gateways/test", {
      url: upstream.url,
      transport: "sse",
      ...credential,
    });
    expect([status, body]).toMatchObject([502, { code: "upstream_nonsense" }]);
    expect(target.heard).toEqual([]);
  });
});
