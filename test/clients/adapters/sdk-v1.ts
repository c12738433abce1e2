// @modelcontextprotocol/sdk, the SDK of the session era that most clients are built on.
import { Client as SdkClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { type CallToolResult, ProgressNotificationSchema } from "@modelcontextprotocol/sdk/types.js";
import { type Client, type Connection, SESSION, textIn } from "../client.ts";

/** What any client built on this SDK can do. */
export function overSdk(client: SdkClient): Connection {
  return {
    tools: async () => (await client.listTools()).tools.map(({ name }) => name),
    call: async (name, args) => textIn(((await client.callTool({ name, arguments: args })) as CallToolResult).content),
    resources: async () => (await client.listResources()).resources.map(({ uri }) => uri),
    read: async (uri) => textIn((await client.readResource({ uri })).contents),
    prompts: async () => (await client.listPrompts()).prompts.map(({ name }) => name),
    prompt: async (name, args) =>
      textIn((await client.getPrompt({ name, arguments: args })).messages.map(({ content }) => content)),
    // Not by `onprogress`: this SDK forgets it when an answer comes in the same chunk as the last step.
    progress: async (name, args) => {
      const steps: number[] = [];
      client.setNotificationHandler(ProgressNotificationSchema, ({ params }) => void steps.push(params.progress));
      await client.callTool({ name, arguments: args, _meta: { progressToken: "steps" } });
      return steps;
    },
    close: () => client.close(),
  };
}

export const sdkV1: Client = {
  name: "SDK v1",
  revision: SESSION,
  connect: async ({ url, token }) => {
    const client = new SdkClient({ name: "sdk-v1", version: "1.0.0" });
    const requestInit = { headers: { authorization: `Bearer ${token}` } };
    await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit }));
    return overSdk(client);
  },
};
