// Names and URIs lead where they should: renamed tools, aliases and ContextForge's names reach their upstream under its
// own name, in the body and in what mirrors it; a resource that is listed nowhere is found where it is.
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { startModernEverything } from "../fakes/everything/modern.ts";
import { startSessionEverything } from "../fakes/everything/session.ts";
import { on, type Script, startScripted } from "../fakes/scripted.ts";
import { type Gateway, startGateway } from "../harness.ts";
import { callerOf } from "../wire.ts";

const ERAS = ["session", "modern"] as const;

let gateway: Gateway;
let token: string;
beforeAll(async () => {
  gateway = await startGateway({ UPSTREAM_CONNECT_TIMEOUT: "1" });
  token = await gateway.token();
});
afterAll(() => gateway.dispose());

type Entry = { id: string; name: string; originalName: string };

/** Registers an upstream; gives its entries of a kind. */
async function registered(
  name: string,
  url: string,
  kind: "tools" | "prompts" | "resources" = "tools",
): Promise<Entry[]> {
  const { body } = await gateway.api<{ id: string }>("POST", "/gateways", { name, url });
  return (await gateway.api<Entry[]>("GET", `/${kind}?limit=0&gateway_id=${body.id}`)).body;
}

async function serverOf(fields: Record<string, unknown>): Promise<string> {
  const { status, body } = await gateway.api<{ id: string }>("POST", "/servers", fields);
  expect([status, body]).toMatchObject([201, {}]);
  return `${gateway.url}/servers/${body.id}/mcp`;
}

const namesIn = async (ask: Awaited<ReturnType<typeof callerOf>>): Promise<string[]> =>
  (((await ask("list", "tools/list")).answer?.result?.tools ?? []) as { name: string }[])
    .map(({ name }) => name)
    .sort();

