// What a server asks a session client in the middle of a call, and what comes back: with a session upstream, and with an
// upstream of 2026-07-28 that answers `input_required`.
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
} from "@modelcontextprotocol/sdk/types.js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startModernEverything } from "../fakes/everything/modern.ts";
import { startSessionEverything } from "../fakes/everything/session.ts";
import { type Gateway, startGateway } from "../harness.ts";

type Upstream = Awaited<ReturnType<typeof startSessionEverything>>;
type Elicited = { action: "accept" | "decline" | "cancel"; content?: Record<string, string | number | boolean> };

let gateway: Gateway;
const upstreams: Upstream[] = [];
const urls = new Map<string, string>();

beforeAll(async () => {
  gateway = await startGateway();
  upstreams.push(await startSessionEverything(), await startModernEverything());
  for (const [at, name] of ["session", "modern"].entries()) {
    urls.set(name, (await gateway.bundle(name, upstreams[at]?.url ?? "")).url);
  }
});
afterAll(async () => {
  await Promise.all(upstreams.map((upstream) => upstream.close()));
  await gateway.dispose();
});

/** A client that says it can be asked, and counts how often it was. */
async function connect(
  url: string,
  elicited: Elicited = { action: "accept", content: { username: "ada", email: "a@b.c" } },
) {
  const client = new Client(
    { name: "asked", version: "1" },
    { capabilities: { sampling: {}, elicitation: {}, roots: {} } },
  );
  const asked: string[] = [];
  client.setRequestHandler(CreateMessageRequestSchema, ({ method }) => {
    asked.push(method);
    return { role: "assistant", model: "none", content: { type: "text", text: "sampled" } };
  });
  client.setRequestHandler(ElicitRequestSchema, ({ method }) => {
    asked.push(method);
    return elicited;
  });
  client.setRequestHandler(ListRootsRequestSchema, ({ method }) => {
    asked.push(method);
    return { roots: [{ uri: "file:///work" }] };
  });
  const headers = { authorization: `Bearer ${await gateway.token()}` };
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }));
  return { client, asked };
}

const said = (result: Awaited<ReturnType<Client["callTool"]>>) => JSON.stringify(result.content);

describe.each(["session", "modern"])("an upstream of the %s era", (era) => {
  test("gets a sample from the client's model", async () => {
    const { client, asked } = await connect(urls.get(era) ?? "");
    const result = await client.callTool({ name: "test_sampling", arguments: { prompt: "hello" } });
    expect(said(result)).toContain("sampled");
    expect(asked).toEqual(["sampling/createMessage"]);
    await client.close();
  });

  test("gets what the user filled in", async () => {
    const { client } = await connect(urls.get(era) ?? "");
    const result = await client.callTool({ name: "test_elicitation", arguments: { message: "who?" } });
    expect(said(result)).toContain("accept");
    expect(said(result)).toContain("ada");
    await client.close();
  });

  test("is told when the user declines", async () => {
    const { client } = await connect(urls.get(era) ?? "", { action: "decline" });
    const result = await client.callTool({ name: "test_elicitation", arguments: { message: "who?" } });
    expect(said(result)).toContain("decline");
    await client.close();
  });

  test("asks two calls at once, each of which gets its own replies", async () => {
    const { client, asked } = await connect(urls.get(era) ?? "");
    const calls = Array.from({ length: 6 }, (_, at) =>
      client.callTool({
        name: at % 2 ? "test_sampling" : "test_elicitation",
        arguments: { prompt: "p", message: "m" },
      }),
    );
    const results = await Promise.all(calls);
    for (const [at, result] of results.entries()) expect(said(result)).toContain(at % 2 ? "sampled" : "ada");
    expect(asked).toHaveLength(6);
    await client.close();
  });

  test("is not asked for by a client that can't be asked", async () => {
    const client = new Client({ name: "mute", version: "1" });
    const headers = { authorization: `Bearer ${await gateway.token()}` };
    await client.connect(new StreamableHTTPClientTransport(new URL(urls.get(era) ?? ""), { requestInit: { headers } }));
    const outcome = await client
      .callTool({ name: "test_sampling", arguments: { prompt: "hello" } })
      .then((result) => (result.isError ? "refused" : "answered"))
      .catch(() => "refused");
    expect(outcome).toBe("refused");
    await client.close();
  });
});
