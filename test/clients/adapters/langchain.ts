// @langchain/mcp-adapters: the tools it makes for an agent, invoked as the agent would.
import { MultiServerMCPClient } from "@langchain/mcp-adapters";
import { type Arguments, type Client, SESSION, textIn } from "../client.ts";

export const langchain: Client = {
  name: "LangChain",
  revision: SESSION,
  connect: async ({ url, token }) => {
    const headers = { Authorization: `Bearer ${token}` };
    const steps: number[] = [];
    const client = new MultiServerMCPClient({
      mcpServers: { gateway: { transport: "http", url, headers } },
      onProgress: ({ progress }) => void steps.push(progress),
    });
    const call = async (name: string, args: Arguments): Promise<string> => {
      const tool = (await client.getTools()).find((one) => one.name === name);
      const answer = await tool?.invoke(args);
      return typeof answer === "string" ? answer : textIn([answer].flat());
    };
    return {
      tools: async () => (await client.getTools()).map(({ name }) => name),
      call,
      resources: async () =>
        Object.values(await client.listResources("gateway"))
          .flat()
          .map(({ uri }) => uri),
      read: async (uri) => textIn(await client.readResource("gateway", uri)),
      progress: async (name, args) => {
        steps.length = 0;
        await call(name, args);
        return steps;
      },
      close: () => client.close(),
    };
  },
};