describe.each(ERAS)("for a %s client", (era) => {
  it("two tools of one name both can be called, each under the name that was given to it", async () => {
    const upstreams = await Promise.all([startScripted(() => false, "modern"), startScripted(() => false, "session")]);
    for (const { close } of upstreams) onTestFinished(close);
    const [one = [], other = []] = [
      await registered(`One ${era}`, upstreams[0]?.url ?? ""),
      await registered(`Other ${era}`, upstreams[1]?.url ?? ""),
    ];
    const first = [...one, ...other].filter(({ originalName }) => originalName === "first");
    const url = await serverOf({ name: `both ${era}`, associatedTools: first.map(({ id }) => id) });
    const ask = await callerOf(era, url, token);
    const names = await namesIn(ask);
    expect(names).toEqual(["first", `other-${era}__first`]);
    for (const [at, name] of names.entries()) {
      expect((await ask(1, "tools/call", { name, arguments: { text: name } })).answer).toMatchObject({ result: {} });
      const [call] = (await upstreams[at]?.hears("tools/call")) ?? [];
      expect(call?.message?.params).toMatchObject({ name: "first", arguments: { text: name } });
      if (at === 0) expect(call?.headers["mcp-name"]).toBe("first");
    }
  });

  it("an alias leads to its tool, and ContextForge's name for it does too", async () => {
    const upstream = await startScripted(() => false, "modern");
    onTestFinished(upstream.close);
    const [tool] = await registered(`Aliased ${era}`, upstream.url);
    const url = await serverOf({
      name: `aliased ${era}`,
      associatedTools: [tool?.id],
      aliases: { [tool?.id ?? ""]: "better.name" },
    });
    const ask = await callerOf(era, url, token);
    expect(await namesIn(ask)).toEqual(["better.name"]);
    for (const name of ["better.name", `aliased-${era}-${tool?.originalName}`]) {
      expect((await ask(1, "tools/call", { name, arguments: {} })).answer).toMatchObject({ id: 1, result: {} });
    }
    const calls = await upstream.hears("tools/call", 2);
    expect(calls.map(({ message, headers }) => [message?.params?.name, headers["mcp-name"]])).toEqual([
      [tool?.originalName, tool?.originalName],
      [tool?.originalName, tool?.originalName],
    ]);
    expect((await ask(2, "tools/call", { name: tool?.originalName, arguments: {} })).answer).toMatchObject({
      error: { code: -32602 },
    });
  });

  it.each(ERAS)(
    "a prompt's alias leads to it at a %s upstream, when it is got and when it is completed",
    async (upstreamEra) => {
      const upstream = await (upstreamEra === "modern" ? startModernEverything() : startSessionEverything());
      onTestFinished(upstream.close);
      const prompts = await registered(`Prompts ${era} ${upstreamEra}`, upstream.url, "prompts");
      const id = prompts.find(({ originalName }) => originalName === "test_prompt_with_arguments")?.id ?? "";
      const url = await serverOf({
        name: `prompts ${era} ${upstreamEra}`,
        associatedPrompts: [id],
        aliases: { [id]: "ask" },
      });
      const ask = await callerOf(era, url, token);
      const got = await ask(1, "prompts/get", { name: "ask", arguments: { arg1: "x", arg2: "y" } });
      expect(JSON.stringify(got.answer?.result)).toContain("arg1='x'");
      const completed = await ask(2, "completion/complete", {
        ref: { type: "ref/prompt", name: "ask" },
        argument: { name: "arg1", value: "par" },
      });
      expect(completed.answer?.result).toMatchObject({ completion: { values: ["paris", "park", "party"] } });
    },
  );

  it("a resource that is listed nowhere is read where it is, past upstreams that have not got it or are down", async () => {
    const has: Script = async (heard, outgoing) => {
      const answer = (result: object) =>
        on(heard.message?.method ?? "", ({ id }) => {
          const more = { resultType: "complete", ttlMs: 0, cacheScope: "private", ...result };
          outgoing
            .writeHead(200, { "content-type": "application/json" })
            .end(JSON.stringify({ jsonrpc: "2.0", id, result: more }));
        })(heard, outgoing);
      if (heard.message?.method === "server/discover")
        return await answer({ supportedVersions: ["2026-07-28"], capabilities: { resources: {} } });
      if (heard.message?.method === "resources/list")
        return await answer({ resources: [{ uri: "own://listed", name: "listed" }] });
      if (heard.message?.method === "resources/templates/list") return await answer({ resourceTemplates: [] });
      if (heard.message?.method === "resources/read")
        return await answer({ contents: [{ uri: heard.message.params?.uri, text: "found" }] });
      return false;
    };
    const [session, dead, owner] = [
      await startSessionEverything(),
      await startModernEverything(),
      await startScripted(has, "modern"),
    ];
    onTestFinished(async () => void (await Promise.all([session.close(), owner.close()])));
    const only = (entries: Entry[], part: string) =>
      entries.filter(({ name }) => name.includes(part)).map(({ id }) => id);
    const resources = [
      ...only(await registered(`has not ${era}`, session.url, "resources"), "static-text"),
      ...only(await registered(`is down ${era}`, dead.url, "resources"), "static-binary"),
      ...only(await registered(`has ${era}`, owner.url, "resources"), "listed"),
    ];
    const url = await serverOf({ name: `resources ${era}`, associatedResources: resources });
    await dead.close();
    const ask = await callerOf(era, url, token);
    expect((await ask(1, "resources/read", { uri: "own://unlisted" })).answer).toMatchObject({
      id: 1,
      result: { contents: [{ text: "found" }] },
    });
    expect((await ask(2, "resources/read", { uri: "test://static-binary" })).answer).toMatchObject({
      error: { data: { upstream: `is down ${era}` } },
    });
  });
});

it("a method at /rpc that names a tool calls it, as ContextForge has it; a notification is answered with nothing in it", async () => {
  const upstream = await startScripted(() => false, "modern");
  onTestFinished(upstream.close);
  await registered("by method", upstream.url);
  const post = async (body: object) =>
    (await gateway.api("POST", "/rpc", { jsonrpc: "2.0", ...body })) as {
      status: number;
      body: Record<string, unknown>;
    };
  expect(await post({ id: 1, method: "by-method__first", params: { text: "hi" } })).toMatchObject({
    status: 200,
    body: { id: 1, result: {} },
  });
  const [call] = await upstream.hears("tools/call");
  expect(call?.message?.params).toMatchObject({ name: "first", arguments: { text: "hi" } });
  expect(await post({ method: "notifications/initialized" })).toMatchObject({ status: 200, body: { result: {} } });
});
