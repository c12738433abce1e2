// The virtual servers that clients are sent to: one for each upstream, and one that bundles them all. Names that two
// upstreams share are the gateway's to resolve, so the questions asked of the bundle use the names it gave.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Running } from "../fakes/http.ts";
import type { Gateway } from "../harness.ts";
import { type Offer, type Upstream, upstreams } from "./upstreams.ts";

export interface Scene {
  readonly url: string;
  /** The upstream itself, where there is just one. */
  readonly upstreamUrl?: string;
  /** How many tools a client must see. */
  readonly tools: number;
  readonly offers: readonly Offer[];
}

/** Names of the scenes, known before anything runs. */
export const BUNDLE = "all in one";
export const sceneNames: readonly string[] = [...upstreams.map(({ name }) => name), BUNDLE];

interface Member {
  readonly id: string;
  readonly name: string;
  readonly originalName: string;
  readonly gatewayId: string;
}
interface Server {
  readonly mcpUrl: string;
  readonly tools: readonly Member[];
  readonly prompts: readonly Member[];
  readonly resources: readonly Member[];
}
interface Placed {
  readonly upstream: Upstream;
  readonly upstreamUrl: string;
  readonly gatewayId: string;
  readonly server: Server;
}

/** Starts every upstream, registers it, and makes the virtual servers. */
export async function setTheScenes(
  gateway: Gateway,
  folder: string,
): Promise<{ scenes: Map<string, Scene>; running: Running[] }> {
  const running: Running[] = [];
  const placed: Placed[] = [];
  for (const upstream of upstreams) {
    const home = join(folder, upstream.name);
    await mkdir(home);
    const server = await upstream.start(home);
    running.push(server);
    const { serverId, gatewayId } = await gateway.bundle(upstream.name, server.url);
    placed.push({
      upstream,
      upstreamUrl: server.url,
      gatewayId,
      server: (await gateway.api<Server>("GET", `/servers/${serverId}`)).body,
    });
  }
  const scenes = new Map<string, Scene>();
  for (const { upstream, upstreamUrl, server } of placed) {
    scenes.set(upstream.name, { url: server.mcpUrl, upstreamUrl, tools: upstream.tools, offers: [upstream.offer] });
  }
  scenes.set(BUNDLE, await bundleOf(gateway, placed));
  return { scenes, running };
}

/** One virtual server of everything; a URI that two upstreams have is the first one's. */
async function bundleOf(gateway: Gateway, placed: readonly Placed[]): Promise<Scene> {
  const all = (kind: "tools" | "prompts" | "resources") => placed.flatMap(({ server }) => server[kind]);
  const ids = (members: readonly Member[]) => members.map(({ id }) => id);
  const uris = new Map(
    all("resources")
      .toReversed()
      .map((resource) => [resource.name, resource]),
  );
  const { status, body: server } = await gateway.api<Server>("POST", "/servers", {
    name: BUNDLE,
    associatedTools: ids(all("tools")),
    associatedPrompts: ids(all("prompts")),
    associatedResources: ids([...uris.values()]),
  });
  if (status !== 201) throw new Error(`POST /servers answered ${status}: ${JSON.stringify(server)}`);

  const offers = placed.map(({ upstream: { offer }, gatewayId }): Offer => {
    const named = (members: readonly Member[], name: string): string => {
      const member = members.find((one) => one.gatewayId === gatewayId && one.originalName === name);
      if (member === undefined) throw new Error(`${name} is not in the bundle`);
      return member.name;
    };
    const { call, prompt, progress, resource } = offer;
    return {
      call: { ...call, tool: named(server.tools, call.tool) },
      ...(resource && { resource }),
      ...(prompt && { prompt: { ...prompt, name: named(server.prompts, prompt.name) } }),
      ...(progress && { progress: { ...progress, tool: named(server.tools, progress.tool) } }),
    };
  });
  return { url: server.mcpUrl, tools: placed.reduce((sum, { upstream }) => sum + upstream.tools, 0), offers };
}
