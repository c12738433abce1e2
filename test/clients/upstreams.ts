// The servers behind the gateway, as declarations: how each starts, how many tools it has for a client that declares no
// capabilities, and what it answers when asked.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startModernEverything } from "../fakes/everything/modern.ts";
import type { Running } from "../fakes/http.ts";
import type { Arguments } from "./client.ts";
import { fileOf, startServer } from "./programs.ts";

/** Questions and the answers they must get. `says` is a part of the text that comes back. */
export interface Offer {
  readonly call: { readonly tool: string; readonly args: Arguments; readonly says: string };
  readonly resource?: { readonly uri: string; readonly says: string };
  readonly prompt?: { readonly name: string; readonly args: Readonly<Record<string, string>>; readonly says: string };
  readonly progress?: { readonly tool: string; readonly args: Arguments; readonly steps: readonly number[] };
}

export interface Upstream {
  readonly name: string;
  readonly tools: number;
  readonly offer: Offer;
  /** Starts it; `home` is its working directory. */
  start(home: string): Promise<Running>;
}

const EVERYTHING = fileOf("@modelcontextprotocol/server-everything", "dist/index.js");
const FILESYSTEM = fileOf("@modelcontextprotocol/server-filesystem", "dist/index.js");
const MCP_PROXY = fileOf("mcp-proxy", "dist/bin/mcp-proxy.mjs");

const everything: Offer = {
  call: { tool: "get-sum", args: { a: 2, b: 40 }, says: "The sum of 2 and 40 is 42." },
  resource: { uri: "demo://resource/static/document/architecture.md", says: "# Everything Server" },
  prompt: { name: "args-prompt", args: { city: "Oslo" }, says: "What's weather in Oslo?" },
  progress: { tool: "trigger-long-running-operation", args: { duration: 0.1, steps: 3 }, steps: [1, 2, 3] },
};

export const upstreams: readonly Upstream[] = [
  {
    name: "everything, HTTP",
    tools: 13,
    offer: everything,
    start: (home) => startServer(home, "/mcp", EVERYTHING, ["streamableHttp"]),
  },
  {
    name: "everything, SSE",
    tools: 13,
    offer: everything,
    start: (home) => startServer(home, "/sse", EVERYTHING, ["sse"]),
  },
  {
    name: "filesystem, mcp-proxy",
    tools: 14,
    offer: { call: { tool: "read_text_file", args: { path: "hello.txt" }, says: "Hello from a file." } },
    start: async (home) => {
      await writeFile(join(home, "hello.txt"), "Hello from a file.");
      return await startServer(home, "/mcp", MCP_PROXY, ["--port", "0", "--", process.execPath, FILESYSTEM, home]);
    },
  },
  {
    name: "modern only",
    tools: 30,
    offer: {
      call: { tool: "test_structured_content", args: { a: 2, b: 40 }, says: '{"sum":42}' },
      resource: { uri: "test://static-text", says: "This is the content of the static text resource." },
      prompt: {
        name: "test_prompt_with_arguments",
        args: { arg1: "one", arg2: "two" },
        says: "arg1='one', arg2='two'",
      },
      progress: { tool: "test_tool_with_progress", args: {}, steps: [0, 50, 100] },
    },
    start: () => startModernEverything(),
  },
];
