// A server of 2024-11-05: HTTP+SSE, one stream per client, messages by POST. It has an echo and a slow tool.
// It negotiates no later revision, whatever the client offers; standalone: node test/fakes/mcp-sse.ts --port 19103

import { setTimeout as pause } from "node:timers/promises";
import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { SSEServerTransport } from "@modelcontextprotocol/sdk/server/sse.js";
import {
  CallToolRequestSchema,
  ErrorCode,
  InitializeRequestSchema,
  ListToolsRequestSchema,
  McpError,
  type Tool,
} from "@modelcontextprotocol/sdk/types.js";
import { answering, type Listening, listen, type Running, standalone } from "./http.ts";

const TOOLS: Tool[] = [
  {
    name: "echo",
    description: "Repeats a message",
    inputSchema: { type: "object", properties: { message: { type: "string" } }, required: ["message"] },
  },
  {
    name: "slow",
    description: "Takes its steps one by one and reports each as progress",
    inputSchema: {
      type: "object",
      properties: { steps: { type: "integer", default: 3 }, pauseMs: { type: "integer", default: 20 } },
    },
  },
];

/** Starts the server; its URL ends in /sse. */
export async function startSseServer(listening: Listening = {}): Promise<Running> {
  const transports = new Map<string, SSEServerTransport>();
  const route = answering(async (incoming, outgoing) => {
    const { pathname, searchParams } = new URL(incoming.url ?? "/", "http://127.0.0.1");
    if (incoming.method === "GET" && pathname === "/sse") {
      const transport = new SSEServerTransport("/message", outgoing);
      transports.set(transport.sessionId, transport);
      outgoing.once("close", () => transports.delete(transport.sessionId));
      await server().connect(transport);
    } else if (incoming.method === "POST" && pathname === "/message") {
      const transport = transports.get(searchParams.get("sessionId") ?? "");
      if (transport === undefined) outgoing.writeHead(404).end("Session not found");
      else await transport.handlePostMessage(incoming, outgoing);
    } else {
      outgoing.writeHead(404).end();
    }
  });
  return listen(route, "/sse", listening);
}

/** The server of one stream. */
function server(): Server {
  const serverInfo = { name: "sse-server", version: "1.0.0" };
  const mcp = new Server(serverInfo, { capabilities: { tools: {} } });
  mcp.setRequestHandler(InitializeRequestSchema, () => ({
    protocolVersion: "2024-11-05",
    capabilities: { tools: {} },
    serverInfo,
  }));
  mcp.setRequestHandler(ListToolsRequestSchema, () => ({ tools: TOOLS }));
  mcp.setRequestHandler(CallToolRequestSchema, async ({ params }, extra) => {
    const { message, steps = 3, pauseMs = 20 } = params.arguments ?? {};
    if (params.name === "echo") return { content: [{ type: "text", text: String(message) }] };
    if (params.name !== "slow") throw new McpError(ErrorCode.InvalidParams, `No tool ${params.name}`);
    const total = Number(steps);
    for (let progress = 1; progress <= total; progress++) {
      const progressToken = params._meta?.progressToken;
      if (progressToken !== undefined) {
        await extra.sendNotification({ method: "notifications/progress", params: { progressToken, progress, total } });
      }
      await pause(Number(pauseMs), undefined, { signal: extra.signal });
    }
    return { content: [{ type: "text", text: `Took ${total} steps.` }] };
  });
  return mcp;
}

if (import.meta.main) await standalone(startSseServer);
