// Somebody who calls tools through the gateway and counts along, for the pages that tell of calls.
import type { Page } from "playwright-core";
import type { Me } from "../../src/schemas/users.ts";
import type { Scripted } from "../fakes/scripted.ts";
import type { Gateway } from "../harness.ts";
import { modern } from "../wire.ts";
import { bundleOf, register, startTools } from "./upstreams.ts";

/** A virtual server with the tools `reads`, `breaks` (which fails always) and `rests` (which nobody calls). */
export interface Driven {
  readonly upstream: Scripted;
  readonly upstreamId: string;
  readonly serverId: string;
  readonly tools: Record<string, string>;
  /** Calls a tool so many times. */
  call(tool: string, times: number): Promise<void>;
}

/** Sets it all up on a gateway. */
export async function startDriven(gateway: Gateway): Promise<Driven> {
  const upstream = await startTools([{ name: "reads" }, { name: "breaks" }, { name: "rests" }], {
    call: ({ message }) => ({
      content: [{ type: "text", text: "said" }],
      isError: message?.params?.name === "breaks",
    }),
  });
  const { id, tools } = await register(gateway, "Driven", upstream);
  const serverId = await bundleOf(gateway, "Road works", Object.values(tools));
  const authorization = `Bearer ${await gateway.token()}`;
  return {
    upstream,
    upstreamId: id,
    serverId,
    tools,
    call: async (tool, times) => {
      for (let done = 0; done < times; done++) {
        const { headers, body } = modern(done, "tools/call", { name: tool, arguments: {} });
        const url = `${gateway.url}/servers/${serverId}/mcp`;
        const answer = await fetch(url, { method: "POST", headers: { ...headers, authorization }, body });
        await answer.text();
        if (answer.status !== 200) throw new Error(`calling ${tool} answered ${answer.status}`);
      }
    },
  };
}

/** The page is told that who is signed in may not see metrics, which every built-in role of people may. */
export const withoutMetrics = (page: Page): Promise<unknown> =>
  page.route("**/auth/session", async (route) => {
    const response = await route.fetch();
    const me = (await response.json()) as Me;
    const permissions = ["gateways.read", "servers.read", "tools.read", "tokens.read", "audit.read"];
    await route.fulfill({ response, json: { ...me, permissions } });
  });
