// /servers: virtual servers, and the names their members have in them.
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { type ServerRead, serverRead } from "../../src/schemas/servers.ts";
import type { ToolRead } from "../../src/schemas/tools.ts";
import type { UpstreamRead } from "../../src/schemas/upstreams.ts";
import { addUser, as } from "../auth/users.ts";
import { hangs } from "../fakes/faults.ts";
import { startFaulty } from "../fakes/faulty.ts";
import { type Gateway, startGateway } from "../harness.ts";
import { type Example, type Failure, keepsTheRules, outcome } from "./entity.ts";
import { listsByTheRules } from "./listing.ts";
import { rpc, toolNames, withClient } from "./mcp.ts";

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.dispose());

const example: Example = {
  path: "/servers",
  wrapper: "server",
  singular: "Server",
  read: serverRead,
  unique: "name",
  make: (name) => ({ name, associatedTools: [], associatedPrompts: "" }),
};

describe("a virtual server", () => {
  keepsTheRules(example, () => gateway);
});

describe("a list of virtual servers", () => {
  listsByTheRules(example, () => gateway);
});

/** Four tools with the same names each time: echo, slow and two of time. */
let count = 0;
async function sample(): Promise<{ id: string; slug: string; echo: string; slow: string; tools: ToolRead[] }> {
  const { body } = await gateway.api<{ id: string; slug: string }>("POST", "/gateways", {
    name: `sample ${++count}`,
    url: "builtin:sample",
  });
  const { body: tools } = await gateway.api<ToolRead[]>("GET", `/tools?gateway_id=${body.id}`);
  const id = (name: string) => tools.find((tool) => tool.originalName === name)?.id ?? "";
  return { ...body, echo: id("echo"), slow: id("slow"), tools };
}

const post = <Body = ServerRead & Failure>(body: object) => gateway.api<Body>("POST", "/servers", body);
const put = (id: string, body: object) => gateway.api<ServerRead & Failure>("PUT", `/servers/${id}`, body);
const bundle = async (name: string, more: object) => {
  const answer = await post({ name, ...more });
  expect(outcome(answer)).toBe(201);
  return answer.body;
};

