// URIs in a virtual server: the first holder keeps its own for ever, a later one is stored under a marked one.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ResourceRead } from "../../src/schemas/resources.ts";
import type { ServerRead } from "../../src/schemas/servers.ts";
import { SHARED, startLibrary } from "../fakes/library.ts";
import type { Scripted } from "../fakes/scripted.ts";
import { type Gateway, startGateway } from "../harness.ts";
import type { Failure } from "./entity.ts";
import { rpc } from "./mcp.ts";

let gateway: Gateway;
const running: Scripted[] = [];
const ids: Record<"alpha" | "beta", Record<string, string>> = { alpha: {}, beta: {} };

beforeAll(async () => {
  gateway = await startGateway();
  for (const name of ["alpha", "beta"] as const) {
    const library = await startLibrary(name, "session");
    running.push(library);
    const { body } = await gateway.api<{ id: string }>("POST", "/gateways", { name, url: library.url });
    const rows = await gateway.api<ResourceRead[]>("GET", `/resources?limit=0&gateway_id=${body.id}`);
    for (const { uri, id } of rows.body) ids[name][uri] = id;
  }
});
afterAll(() => Promise.all([gateway.dispose(), ...running.map(({ close }) => close())]));

const post = (body: object) => gateway.api<ServerRead & Failure>("POST", "/servers", body);
const put = (id: string, body: object) => gateway.api<ServerRead & Failure>("PUT", `/servers/${id}`, body);
const alpha = (uri: string) => ids.alpha[uri] ?? "";
const beta = (uri: string) => ids.beta[uri] ?? "";
const names = ({ resources }: ServerRead) => resources.map(({ name }) => name);
const listed = async (serverId: string) => {
  const { result } = await rpc<{ resources: { uri: string }[] }>(gateway, "resources/list", { server_id: serverId });
  return result.resources.map(({ uri }) => uri);
};

describe("of two resources with one URI in a virtual server", () => {
  test("the later is stored under a marked one, and the answer says so as it does for names", async () => {
    const shared = [SHARED.note, SHARED.app, SHARED.page, SHARED.template];
    const { status, body } = await post({
      name: "both",
      associatedResources: [...shared.map(alpha), ...shared.map(beta)],
    });
    expect([status, body.renamed]).toEqual([
      201,
      [
        { id: beta(SHARED.note), wanted: "note://shared", name: "note://beta--shared" },
        { id: beta(SHARED.app), wanted: "ui://app/main", name: "ui://beta--app/main" },
        { id: beta(SHARED.page), wanted: SHARED.page, name: `${SHARED.page}#beta` },
        { id: beta(SHARED.template), wanted: "note://by/{id}", name: "note://beta--by/{id}" },
      ],
    ]);
    expect(body.resources[4]).toMatchObject({ name: "note://beta--shared", originalName: "note://shared" });
  });

  test("the first keeps its own whatever comes later, and the later keeps what it was given", async () => {
    const { body } = await post({ name: "in turn", associatedResources: [beta(SHARED.note)] });
    const both = await put(body.id, { associatedResources: [alpha(SHARED.note), beta(SHARED.note)] });
    expect(names(both.body)).toEqual(["note://alpha--shared", "note://shared"]);
    const alone = await put(body.id, { associatedResources: [alpha(SHARED.note)] });
    expect([names(alone.body), alone.body.renamed.length]).toEqual([["note://alpha--shared"], 1]);
    expect(await listed(body.id)).toEqual(["note://alpha--shared"]);
    const again = await put(body.id, { associatedResources: [alpha(SHARED.note), beta(SHARED.note)] });
    expect(names(again.body)).toEqual(["note://alpha--shared", "note://shared"]);
    expect(names((await put(body.id, { description: "no lists" })).body)).toEqual([
      "note://alpha--shared",
      "note://shared",
    ]);
  });

  test("none is named by an alias", async () => {
    const aliases = { [beta(SHARED.note)]: "better" };
    expect(await post({ name: "aliased", associatedResources: [beta(SHARED.note)], aliases })).toMatchObject({
      status: 422,
      body: { field: "aliases" },
    });
  });

  test("one of our own takes a new URI along, marked where that is taken", async () => {
    const own = await gateway.api<ResourceRead>("POST", "/resources", { name: "own", uri: "note://own", content: "x" });
    const { body } = await post({ name: "own", associatedResources: [alpha(SHARED.note), own.body.id] });
    const other = await post({ name: "own alone", associatedResources: [own.body.id] });
    const move = (uri: string) => gateway.api("PUT", `/resources/${own.body.id}`, { uri });
    expect((await move(SHARED.note)).status).toBe(200);
    expect(await listed(body.id)).toEqual(["note://shared", "note://rest--shared"]);
    expect(await listed(other.body.id)).toEqual(["note://shared"]);
    const read = { server_id: body.id, uri: "note://rest--shared" };
    expect((await rpc(gateway, "resources/read", read)).result).toMatchObject({
      contents: [{ uri: "note://rest--shared", text: "x" }],
    });
    expect((await move("note://elsewhere")).status).toBe(200);
    expect(await listed(body.id)).toEqual(["note://shared", "note://elsewhere"]);
  });
});
