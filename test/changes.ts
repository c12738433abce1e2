// Upstreams that change their tools, as tests see the gateway take it: what waits, what is decided, what clients are shown.
import { expect, onTestFinished } from "vitest";
import { type Changing, startChanging } from "./fakes/changing.ts";
import type { Gateway } from "./harness.ts";
import { callerOf } from "./wire.ts";

export type Row = Record<string, unknown>;
export interface Change extends Row {
  readonly toolId: string;
  readonly hash: string;
  readonly diff: { path: string; before?: unknown; after?: unknown }[];
}

/** An upstream in the catalog, in a virtual server with all its tools. */
export interface Placed {
  readonly upstream: Changing;
  readonly name: string;
  readonly url: string;
  readonly serverId: string;
  readonly gatewayId: string;
}

let count = 0;

/** What tests do with changes at a gateway. */
export function changesAt(gateway: () => Gateway) {
  const api = (...asked: Parameters<Gateway["api"]>) => gateway().api<Row>(...asked);

  /** Adds an upstream, which is gone with the test. */
  async function place(tools?: Row[], more: { server?: Row; upstream?: Row } = {}): Promise<Placed> {
    const upstream = await startChanging("modern", tools);
    const name = `changing-${++count}`;
    const bundle = await gateway().bundle(name, upstream.url, more.server, more.upstream);
    onTestFinished(async () => {
      await api("DELETE", `/gateways/${bundle.gatewayId}`);
      await api("DELETE", `/servers/${bundle.serverId}`);
      await upstream.close();
    });
    return { upstream, name, ...bundle };
  }

  async function refresh({ gatewayId }: Placed): Promise<Row> {
    const { status, body } = await api("POST", `/gateways/${gatewayId}/tools/refresh`);
    expect(status, JSON.stringify(body)).toBe(200);
    return body;
  }

  async function changes(query: string): Promise<Change[]> {
    const { status, body } = await api("GET", `/changes?${query}`);
    expect(status, JSON.stringify(body)).toBe(200);
    return body.changes as Change[];
  }

  const decide = (word: "approve" | "reject", { toolId, hash }: Pick<Change, "toolId" | "hash">) =>
    api("POST", `/changes/${toolId}/${word}`, { hash });

  /** Answers of an MCP client at a URL. */
  async function ask(url: string, method: string, params?: Row) {
    const call = await callerOf("modern", url, await gateway().token());
    return (await call(1, method, params)).answer;
  }
  const shown = async (url: string): Promise<Row[]> => (await ask(url, "tools/list"))?.result?.tools as Row[];

  return {
    ...{ api, place, refresh, changes, decide, ask, shown },
    /** Puts another tool in the place of one, and has the gateway look. */
    redefine(at: Placed, name: string, tool: Row) {
      at.upstream.replace(name, tool);
      return refresh(at);
    },
    pending: ({ gatewayId }: Placed): Promise<Change[]> => changes(`gateway_id=${gatewayId}`),
    async approve(change: Pick<Change, "toolId" | "hash"> | undefined): Promise<void> {
      if (!change) throw new Error("nothing waits for approval");
      const { status, body } = await decide("approve", change);
      expect(status, JSON.stringify(body)).toBe(200);
    },
    names: async (url: string): Promise<unknown[]> => (await shown(url)).map(({ name }) => name),
    /** What a call comes to: its text, or its error. */
    async call(url: string, name: string): Promise<unknown> {
      const answer = await ask(url, "tools/call", { name, arguments: {} });
      return answer?.error?.message ?? answer?.result?.content;
    },
  };
}