describe("names in a virtual server", () => {
  test("the first holder keeps the plain name for ever, a later one becomes slug__name, and the answer says so", async () => {
    const [one, two] = [await sample(), await sample()];
    const { id } = await bundle("clash", { associatedTools: [one.echo] });
    const { body } = await put(id, { associatedTools: [two.echo, one.echo] });
    expect(body.associatedTools).toEqual([`${two.slug}__echo`, "echo"]);
    expect(body.renamed).toEqual([{ id: two.echo, wanted: "echo", name: `${two.slug}__echo` }]);
    await put(id, { associatedTools: [one.echo, two.echo] });
    await gateway.api("POST", `/tools/${one.echo}/state?activate=false`);
    expect(await toolNames(gateway, id)).toEqual([`${two.slug}__echo`]);
    await gateway.api("POST", `/tools/${one.echo}/state?activate=true`);
    expect(await toolNames(gateway, id)).toEqual(["echo", `${two.slug}__echo`]);
  });

  test("a name with a number is told as renamed too", async () => {
    const [one, two, three] = [await sample(), await sample(), await sample()];
    const { renamed } = await bundle("crowded", {
      associatedTools: [one.echo, two.echo, three.echo],
      aliases: { [two.echo]: `${three.slug}__echo` },
    });
    expect(renamed).toEqual([
      { id: two.echo, wanted: "echo", name: `${three.slug}__echo` },
      { id: three.echo, wanted: "echo", name: `${three.slug}__echo_2` },
    ]);
  });

  test("of two added together the first in order gets the plain name; each call reaches its own", async () => {
    const [one, two] = [await sample(), await sample()];
    const { id, associatedTools, tools } = await bundle("together", { associatedTools: [two.echo, one.echo] });
    expect(associatedTools).toEqual(["echo", `${one.slug}__echo`]);
    expect(tools.map((tool) => tool.gatewayId)).toEqual([two.id, one.id]);
    for (const name of associatedTools) {
      const { result } = await rpc(gateway, "tools/call", { server_id: id, name, arguments: { message: name } });
      expect(result).toMatchObject({ content: [{ text: name }] });
    }
  });

  test("ContextForge's name of a tool is accepted in a virtual server too", async () => {
    const { slug, echo } = await sample();
    const { id } = await bundle("forge", { associatedTools: [echo] });
    const { result } = await rpc(gateway, "tools/call", {
      server_id: id,
      name: `${slug}-echo`,
      arguments: { message: "hi" },
    });
    expect(result).toMatchObject({ content: [{ text: "hi" }] });
  });

  test("an alias is what clients see and call, and only here", async () => {
    const { echo, slow } = await sample();
    const { id } = await bundle("aliased", { associatedTools: [echo, slow], aliases: { [echo]: "say" } });
    expect(await toolNames(gateway, id)).toEqual(["say", "slow"]);
    const other = await bundle("not aliased", { associatedTools: [echo] });
    expect(await toolNames(gateway, other.id)).toEqual(["echo"]);
    await put(id, { description: "the alias stays" });
    await put(id, { associatedTools: [slow, echo] });
    expect(await toolNames(gateway, id)).toEqual(["slow", "say"]);
    await put(id, { aliases: { [echo]: "repeat" } });
    expect(await toolNames(gateway, id)).toEqual(["slow", "repeat"]);
  });

  test("an alias that another member has, or that names no member, is refused and changes nothing", async () => {
    const { echo, slow } = await sample();
    const { id, version } = await bundle("conflicts", { associatedTools: [echo, slow] });
    expect(await put(id, { aliases: { [echo]: "slow" } })).toMatchObject({ status: 409, body: { field: "aliases" } });
    expect(await put(id, { aliases: { [echo]: "x", [slow]: "x" } })).toMatchObject({
      status: 409,
      body: { field: "aliases" },
    });
    expect(await put(id, { aliases: { nobody: "x" } })).toMatchObject({ status: 422, body: { field: "aliases" } });
    expect((await put(id, { aliases: { [echo]: "two words" } })).status).toBe(422);
    expect((await gateway.api("GET", `/servers/${id}`)).body).toMatchObject({
      version,
      associatedTools: ["echo", "slow"],
    });
    expect((await put(id, { aliases: { [echo]: "slow", [slow]: "echo" } })).body.associatedTools).toEqual([
      "slow",
      "echo",
    ]);
  });

  test("a name that became free by an alias goes to the next that comes", async () => {
    const [one, two] = [await sample(), await sample()];
    const { id } = await bundle("freed", { associatedTools: [one.echo], aliases: { [one.echo]: "first" } });
    expect((await put(id, { associatedTools: [one.echo, two.echo] })).body.associatedTools).toEqual(["first", "echo"]);
  });

  test("what was renamed in the catalog comes in under its new name", async () => {
    const { echo } = await sample();
    await gateway.api("PUT", `/tools/${echo}`, { customName: "parrot" });
    expect((await bundle("renamed", { associatedTools: [echo] })).associatedTools).toEqual(["parrot"]);
    await gateway.api("PUT", `/tools/${echo}`, { customName: "cockatoo" });
    expect((await gateway.api<ServerRead[]>("GET", "/servers?q=renamed")).body[0]?.associatedTools).toEqual(["parrot"]);
  });

  test("prompts and resources are bundled like tools, by ids in a list or in one text", async () => {
    const { body: prompt } = await gateway.api("POST", "/prompts", { name: "greet", template: "Hi" });
    const { body: resource } = await gateway.api("POST", "/resources", { name: "r", uri: "memo://r", content: "x" });
    const { id, associatedPrompts, associatedResources } = await bundle("mixed", {
      associatedPrompts: [prompt.id],
      associatedResources: `${resource.id}`,
    });
    expect([associatedPrompts, associatedResources]).toEqual([[prompt.id], [resource.id]]);
    const { result } = await rpc<{ prompts: object[] }>(gateway, "prompts/list", { server_id: id });
    expect(result.prompts).toEqual([expect.objectContaining({ name: "greet" })]);
  });
});

