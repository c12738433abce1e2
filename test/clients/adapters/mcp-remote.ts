// mcp-remote, the stdio bridge that clients without HTTP are told to use; driven over stdio by an SDK client.
import { Client as SdkClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { type Client, MODERN, SESSION } from "../client.ts";
import { environment, fileOf } from "../programs.ts";
import { overSdk } from "./sdk-v1.ts";

const mcpRemote = (protocol: "legacy" | "auto", revision: string): Client => ({
  name: `mcp-remote ${protocol}`,
  revision,
  connect: async ({ url, token, home }) => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: mcp-remote puts the variable in
    const flags = ["--transport", "http-only", "--protocol", protocol, "--header", "Authorization:${AUTH}"];
    const client = new SdkClient({ name: "behind-mcp-remote", version: "1.0.0" });
    await client.connect(
      new StdioClientTransport({
        command: process.execPath,
        args: [fileOf("mcp-remote", "dist/proxy.js"), url, ...flags],
        cwd: home,
        env: environment(home, { AUTH: `Bearer ${token}` }),
        stderr: "ignore",
      }),
    );
    return overSdk(client);
  },
});

export const mcpRemoteLegacy = mcpRemote("legacy", SESSION);
export const mcpRemoteAuto = mcpRemote("auto", MODERN);
