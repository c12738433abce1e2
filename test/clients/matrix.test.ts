// Every client at every virtual server: it connects with a bearer token, lists the tools and calls one; where it has the
// means it reads a resource, gets a prompt and hears progress. The table at the end says which did what.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Running } from "../fakes/http.ts";
import { type Gateway, startGateway } from "../harness.ts";
import { inspectorModern } from "./adapters/inspector.ts";
import { sdkV1 } from "./adapters/sdk-v1.ts";
import { sdkV2Pinned } from "./adapters/sdk-v2.ts";
import type { Client, Connection } from "./client.ts";
import { clients } from "./clients.ts";
import { BUNDLE, type Scene, sceneNames, setTheScenes } from "./scenes.ts";
import { Table } from "./table.ts";
import type { Offer } from "./upstreams.ts";
import { startWitness } from "./witness.ts";

let folder: string;
let gateway: Gateway;
let scenes: ReadonlyMap<string, Scene>;
let running: Running[] = [];
const table = new Table(clients, sceneNames);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "causeway-clients-"));
  gateway = await startGateway();
  ({ scenes, running } = await setTheScenes(gateway, folder));
});

afterAll(async () => {
  await gateway?.dispose();
  await Promise.all(running.map((server) => server.close()));
  await rm(folder, { recursive: true, force: true });
  console.log(table.text());
});

/** What a client may do beyond calling tools, in the order it is tried; gives a word for the table, or nothing. */
const EXTRAS: readonly ((connection: Connection, offer: Offer) => Promise<string | undefined>)[] = [
  async ({ resources, read }, { resource }) => {
    if (!resource || !resources || !read) return undefined;
    expect(await resources()).toContain(resource.uri);
    expect(await read(resource.uri)).toContain(resource.says);
    return "read";
  },
  async ({ prompts, prompt }, { prompt: offered }) => {
    if (!offered || !prompts || !prompt) return undefined;
    expect(await prompts()).toContain(offered.name);
    expect(await prompt(offered.name, offered.args)).toContain(offered.says);
    return "prompt";
  },
  async ({ progress }, { progress: offered }) => {
    if (!offered || !progress) return undefined;
    expect(await progress(offered.tool, offered.args)).toEqual(offered.steps);
    return "progress";
  },
];

async function exercise(connection: Connection, { tools, offers }: Scene): Promise<Set<string>> {
  const names = await connection.tools();
  expect(new Set(names).size).toBe(tools);
  const done = new Set(["list"]);
  for (const offer of offers) {
    expect(names).toContain(offer.call.tool);
    expect(await connection.call(offer.call.tool, offer.call.args)).toContain(offer.call.says);
    done.add("call");
    for (const extra of EXTRAS) {
      const word = await extra(connection, offer);
      if (word !== undefined) done.add(word);
    }
  }
  return done;
}

function sceneOf(name: string): Scene {
  const scene = scenes.get(name);
  if (!scene) throw new Error(`no virtual server ${name}`);
  return scene;
}

async function visit(client: Client, sceneName: string): Promise<void> {
  const scene = sceneOf(sceneName);
  const home = await mkdtemp(join(folder, "home-"));
  const witness = await startWitness(scene.url);
  try {
    const connection = await client.connect({ url: witness.url, token: await gateway.token(), home });
    try {
      const done = await exercise(connection, scene);
      expect([...witness.revisions].at(-1)).toBe(client.revision);
      table.enter(client, sceneName, done);
    } finally {
      await connection.close();
    }
  } finally {
    await witness.close();
  }
}

/** Connects and lists, to see that it can't. */
async function listTools(client: Client, url: string, token: string): Promise<readonly string[]> {
  const connection = await client.connect({ url, token, home: await mkdtemp(join(folder, "home-")) });
  try {
    return await connection.tools();
  } finally {
    await connection.close();
  }
}

describe.each(clients)("$name", (client) => {
  test.concurrent.each(sceneNames)(
    "finds its way through the gateway to %s",
    async (sceneName) => await visit(client, sceneName),
  );

  test.concurrent("is turned away with a token of somebody else's making", async () => {
    const token = await gateway.token({ secret: "of-somebody-else-and-long-enough-to-sign" });
    await expect(listTools(client, sceneOf(BUNDLE).url, token)).rejects.toThrow();
  });
});

describe("without the gateway between them", () => {
  test.each([
    { client: sdkV2Pinned, upstream: "everything, HTTP", because: "did not offer pinned protocol version" },
    { client: inspectorModern, upstream: "everything, HTTP", because: "did not offer pinned protocol version" },
    { client: sdkV1, upstream: "modern only", because: "Unsupported protocol version: 2025-11-25" },
  ])("$client.name and $upstream have no revision in common", async ({ client, upstream, because }) => {
    const { upstreamUrl = "" } = sceneOf(upstream);
    await expect(listTools(client, upstreamUrl, "unused")).rejects.toThrow(because);
  });
});