describe("what a user sees of a virtual server whose members are not all theirs to see", () => {
  const url = async (query: string) => {
    const upstream = await startFaulty({ ...hangs("request"), times: 0 });
    onTestFinished(upstream.close);
    return `${upstream.url}?key=${query}`;
  };

  test("is neither hidden members nor hidden gateways; a gateway's query is for administrators", async () => {
    const add = async (name: string, visibility: string) => {
      const { body } = await gateway.api<UpstreamRead>("POST", "/gateways", { name, visibility, url: await url(name) });
      return { id: body.id, tools: (await gateway.api<ToolRead[]>("GET", `/tools?gateway_id=${body.id}`)).body };
    };
    const [hidden, seen] = [await add("classified", "private"), await add("known", "public")];
    const [shared, secret] = hidden.tools;
    const [plain] = seen.tools;
    await gateway.api("PUT", `/tools/${shared?.id}`, { visibility: "public", customName: "shared" });
    const { id } = await bundle("partly hidden", {
      associatedTools: [shared?.id, secret?.id, plain?.id],
      aliases: { [shared?.id ?? ""]: "shared", [secret?.id ?? ""]: "unseen" },
    });

    const user = await as(gateway, await addUser(gateway, "partial@example.com"));
    const read = async <Body>(path: string) => (await gateway.api<Body>("GET", path, undefined, user)).body;
    const server = await read<ServerRead>(`/servers/${id}`);
    expect(server.tools.map(({ id, gatewayId, gatewayName }) => [id, gatewayId, gatewayName])).toEqual([
      [shared?.id, null, null],
      [plain?.id, seen.id, "known"],
    ]);
    expect(server.associatedTools).toEqual(["shared", plain?.originalName]);
    const tools = await read<ToolRead[]>(`/servers/${id}/tools`);
    const known = (await read<UpstreamRead>(`/gateways/${seen.id}`)).url;
    expect(known).toMatch(/^http.*\/mcp$/);
    expect(new Map(tools.map((tool) => [tool.id, tool.url]))).toEqual(
      new Map([
        [shared?.id, null],
        [plain?.id, known],
      ]),
    );
    const everything = [server, tools, await read("/servers"), await read("/tools"), await read("/gateways")];
    for (const secret of ["unseen", "classified", hidden.id, "key="])
      expect(JSON.stringify(everything)).not.toContain(secret);
    expect((await gateway.api<ServerRead>("GET", `/servers/${id}`)).body.tools).toHaveLength(3);
    expect((await gateway.api<UpstreamRead>("GET", `/gateways/${seen.id}`)).body.url).toBe(`${known}?key=known`);
    expect((await gateway.api<ToolRead>("GET", `/tools/${plain?.id}`)).body.url).toBe(`${known}?key=known`);
  });
});

describe("members of a virtual server", () => {
  test("GET /servers/{id}/tools, prompts and resources give them as the catalog shows them", async () => {
    const { echo, slow } = await sample();
    const { body: prompt } = await gateway.api("POST", "/prompts", { name: "of-server", template: "Hi" });
    const { body: resource } = await gateway.api("POST", "/resources", {
      name: "of-server",
      uri: "memo://of-server",
      content: "x",
    });
    const { id } = await bundle("listed", {
      associatedTools: [echo, slow],
      associatedPrompts: [prompt.id],
      associatedResources: [resource.id],
    });
    const listed = async (noun: string, query = "") =>
      (await gateway.api<{ id: string }[]>("GET", `/servers/${id}/${noun}${query}`)).body.map((row) => row.id);
    expect((await listed("tools")).sort()).toEqual([echo, slow].sort());
    expect(await listed("prompts")).toEqual([prompt.id]);
    expect(await listed("resources")).toEqual([resource.id]);
    await gateway.api("POST", `/tools/${echo}/state?activate=false`);
    expect([await listed("tools"), (await listed("tools", "?include_inactive=true")).length]).toEqual([[slow], 2]);
    expect((await gateway.api<ToolRead>("GET", `/tools/${slow}`)).body.servers).toEqual([{ id, name: "listed" }]);
  });

  test("ids that do not exist, or that the maker may not see, are refused by field; double ones count once", async () => {
    const { echo } = await sample();
    const absent = "0".repeat(32);
    for (const [field, noun] of [
      ["associatedTools", "tools"],
      ["associatedPrompts", "prompts"],
      ["associatedResources", "resources"],
    ]) {
      const { status, body } = await post({ name: "absent", [String(field)]: [absent] });
      expect([status, body.detail], noun).toEqual([422, `associated_${noun}: no such ${noun}: ${absent}`]);
    }
    expect((await bundle("double", { associatedTools: [echo, echo] })).associatedToolIds).toEqual([echo]);
  });

  test("a tool deleted while it is being bundled never leaves half a virtual server", async () => {
    const { echo, slow } = await sample();
    const [made] = await Promise.all([
      post({ name: "racing", associatedTools: [echo, slow] }),
      gateway.api("DELETE", `/tools/${echo}`),
    ]);
    const { body: rows } = await gateway.api<ServerRead[]>("GET", "/servers?q=racing");
    if (made.status === 201) expect(rows[0]?.associatedToolIds).toEqual([slow]);
    else expect([made.status === 422 || made.status === 409, rows]).toEqual([true, []]);
  });

  test("fifty members keep their order", async () => {
    const tools = await Promise.all(
      Array.from({ length: 50 }, (_, n) =>
        gateway.api<ToolRead>("POST", "/tools", { name: `ordered_${n}`, url: "http://127.0.0.1:9/" }),
      ),
    );
    const ids = tools.map(({ body }) => body.id).sort();
    expect((await bundle("ordered", { associatedTools: ids })).associatedToolIds).toEqual(ids);
    expect(
      await toolNames(gateway, (await gateway.api<ServerRead[]>("GET", "/servers?q=ordered")).body[0]?.id ?? ""),
    ).toEqual(ids.map((id) => tools.find(({ body }) => body.id === id)?.body.name));
  });
});

