// @ai-sdk/mcp, the client of Vercel's AI SDK: tools are called through the tool set it would hand to a model.
import { createMCPClient } from "@ai-sdk/mcp";
import { type Client, MODERN, textIn } from "../client.ts";

export const aiSdk: Client = {
  name: "AI SDK",
  revision: MODERN,
  connect: async ({ url, token }) => {
    const client = await createMCPClient({
      transport: { type: "http", url, headers: { Authorization: `Bearer ${token}` } },
    });
    return {
      tools: async () => Object.keys(await client.tools()),
      call: async (name, args) => {
        const tool = (await client.tools())[name];
        const result = await tool?.execute(args, { toolCallId: "1", messages: [], context: {} });
        return textIn((result as { content: { text?: string }[] }).content);
      },
      resources: async () => (await client.listResources()).resources.map(({ uri }) => uri),
      read: async (uri) => textIn((await client.readResource({ uri })).contents),
      prompts: async () => (await client.listPrompts()).prompts.map(({ name }) => name),
      prompt: async (name, args) =>
        textIn((await client.getPrompt({ name, arguments: args })).messages.map(({ content }) => content)),
      close: () => client.close(),
    };
  },
};
