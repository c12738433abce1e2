// Two servers that share every URI behind one URL. The second one's URIs are marked, the same wherever they appear, and
// lead back to it; the first one's pass as they are.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PROTOCOL_META } from "../../src/lib/mcp.ts";
import { SHARED, startLibrary } from "../fakes/library.ts";
import type { Era } from "../fakes/plain-mcp.ts";
import type { Scripted } from "../fakes/scripted.ts";
import { type Gateway, startGateway } from "../harness.ts";
import { callerOf, type Message } from "../wire.ts";

type Ask = Awaited<ReturnType<typeof callerOf>>;
const ERAS: readonly Era[] = ["session", "modern"];
const CROSSINGS = ERAS.flatMap((client) => ERAS.map((upstream) => [client, upstream] as const));

let gateway: Gateway;
let token: string;
const libraries = new Map<string, Scripted>();
const urls = new Map<Era, string>();

const libraryOf = (name: string): Scripted => {
  const library = libraries.get(name);
  if (!library) throw new Error(`no library ${name}`);
  return library;
};

/** Registers a library and gives the ids of what it offers. */
async function registered(name: string, era: Era) {
  const library = await startLibrary(name, era);
  libraries.set(name, library);
  const { body } = await gateway.api<{ id: string }>("POST", "/gateways", { name, url: library.url });
  const ids = async (noun: string) =>
    (await gateway.api<{ id: string }[]>("GET", `/${noun}?limit=0&gateway_id=${body.id}`)).body.map(({ id }) => id);
  return { tools: await ids("tools"), prompts: await ids("prompts"), resources: await ids("resources") };
}

beforeAll(async () => {
  gateway = await startGateway();
  token = await gateway.token();
  for (const era of ERAS) {
    const [one, other] = [await registered(`first-${era}`, era), await registered(`second-${era}`, era)];
    const { body } = await gateway.api<{ id: string }>("POST", "/servers", {
      name: `aggregated ${era}`,
      associatedTools: [...one.tools, ...other.tools],
      associatedPrompts: [...one.prompts, ...other.prompts],
      associatedResources: [...one.resources, ...other.resources],
    });
    urls.set(era, `${gateway.url}/servers/${body.id}/mcp`);
  }
});
afterAll(() => Promise.all([gateway.dispose(), ...[...libraries.values()].map(({ close }) => close())]));

/** What an upstream heard of a method since now. */
function listening(name: string, method: string): () => (Record<string, unknown> | undefined)[] {
  const { heard } = libraryOf(name);
  const before = heard.length;
  return () =>
    heard
      .slice(before)
      .flatMap(({ message }) =>
        message?.method === method ? [message.params as object as Record<string, unknown>] : [],
      );
}

const resultOf = async (
  ask: Ask,
  method: string,
  params: Record<string, unknown> = {},
): Promise<Record<string, unknown>> => {
  const { answer } = await ask(1, method, params);
  expect(answer, JSON.stringify(answer)).toHaveProperty("result");
  return answer?.result ?? {};
};