describe("the id and door of a virtual server", () => {
  test("an id may be chosen; a UUID is kept as 32 digits; one that is taken or no id is refused", async () => {
    expect((await bundle("chosen", { id: "my-server" })).mcpUrl).toBe(`${gateway.url}/servers/my-server/mcp`);
    expect((await bundle("uuid", { id: "3F2504E0-4F89-41D3-9A0C-0305E82C3301" })).id).toBe(
      "3f2504e04f8941d39a0c0305e82c3301",
    );
    expect(await post({ name: "again", id: "my-server" })).toMatchObject({ status: 409, body: { field: "id" } });
    for (const id of ["", "a/b", "..", "-x", "x".repeat(65)])
      expect((await post({ name: "bad id", id })).status, id).toBe(422);
  });

  test("disabled, it answers like one that never was; enabled, it is back", async () => {
    const { id, mcpUrl } = await bundle("switched", {});
    const token = await gateway.token();
    const ask = async (url: string) => {
      const response = await fetch(url, {
        method: "POST",
        headers: {
          authorization: `Bearer ${token}`,
          "content-type": "application/json",
          accept: "application/json, text/event-stream",
        },
        body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "ping" }),
      });
      return `${response.status} ${(await response.text()).replace(/"request_id":"[^"]*"/, "")}`;
    };
    await gateway.api("POST", `/servers/${id}/state?activate=false`);
    expect(await ask(mcpUrl)).toMatch(/^404 /);
    expect(await ask(mcpUrl)).toBe(await ask(mcpUrl.replace(id, "never-was")));
    await gateway.api("POST", `/servers/${id}/state?activate=true`);
    expect(await withClient(mcpUrl, token, (client) => client.ping())).toEqual({});
  });

  test("its instructions reach clients", async () => {
    const { mcpUrl } = await bundle("instructed", { instructions: "Be kind." });
    expect(await withClient(mcpUrl, await gateway.token(), async (client) => client.getInstructions())).toBe(
      "Be kind.",
    );
  });

  test("a user sees public ones and its own, and their members only through them", async () => {
    const { echo } = await sample();
    const hidden = await bundle("hidden", { associatedTools: [echo], visibility: "private" });
    const user = await as(gateway, await addUser(gateway, "reader@example.com"));
    const seen = await gateway.api<ServerRead[]>("GET", "/servers?limit=0", undefined, user);
    expect(seen.body.map((row) => row.name)).not.toContain("hidden");
    const tool = await gateway.api<ToolRead>("GET", `/tools/${echo}`, undefined, user);
    expect(tool.body.servers).toEqual([]);
    expect((await gateway.api("GET", `/servers/${hidden.id}/tools`, undefined, user)).status).toBe(404);
  });
});
