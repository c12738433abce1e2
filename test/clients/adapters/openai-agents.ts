// @openai/agents: the MCP server object that an agent is given.
import { MCPServerStreamableHttp } from "@openai/agents";
import { type Client, MODERN, textIn } from "../client.ts";

export const openaiAgents: Client = {
  name: "OpenAI Agents",
  revision: MODERN,
  connect: async ({ url, token }) => {
    const requestInit = { headers: { Authorization: `Bearer ${token}` } };
    const server = new MCPServerStreamableHttp({ url, name: "gateway", requestInit });
    await server.connect();
    return {
      tools: async () => (await server.listTools()).map(({ name }) => name),
      call: async (name, args) => textIn(await server.callTool(name, args)),
      resources: async () => (await server.listResources()).resources.map(({ uri }) => uri),
      read: async (uri) => textIn((await server.readResource(uri)).contents),
      close: () => server.close(),
    };
  },
};
