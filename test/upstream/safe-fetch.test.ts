// The way out as strangers meet it: which addresses may be named, whatever their spelling and whatever names them, and
// where redirects lead.
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type Script, startScripted } from "../fakes/scripted.ts";
import { type Gateway, startGateway } from "../harness.ts";
import { callerOf } from "../wire.ts";

let strict: Gateway;
let open: Gateway;
beforeAll(async () => {
  [strict, open] = await Promise.all([startGateway({ ALLOW_PRIVATE_UPSTREAMS: "false" }), startGateway()]);
});
afterAll(() => Promise.all([strict.dispose(), open.dispose()]));

async function scripted(script: Script = () => false, era: "session" | "modern" = "modern") {
  const upstream = await startScripted(script, era);
  onTestFinished(upstream.close);
  return upstream;
}

const portOf = (url: string): string => new URL(url).port;
let count = 0;

/** Addresses of this machine, of private networks and of clouds, in every spelling a URL may have. */
const PRIVATE = [
  "http://127.0.0.1",
  "http://localhost",
  "http://LOCALHOST.",
  "http://sub.localhost",
  "http://127.1",
  "http://0x7f.1",
  "http://2130706433",
  "http://017700000001",
  "http://0",
  "http://0.0.0.0",
  "http://[::1]",
  "http://[::]",
  "http://[::ffff:127.0.0.1]",
  "http://[::ffff:7f00:1]",
  "http://[64:ff9b::7f00:1]",
  "http://[2002:7f00:1::]",
  "http://\uff11\uff12\uff17.0.0.1",
  "http://127\u30020\u30020\u30021",
  "https://10.0.0.1",
  "https://172.16.5.4",
  "https://192.168.1.1",
  "https://100.64.0.1",
  "https://169.254.169.254/latest/meta-data",
  "https://[fd00:ec2::254]",
  "https://[fe80::1]",
  "https://metadata.google.internal",
  "https://printer.local",
  "https://intranet",
  "https://224.0.0.1",
  "https://255.255.255.255",
];

describe("an address that is not public is refused, whatever its spelling:", () => {
  it.each(PRIVATE)("%s", async (address) => {
    for (const path of ["/gateways/test", "/gateways"]) {
      const { status, body } = await strict.api("POST", path, { name: `private ${++count}`, url: `${address}/mcp` });
      expect([status, body]).toMatchObject([422, { code: "upstream_blocked", stage: "connect" }]);
    }
    const name = `tool_${count}`;
    const created = await strict.api("POST", "/tools", { name, url: `${address}/items`, requestType: "GET" });
    if (created.status !== 201) return expect([created.status, created.body]).toMatchObject([422, {}]);
    const ask = await callerOf("modern", `${strict.url}/mcp`, await strict.token());
    const { answer } = await ask(1, "tools/call", { name, arguments: {} });
    expect(answer?.error).toMatchObject({ code: -32603, data: { code: "upstream_blocked" } });
  });

  it("nothing of it was stored", async () => {
    expect(await strict.sql("SELECT name FROM upstreams")).toEqual([]);
  });

  it.each([
    "http://example.com/mcp",
    "ftp://example.com/",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "data:text/plain,x",
    "builtin:other",
    "not a URL",
  ])("and so is %s, which is no https", async (url) => {
    const { status } = await strict.api("POST", "/gateways/test", { name: "x", url });
    expect(status).toBe(422);
  });
});

