// /resources: texts of our own, and resources and templates that come from upstreams. `/{id}` gives the content,
// `/{id}/info` what is known about it.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ResourceRead, resourceRead } from "../../src/schemas/resources.ts";
import { addUser, as } from "../auth/users.ts";
import { startSessionEverything } from "../fakes/everything/session.ts";
import type { Running } from "../fakes/http.ts";
import { type Gateway, startGateway } from "../harness.ts";
import { type Example, keepsTheRules, outcome } from "./entity.ts";
import { listsByTheRules } from "./listing.ts";
import { rpc, withClient } from "./mcp.ts";

let gateway: Gateway;
let everything: Running;
beforeAll(async () => {
  [gateway, everything] = await Promise.all([startGateway(), startSessionEverything()]);
});
afterAll(() => Promise.all([gateway.dispose(), everything.close()]));

const example: Example = {
  path: "/resources",
  wrapper: "resource",
  singular: "Resource",
  read: resourceRead,
  unique: "uri",
  shown: "/info",
  make: (name) => ({ name, uri: `memo://${encodeURIComponent(name)}`, content: "text", mimeType: "text/markdown" }),
};

describe("a resource", () => {
  keepsTheRules(example, () => gateway);
});

describe("a list of resources", () => {
  listsByTheRules(example, () => gateway);
});

const add = async (name: string, more: object = {}) => {
  const answer = await gateway.api<ResourceRead>("POST", "/resources", {
    name,
    uri: `memo://${name}`,
    content: "Grüße",
    ...more,
  });
  expect(outcome(answer)).toBe(201);
  return answer.body;
};

describe("a resource of our own", () => {
  test("is read by REST and by MCP clients, with its type and size", async () => {
    const { id, size, mimeType } = await add("note", { mimeType: "text/markdown", title: "A note" });
    expect([size, mimeType]).toEqual([7, "text/markdown"]);
    const content = { uri: "memo://note", text: "Grüße" };
    expect((await gateway.api("GET", `/resources/${id}`)).body).toEqual({
      type: "resource",
      id,
      ...content,
      mime_type: "text/markdown",
      blob: null,
    });
    const got = await withClient(`${gateway.url}/mcp`, await gateway.token(), async (client) => ({
      listed: (await client.listResources()).resources.find(({ uri }) => uri === "memo://note"),
      read: await client.readResource({ uri: "memo://note" }),
    }));
    expect(got.listed).toMatchObject({ name: "note", title: "A note", mimeType: "text/markdown", size: 7 });
    expect(got.read.contents).toEqual([{ ...content, mimeType: "text/markdown" }]);
  });

  test("without a type is plain text", async () => {
    const { id } = await add("plain");
    expect((await gateway.api("GET", `/resources/${id}`)).body).toMatchObject({ mime_type: "text/plain" });
  });

  test("takes a new text, URI and type; clients get them from then on", async () => {
    const { id } = await add("draft");
    const { body } = await gateway.api<ResourceRead>("PUT", `/resources/${id}`, {
      content: "final",
      uri: "memo://final",
      mime_type: "text/x-final",
    });
    expect(body).toMatchObject({ uri: "memo://final", mimeType: "text/x-final", size: 5, version: 2 });
    expect((await rpc(gateway, "resources/read", { uri: "memo://final" })).result).toMatchObject({
      contents: [{ text: "final" }],
    });
    expect((await rpc(gateway, "resources/read", { uri: "memo://draft" })).error?.code).toBe(-32002);
  });

  test("a URI that another of ours has is refused, at creation and at change", async () => {
    await add("here");
    const { id } = await add("there");
    expect(await gateway.api("PUT", `/resources/${id}`, { uri: "memo://here" })).toMatchObject({
      status: 409,
      body: { field: "uri" },
    });
    expect((await gateway.api("PUT", `/resources/${id}`, { uri: "memo://there" })).status).toBe(200);
  });

  test.each([
    ["no scheme", { uri: "note" }],
    ["no URI", { uri: undefined }],
    ["no content", { content: undefined }],
    ["100 KB and a letter", { content: "x".repeat(102_401) }],
  ])("with %s is refused", async (_, wrong) => {
    const answer = await gateway.api("POST", "/resources", {
      name: "wrong",
      uri: "memo://wrong",
      content: "x",
      ...wrong,
    });
    expect([answer.status, JSON.stringify(answer.body)]).toEqual([
      422,
      expect.stringContaining(Object.keys(wrong)[0] ?? ""),
    ]);
  });

  test("a disabled one is not listed and not read by clients", async () => {
    const { id } = await add("asleep");
    await gateway.api("POST", `/resources/${id}/state?activate=false`);
    const { result } = await rpc<{ resources: { uri: string }[] }>(gateway, "resources/list");
    expect(result.resources.map(({ uri }) => uri)).not.toContain("memo://asleep");
    expect((await rpc(gateway, "resources/read", { uri: "memo://asleep" })).error?.code).toBe(-32002);
    expect((await gateway.api("GET", `/resources/${id}`)).status).toBe(409);
  });

  test("the content of a hidden one answers 404 like an absent one", async () => {
    const { id } = await add("secret", { visibility: "private" });
    const stranger = await as(gateway, await addUser(gateway, "stranger@example.com"));
    for (const which of [id, "0".repeat(32)]) {
      expect(await gateway.api("GET", `/resources/${which}`, undefined, stranger)).toMatchObject({
        status: 404,
        body: { detail: "Resource not found" },
      });
    }
  });
});

describe("resources of an upstream", () => {
  test("are stored with their templates, read through it, and keep what belongs to it", async () => {
    const { body: upstream } = await gateway.api("POST", "/gateways", { name: "everything", url: everything.url });
    const { body: all } = await gateway.api<ResourceRead[]>("GET", `/resources?gateway_id=${upstream.id}&limit=0`);
    const { body: templates } = await gateway.api<ResourceRead[]>(
      "GET",
      `/resources/templates/list?gateway_id=${upstream.id}`,
    );
    expect(all.length).toBeGreaterThan(templates.length);
    expect(templates.length).toBeGreaterThan(0);
    for (const row of templates) expect(row.uriTemplate).toBe(row.uri);
    const fixed = all.find((row) => row.uriTemplate === null);
    const { status, body } = await gateway.api("GET", `/resources/${fixed?.id}`);
    expect([status, body]).toEqual([200, expect.objectContaining({ type: "resource", uri: fixed?.uri })]);
    for (const field of ["uri", "content", "mimeType", "name"]) {
      const changed = await gateway.api("PUT", `/resources/${fixed?.id}`, { [field]: "a:b" });
      expect(changed, field).toMatchObject({ status: 422, body: { field } });
    }
    expect(
      (await gateway.api<ResourceRead>("PUT", `/resources/${fixed?.id}`, { tags: ["docs"], description: "Ours" })).body,
    ).toMatchObject({ description: "Ours" });
  });
});