describe.each(CROSSINGS)("to a %s client of two %s servers that share their URIs", (client, era) => {
  const [one, other] = [`first-${era}`, `second-${era}`];
  const marked = {
    note: `note://${other}--shared`,
    app: `ui://${other}--app/main`,
    hidden: `ui://${other}--app/hidden`,
    page: `${SHARED.page}#${other}`,
    template: `note://${other}--by/{id}`,
    byId: `note://${other}--by/7`,
    unlisted: `note://${other}--unlisted`,
  };
  let ask: Ask;
  beforeAll(async () => {
    ask = await callerOf(client, urls.get(era) ?? "", token);
  });

  it("lists hold each, under its own URI or a marked one", async () => {
    const { resources } = await resultOf(ask, "resources/list");
    const uris = [SHARED.page, SHARED.note, `own://${one}`, SHARED.app];
    const later = [marked.page, marked.note, `own://${other}`, marked.app];
    expect(resources).toEqual(
      [...uris, ...later].map((uri) => expect.objectContaining({ uri, mimeType: "text/plain" })),
    );
    const { resourceTemplates } = await resultOf(ask, "resources/templates/list");
    expect(resourceTemplates).toEqual([
      { uriTemplate: SHARED.template, name: "by" },
      { uriTemplate: marked.template, name: "by" },
    ]);
  });

  it("tools name their own interface, listed or not; the rest of _meta is as it was", async () => {
    const tools = (await resultOf(ask, "tools/list")).tools as { name: string; _meta?: object }[];
    const metaOf = (name: string) => tools.find((tool) => tool.name === name)?._meta;
    const ui = (uri: string, app: string) => ({
      ui: { resourceUri: uri, visibility: ["model", "app"], "x-new": { csp: [app] } },
      "x/other": app,
    });
    expect(metaOf("show")).toEqual({ ...ui(SHARED.app, SHARED.app), "ui/resourceUri": SHARED.app });
    expect(metaOf("show_hidden")).toEqual(ui(SHARED.hidden, SHARED.hidden));
    expect(metaOf(`${other}__show`)).toEqual({ ...ui(marked.app, SHARED.app), "ui/resourceUri": marked.app });
    expect(metaOf(`${other}__show_hidden`)).toEqual(ui(marked.hidden, SHARED.hidden));
  });

  it.each([
    ["a resource", "note"],
    ["an interface", "app"],
    ["an interface that only a tool names", "hidden"],
    ["a page of the web", "page"],
    ["a URI of a template", "byId"],
    ["what only a link leads to", "unlisted"],
  ] as const)("%s is read where its URI leads, and says that URI", async (_what, key) => {
    const at = { [one]: listening(one, "resources/read"), [other]: listening(other, "resources/read") };
    const contents = async (uri: string) => (await resultOf(ask, "resources/read", { uri })).contents;
    const text = (name: string) => `${name} has ${SHARED[key]}`;
    expect(await contents(marked[key])).toEqual([{ uri: marked[key], mimeType: "text/plain", text: text(other) }]);
    expect([at[one]?.(), at[other]?.()]).toEqual([[], [expect.objectContaining({ uri: SHARED[key] })]]);
    expect(await contents(SHARED[key])).toEqual([{ uri: SHARED[key], mimeType: "text/plain", text: text(one) }]);
    expect(at[other]?.()).toHaveLength(1);
    const last = libraryOf(other).heard.findLast(({ message }) => message?.method === "resources/read");
    if (era === "modern") expect(last?.headers["mcp-name"]).toBe(SHARED[key]);
  });

  it("what no server has is not found, under the URI that was asked for", async () => {
    for (const uri of ["none://x", `none://${other}--x`]) {
      const { status, answer } = await ask(1, "resources/read", { uri });
      expect([status, answer?.error?.code, answer?.error?.data]).toEqual([
        200,
        client === "modern" ? -32602 : -32002,
        expect.objectContaining({ uri }),
      ]);
    }
  });

  const blocks = (uris: { note: string; byId: string; unlisted: string }) => [
    { type: "resource_link", uri: uris.note, name: SHARED.note },
    { type: "resource_link", uri: uris.byId, name: SHARED.byId },
    { type: "resource_link", uri: uris.unlisted, name: SHARED.unlisted },
    { type: "resource_link", uri: SHARED.page, name: SHARED.page },
    { type: "resource_link", uri: "https://elsewhere.example/", name: "https://elsewhere.example/" },
    { type: "resource", resource: { uri: uris.note, mimeType: "text/plain", text: SHARED.note } },
    { type: "text", text: `see ${SHARED.note}`, uri: SHARED.note },
  ];

  it("links and resources in a tool's result have the URIs of the lists; text and structure stay", async () => {
    const first = await resultOf(ask, "tools/call", { name: "find", arguments: {} });
    expect(first).toMatchObject({ content: blocks(SHARED), structuredContent: { uri: SHARED.note, from: one } });
    const second = await resultOf(ask, "tools/call", { name: `${other}__find`, arguments: {} });
    const content = blocks(marked);
    content[3] = { type: "resource_link", uri: marked.page, name: SHARED.page };
    expect(second).toMatchObject({ content, structuredContent: { uri: SHARED.note, from: other } });
  });

  it("resources and links in a prompt's messages have them too", async () => {
    const uris = async (name: string) => {
      const { description, messages } = await resultOf(ask, "prompts/get", { name });
      const found = (messages as { content: { uri?: string; resource?: { uri: string } } }[]).map(
        ({ content }) => content.uri ?? content.resource?.uri,
      );
      return [description, ...found];
    };
    expect(await uris("tell")).toEqual([one, SHARED.note, SHARED.byId]);
    expect(await uris(`${other}__tell`)).toEqual([other, marked.note, marked.byId]);
  });

  it("an update told in the middle of an answer has the URI of the list; a log message stays as it is", async () => {
    const LOUD = client === "modern" ? { [PROTOCOL_META.logLevel]: "debug" } : {};
    const told = async (name: string) =>
      (await ask(1, "tools/call", { name, arguments: {}, _meta: LOUD })).messages.map(
        (message: Message) => message.params,
      );
    const expected = (uri: string, from: string) => [
      { uri, _meta: { from } },
      { level: "info", data: { uri: SHARED.note } },
      undefined,
    ];
    expect(await told("touch")).toEqual(expected(SHARED.note, one));
    expect(await told(`${other}__touch`)).toEqual(expected(marked.note, other));
  });

  it("a URI that comes back in arguments is the server's own there, and what only looks like one is left alone", async () => {
    const args = (uris: { note: string; byId: string }) => ({
      uri: uris.note,
      more: [{ deep: uris.byId }, "plain", 7, null, `${other}--plain`, `two words: ${uris.note}`],
    });
    const said = async (name: string, given: { uri: string }) => {
      const headers = { "mcp-param-uri": given.uri };
      const own = await callerOf(client, urls.get(era) ?? "", token, client === "modern" ? headers : undefined);
      const { content } = await resultOf(own, "tools/call", { name, arguments: given });
      return JSON.parse((content as { text: string }[])[0]?.text ?? "null") as unknown;
    };
    const back = { ...args(SHARED), more: [...args(SHARED).more.slice(0, 5), `two words: ${marked.note}`] };
    expect(await said(`${other}__open`, args(marked))).toEqual(back);
    const call = libraryOf(other).heard.findLast(({ message }) => message?.params?.name === "open");
    if (era === "modern") expect(call?.headers["mcp-param-uri"]).toBe(SHARED.note);
    expect(await said("open", args(marked))).toEqual(args(marked));
  });

  it("completions are asked where the template is, which is called there by its own name", async () => {
    const values = async (uri: string) =>
      (
        await resultOf(ask, "completion/complete", {
          ref: { type: "ref/resource", uri },
          argument: { name: "id", value: "" },
        })
      ).completion;
    expect(await values(SHARED.template)).toEqual({ values: [one, SHARED.template] });
    expect(await values(marked.template)).toEqual({ values: [other, SHARED.template] });
    const ref = { type: "ref/prompt", name: `${other}__tell` };
    const { completion } = await resultOf(ask, "completion/complete", { ref, argument: { name: "x", value: "" } });
    expect(completion).toEqual({ values: [other, ""] });
  });

  it("what the servers can do beyond the protocol is told, as the first says it", async () => {
    const begun =
      client === "modern"
        ? await resultOf(ask, "server/discover")
        : await resultOf(ask, "initialize", {
            protocolVersion: "2025-11-25",
            capabilities: {},
            clientInfo: { name: "wire", version: "1" },
          });
    expect(begun.capabilities).toMatchObject({
      extensions: {
        "io.modelcontextprotocol/ui": { from: one },
        [`x.example/${one}`]: {},
        [`x.example/${other}`]: {},
      },
    });
  });
});

