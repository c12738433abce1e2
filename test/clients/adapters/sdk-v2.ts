// @modelcontextprotocol/client, the SDK of both eras, in each way it can negotiate.
import {
  Client as SdkClient,
  StreamableHTTPClientTransport,
  type VersionNegotiationMode,
} from "@modelcontextprotocol/client";
import { type Client, MODERN, SESSION, textIn } from "../client.ts";

const sdkV2 = (label: string, mode: VersionNegotiationMode, revision: string): Client => ({
  name: `SDK v2 ${label}`,
  revision,
  connect: async ({ url, token }) => {
    const client = new SdkClient({ name: "sdk-v2", version: "1.0.0" }, { versionNegotiation: { mode } });
    const requestInit = { headers: { authorization: `Bearer ${token}` } };
    await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit }));
    return {
      tools: async () => (await client.listTools()).tools.map(({ name }) => name),
      call: async (name, args) => textIn((await client.callTool({ name, arguments: args })).content),
      resources: async () => (await client.listResources()).resources.map(({ uri }) => uri),
      read: async (uri) => textIn((await client.readResource({ uri })).contents),
      prompts: async () => (await client.listPrompts()).prompts.map(({ name }) => name),
      prompt: async (name, args) =>
        textIn((await client.getPrompt({ name, arguments: args })).messages.map(({ content }) => content)),
      progress: async (name, args) => {
        const steps: number[] = [];
        await client.callTool({ name, arguments: args }, { onprogress: ({ progress }) => steps.push(progress) });
        return steps;
      },
      close: () => client.close(),
    };
  },
});

export const sdkV2Legacy = sdkV2("legacy", "legacy", SESSION);
export const sdkV2Auto = sdkV2("auto", "auto", MODERN);
export const sdkV2Pinned = sdkV2("pinned", { pin: MODERN }, MODERN);