describe("ALLOW_PRIVATE_UPSTREAMS", () => {
  it("names hosts, and those only", async () => {
    const { url } = await scripted();
    const gateway = await startGateway({ ALLOW_PRIVATE_UPSTREAMS: "localhost" });
    onTestFinished(gateway.dispose);
    const probe = async (address: string) => (await gateway.api("POST", "/gateways/test", { url: address })).status;
    expect(await probe(url.replace("127.0.0.1", "localhost"))).toBe(200);
    expect(await probe(url)).toBe(422);
    expect(await probe(url.replace("127.0.0.1", "localhost."))).toBe(422);
    expect(await probe(url.replace("127.0.0.1", "sub.localhost"))).toBe(422);
  });

  it("names hosts with a port, and no other port", async () => {
    const [one, other] = [await scripted(), await scripted()];
    const gateway = await startGateway({ ALLOW_PRIVATE_UPSTREAMS: `127.0.0.1:${portOf(one.url)}` });
    onTestFinished(gateway.dispose);
    expect((await gateway.api("POST", "/gateways/test", { url: one.url })).status).toBe(200);
    expect((await gateway.api("POST", "/gateways/test", { url: other.url })).status).toBe(422);
    expect(other.heard).toEqual([]);
  });

  it.each([
    "http://169.254.169.254/latest",
    "http://metadata.google.internal/",
    "http://100.100.100.200/",
    "http://0.0.0.0/",
    "http://[64:ff9b::a9fe:a9fe]/",
  ])("never reaches %s, not even when it allows all", async (url) => {
    const { status, body } = await open.api("POST", "/gateways/test", { url });
    expect([status, body]).toMatchObject([422, { code: "upstream_blocked" }]);
  });
});

describe("a redirect", () => {
  /** Redirects requests to /mcp; others are answered. */
  const to = (target: (hop: number) => string, status = 307): Script => {
    let hop = 0;
    return ({ path }, outgoing) => {
      const location = path.startsWith("/mcp") || path.startsWith("/hop") ? target(++hop) : undefined;
      if (location === undefined) return false;
      outgoing.writeHead(status, { location }).end();
      return true;
    };
  };

  it("within the origin is followed, with everything that was sent", async () => {
    const upstream = await scripted(to(() => "/moved"));
    const { status } = await open.api("POST", "/gateways/test", {
      url: upstream.url,
      authType: "bearer",
      authToken: "theirs",
    });
    const moved = upstream.heard.filter(({ path }) => path === "/moved");
    expect(status).toBe(200);
    expect(moved.map(({ message }) => message?.method)).toContain("server/discover");
    expect(moved.every(({ headers }) => headers.authorization === "Bearer theirs")).toBe(true);
  });

  it("is followed three times, and not for ever", async () => {
    const upstream = await scripted(to((hop) => `/hop${hop}`));
    const { status, body } = await open.api("POST", "/gateways/test", { url: upstream.url });
    expect([status, body]).toMatchObject([502, { code: "upstream_nonsense" }]);
    expect(upstream.heard).toHaveLength(4);
  });

  it.each([301, 302, 303])("of a POST by %s is not followed: it would become a GET", async (code) => {
    const upstream = await scripted(to(() => "/moved", code));
    const { body } = await open.api("POST", "/gateways/test", { url: upstream.url });
    expect(body).toMatchObject({ code: "upstream_nonsense" });
    expect(upstream.heard.filter(({ path }) => path === "/moved")).toEqual([]);
  });

  it.each<[string, (url: URL) => string]>([
    ["another port", (url) => url.href],
    ["another name of this machine", (url) => url.href.replace("127.0.0.1", "localhost")],
    ["a scheme-relative address", (url) => `//${url.host}/mcp`],
    ["an address with a password", (url) => `http://user:password@${url.host}/mcp`],
    ["a private address", () => "http://169.254.169.254/latest/meta-data"],
    ["what is no address", () => "http://["],
  ])("to %s is not followed, and nothing arrives there", async (_what, location) => {
    const target = await scripted();
    const upstream = await scripted(to(() => location(new URL(target.url))));
    const { status, body } = await open.api("POST", "/gateways/test", {
      url: upstream.url,
      authType: "bearer",
      authToken: "theirs",
    });
    expect([status, body]).toMatchObject([502, { code: "upstream_nonsense" }]);
    expect(target.heard).toEqual([]);
  });

  it("of a REST tool stays within the origin too", async () => {
    const target = await scripted();
    const upstream = await scripted(to(() => target.url, 302));
    await open.api("POST", "/tools", { name: "redirected", url: upstream.url, requestType: "GET" });
    const ask = await callerOf("modern", `${open.url}/mcp`, await open.token());
    const { answer } = await ask(1, "tools/call", { name: "redirected", arguments: {} });
    expect(answer?.error?.data).toMatchObject({ code: "upstream_nonsense" });
    expect([upstream.heard.length, target.heard.length]).toEqual([1, 0]);
  });
});
