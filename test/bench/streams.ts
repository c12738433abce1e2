// `npm run bench -- --streams`: many held streams on one isolate. First idle ones, told once a minute that a list changed,
// beside as many of a Worker that only keeps them alive; then ones that are addressed each by itself. Every message is
// counted. Memory is what the runtime's resident memory grew by after some streams had warmed it up.
import { setTimeout as sleep } from "node:timers/promises";
import { gather, type Listener, openListener } from "../crowd.ts";
import * as scenes from "../scenes.ts";
import { type Child, startChild } from "./children.ts";
import type { HostReady } from "./host.ts";
import { cpuSeconds, residentBytes } from "./proc.ts";
import { seedGateway } from "./seed.ts";
import { buildGateway, startBaseline, startGateway } from "./sides.ts";

const WARM_UP = 50;
/** An object that has nothing to do is put to sleep after 10 s. */
const SETTLES_WITHIN_MS = 15_000;
/** Addressed sessions come so many a second: an object takes most memory before it first sleeps, and they share the process. */
const COMING_PER_SECOND = 25;
/** Until then what was told has to be heard. */
const PATIENCE_MS = 30_000;
const MINUTE_MS = 60_000;

/** `upstream`: the era of fakes/addressing.ts, or the sample that never tells anything. */
type Kind = { name: string; scene: scenes.Scene; upstream: "session" | "modern" | "sample" };
const IDLE: Kind[] = [
  { name: "GET, idle", scene: scenes.getStreams, upstream: "sample" },
  { name: "listen, idle", scene: scenes.listenStreams, upstream: "sample" },
];
const ADDRESSED: Kind[] = [
  { name: "GET, own session upstream", scene: scenes.ownUpstreamStreams, upstream: "session" },
  { name: "GET, own subscription", scene: scenes.ownSubscriptions, upstream: "modern" },
  { name: "HTTP+SSE, own answer", scene: scenes.sseConnections, upstream: "modern" },
];
/** Times the baseline's memory. Locally the objects share the process. */
const MOST = { idle: 1.5, addressed: 5 };

/** Streams that are held at one Worker. */
type Held<Member> = {
  members: Member[];
  /** KB each of them takes by now. */
  memory(): number;
  cpu(): number;
  end(): Promise<void>;
};
type Crowd = Held<scenes.Member> & Kind & { place: scenes.Place; opened: number };

/** Holds `count` streams of each kind. Exit code: 0, or 2 when anything was lost, doubled, strayed or dropped. */
export async function holdStreams(count: number, minutes: number): Promise<number> {
  buildGateway();
  const upstream = await startChild<{ url: string }>("addressing.ts");
  let wrong = 0;
  try {
    const floor = await idle(upstream.ready.url, count, minutes, (found) => (wrong += found));
    for (const kind of ADDRESSED) wrong += await addressed(kind, upstream.ready.url, count, floor);
  } finally {
    await upstream.stop();
  }
  return wrong > 0 ? 2 : 0;
}

/** Idle streams and the baseline's, held at the same time. Gives the baseline's memory. */
async function idle(upstream: string, count: number, minutes: number, onWrong: (n: number) => void): Promise<number> {
  const baseline = await holdBaseline(count);
  const crowds: Crowd[] = [];
  try {
    for (const kind of IDLE) crowds.push(await holdCrowd(kind, upstream, count));
    const [cpu, before] = [crowds.map((crowd) => crowd.cpu()), baseline.cpu()];
    const latest = crowds.map(() => 0);
    for (let minute = 1; minute <= minutes; minute++) {
      const next = sleep(MINUTE_MS);
      for (const [at, crowd] of crowds.entries()) latest[at] = Math.max(latest[at] ?? 0, await tell(crowd, minute));
      await next;
    }
    const each = (seconds: number) => `${Math.round((seconds * 1e6) / count / minutes)} us`;
    console.log(
      `baseline: ${baseline.memory().toFixed(1)} KB a stream, CPU a stream and minute ${each(baseline.cpu() - before)}`,
    );
    for (const [at, crowd] of crowds.entries()) {
      onWrong(report(crowd, minutes, latest[at] ?? 0, baseline.memory(), MOST.idle));
      console.log(`  CPU a stream and minute ${each(crowd.cpu() - (cpu[at] ?? 0))}`);
    }
    return baseline.memory();
  } finally {
    await Promise.all([baseline, ...crowds].map((held) => held.end()));
  }
}

