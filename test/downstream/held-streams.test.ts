// Fifty clients that each hold a stream: nothing told to them is lost, doubled, or told to another. The bench does the same
// with a thousand for minutes (test/bench/streams.ts).
import { afterAll, beforeAll, expect, it } from "vitest";
import { gather } from "../crowd.ts";
import { startAddressing } from "../fakes/addressing.ts";
import type { Running } from "../fakes/http.ts";
import { type Gateway, startGateway } from "../harness.ts";
import * as scenes from "../scenes.ts";

const MANY = 50;
const NOTHING_WRONG = { lost: 0, doubled: 0, strayed: 0, dropped: 0 };

let gateway: Gateway;
let upstream: Running;
beforeAll(async () => {
  [gateway, upstream] = await Promise.all([startGateway(), startAddressing()]);
});
afterAll(() => Promise.all([gateway.dispose(), upstream.close()]));

async function placeAt(name: string, upstreamUrl: string): Promise<scenes.Place> {
  const { url, serverId } = await gateway.bundle(name, upstreamUrl);
  const { body } = await gateway.api<{ associatedToolIds: string[] }>("GET", `/servers/${serverId}`);
  let all = true;
  return {
    url,
    bearer: { authorization: `Bearer ${await gateway.token()}` },
    upstream: upstream.url,
    async change() {
      all = !all;
      const associatedTools = body.associatedToolIds.slice(all ? 0 : 1);
      expect((await gateway.api("PUT", `/servers/${serverId}`, { associatedTools })).status).toBe(200);
    },
  };
}

it.each([
  ["GET streams of sessions are told of a changed list", scenes.getStreams, "session"],
  ["listeners of 2026-07-28 are told of a changed list", scenes.listenStreams, "modern"],
  ["sessions hear what their own sessions at an upstream are told", scenes.ownUpstreamStreams, "session"],
  ["sessions hear of the resources each subscribed to", scenes.ownSubscriptions, "modern"],
  ["clients of HTTP+SSE get their answers", scenes.sseConnections, "modern"],
] as const)("%s, all of them, each once and nobody else's", { timeout: 60_000 }, async (what, scene, era) => {
  const place = await placeAt(what, `${upstream.url}/${era}/mcp`);
  const members = await gather(MANY, (n) => scene.open(place, n));
  await scene.ready?.(place, members);
  for (const times of [1, 2]) {
    await scene.tell(place, members);
    await scenes.allHeard(scene, members, times);
    expect(scenes.tally(scene, members, times)).toEqual(NOTHING_WRONG);
  }
  for (const { listener } of members) listener.leave();
});