describe.each(ERAS)("in the view of everything, to a %s client,", (client) => {
  it("no URI is hidden: each server's are listed and read, the later ones' marked", async () => {
    const ask = await callerOf(client, `${gateway.url}/mcp`, token);
    const { resources } = await resultOf(ask, "resources/list");
    const notes = (resources as { uri: string }[]).map(({ uri }) => uri).filter((uri) => uri.endsWith("shared"));
    const names = ["first-session", "second-session", "first-modern", "second-modern"];
    const marked = (name: string) => (name === names[0] ? SHARED.note : `note://${name}--shared`);
    expect(notes).toEqual(names.map(marked));
    for (const name of names) {
      const { contents } = await resultOf(ask, "resources/read", { uri: marked(name) });
      expect(contents).toMatchObject([{ uri: marked(name), text: `${name} has ${SHARED.note}` }]);
    }
  });
});

describe("subscriptions", () => {
  it.each(["resources/subscribe", "resources/unsubscribe"])("%s goes to the server whose URI it is", async (method) => {
    const ask = await callerOf("session", urls.get("session") ?? "", token);
    const at = ["first-session", "second-session"].map((name) => listening(name, method));
    for (const uri of ["note://second-session--shared", "note://second-session--by/7", SHARED.byId])
      expect(await resultOf(ask, method, { uri })).toEqual({});
    expect(at.map((heard) => heard().map((params) => params?.uri))).toEqual([
      [SHARED.byId],
      [SHARED.note, SHARED.byId],
    ]);
  });
});