async function addressed(kind: Kind, upstream: string, count: number, floor: number): Promise<number> {
  const crowd = await holdCrowd(kind, upstream, count, COMING_PER_SECOND);
  try {
    const latest = await tell(crowd, 1);
    await sleep(SETTLES_WITHIN_MS);
    return report(crowd, 1, latest, floor, MOST.addressed);
  } finally {
    await crowd.end();
  }
}

/** Tells a crowd for the `times`th time; gives the milliseconds from when all was said until the last has heard it. */
async function tell({ scene, place, members }: Crowd, times: number): Promise<number> {
  await scene.tell(place, members, COMING_PER_SECOND);
  const said = performance.now();
  await Promise.race([scenes.allHeard(scene, members, times), sleep(PATIENCE_MS)]);
  return performance.now() - said;
}

/** Prints how a crowd fared; gives how much went wrong. */
function report(crowd: Crowd, times: number, latest: number, floor: number, most: number): number {
  const { lost, doubled, strayed, dropped } = scenes.tally(crowd.scene, crowd.members, times);
  const [opened, now] = [crowd.opened / floor, crowd.memory() / floor];
  console.log(
    `${crowd.name}: ${crowd.members.length} streams, told ${times} times: ${lost} lost, ${doubled} doubled, ${strayed} to ` +
      `another, ${dropped} dropped; the last heard ${Math.round(latest)} ms after\n  ${crowd.memory().toFixed(1)} KB a ` +
      `stream, ${now.toFixed(2)} x baseline (${opened.toFixed(2)} x when opened): ${now <= most ? "holds" : "MISSES"}: <= ${most}`,
  );
  return lost + doubled + strayed + dropped;
}

async function holdBaseline(count: number): Promise<Held<Listener>> {
  const { host, headers } = await startBaseline("streams.mjs", "");
  return await hold(
    host,
    count,
    () => openListener(host.ready.url, headers),
    (listener) => listener,
  );
}

async function holdCrowd(kind: Kind, upstream: string, count: number, perSecond?: number): Promise<Crowd> {
  const { host, secret } = await startGateway();
  const mcpUrl = kind.upstream === "sample" ? "builtin:sample" : `${upstream}/${kind.upstream}/mcp`;
  const place = await placeAt(host.ready.url, secret, mcpUrl, upstream);
  const held = await hold(
    host,
    count,
    (n) => kind.scene.open(place, n),
    ({ listener }) => listener,
    perSecond,
  );
  await kind.scene.ready?.(place, held.members);
  return { ...kind, ...held, place, opened: held.memory() };
}

/** Opens streams; what memory they take is counted from when the first of them have warmed the runtime up. */
async function hold<Member>(
  host: Child<HostReady>,
  count: number,
  open: (n: number) => Promise<Member>,
  listenerOf: (member: Member) => Listener,
  perSecond?: number,
): Promise<Held<Member>> {
  const { workerdPid } = host.ready;
  const first = await gather(WARM_UP, open);
  await sleep(SETTLES_WITHIN_MS);
  const before = residentBytes(workerdPid);
  const members = [...first, ...(await gather(count, (n) => open(WARM_UP + n), perSecond))];
  await sleep(SETTLES_WITHIN_MS);
  return {
    members,
    memory: () => (residentBytes(workerdPid) - before) / 1024 / count,
    cpu: () => cpuSeconds(workerdPid),
    async end() {
      for (const member of members) listenerOf(member).leave();
      await host.stop();
    },
  };
}

/** A virtual server of one upstream's tools and resources at a fresh gateway. */
async function placeAt(url: string, secret: string, mcpUrl: string, upstream: string): Promise<scenes.Place> {
  const { token, mcp, api } = await seedGateway(url, secret, { it: { url: mcpUrl, transport: "auto" } });
  const server = new URL(mcp.it ?? "").pathname.replace(/\/mcp$/, "");
  const { associatedToolIds } = (await api("GET", server)) as { associatedToolIds: string[] };
  let whole = true;
  return {
    url: mcp.it ?? "",
    bearer: { authorization: `Bearer ${token}` },
    upstream,
    async change() {
      whole = !whole;
      await api("PUT", server, { associatedTools: whole ? associatedToolIds : [] });
    },
  };
}
