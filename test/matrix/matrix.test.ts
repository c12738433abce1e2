// Every client revision at every upstream revision through the gateway, feature by feature; and before that each
// revision with itself and no gateway between, which shows that the promises can be kept. The table is printed at the end.
import { afterAll, beforeAll, describe, test, vi } from "vitest";
import { type Gateway, startGateway } from "../harness.ts";
import { connect, type Peer } from "./clients.ts";
import { type Cell, type Feature, features } from "./features.ts";
import { REVISIONS, type Revision } from "./revisions.ts";
import { Table } from "./table.ts";
import { startUpstream, type Upstream } from "./upstreams.ts";

vi.setConfig({ testTimeout: 60_000 }); // whatever a cell waits for is an event, and a busy machine takes its time

const upstreams = new Map<Revision, Upstream>();

beforeAll(async () => {
  for (const revision of REVISIONS) upstreams.set(revision, await startUpstream(revision));
});
afterAll(() => Promise.all([...upstreams.values()].map(({ close }) => close())));

/** Where a client connects. */
interface Place {
  readonly url: string;
  readonly token?: string;
}

let cells = 0;

/** Runs a feature in a cell of its own, and closes its clients. */
async function run(
  feature: Feature,
  client: Revision,
  upstream: Revision,
  place: Place,
  straight: boolean,
): Promise<void> {
  const there = upstreams.get(upstream);
  if (!there) throw new Error(`no upstream ${upstream}`);
  const peers: Peer[] = [];
  const cell: Cell = {
    client,
    upstream: there,
    straight,
    key: `k${++cells}`,
    url: place.url,
    headers: place.token === undefined ? {} : { authorization: `Bearer ${place.token}` },
    connect: async (manner) => {
      const peer = await connect(client, place.url, place.token, { answer: async () => "accept", ...manner });
      peers.push(peer);
      return peer;
    },
  };
  try {
    const instead = feature.absent?.(client, upstream) === undefined ? undefined : feature.instead;
    await (instead ?? feature.works)(cell);
  } finally {
    await Promise.allSettled(peers.map((peer) => peer.close()));
  }
}

/** How a cell is called: what is absent is said. */
function title(feature: Feature, client: Revision, upstream: Revision): string {
  const absent = feature.absent?.(client, upstream);
  return `${client} client, ${upstream} upstream${absent === undefined ? "" : ` (${absent})`}`;
}

describe("straight at the upstream", () => {
  describe.each(features)("$name", (feature) => {
    for (const revision of REVISIONS) {
      test.concurrent(title(feature, revision, revision), async () => {
        await run(feature, revision, revision, { url: upstreams.get(revision)?.url ?? "" }, true);
      });
    }
  });
});

describe("through the gateway", () => {
  const table = new Table();
  let gateway: Gateway;
  const servers = new Map<Revision, string>();

  beforeAll(async () => {
    gateway = await startGateway();
    for (const [revision, { url }] of upstreams)
      servers.set(revision, (await gateway.bundle(`upstream ${revision}`, url, {}, { autoApprove: true })).url);
  });
  afterAll(async () => {
    await gateway?.dispose();
    console.log(table.text(features.map(({ name }) => name)));
  });

  const place = async (client: Revision, upstream: Revision): Promise<Place> => {
    const url = servers.get(upstream) ?? "";
    return { url: client === "2024-11-05" ? url.replace(/\/mcp$/, "/sse") : url, token: await gateway.token() };
  };

  describe.each(features)("$name", (feature) => {
    for (const client of REVISIONS) {
      for (const upstream of REVISIONS) {
        test.concurrent(title(feature, client, upstream), async () => {
          table.enter(feature.name, client, upstream, "failed");
          await run(feature, client, upstream, await place(client, upstream), false);
          const absent = feature.absent?.(client, upstream) !== undefined;
          table.enter(feature.name, client, upstream, absent ? "absent" : "works");
        });
      }
    }
  });
});
