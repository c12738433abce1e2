// A server on the official SDK that asks its client as many do, by the server object: on the stream of the session, not on
// that of the call (2025-11-25 basic/transports). Where nobody holds that stream its questions are lost.
import { randomUUID } from "node:crypto";
import { EventEmitter, once } from "node:events";
import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { WebStandardStreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js";
import { CallToolRequestSchema, ListToolsRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import { type Listening, listen, type Running, webListener } from "./http.ts";

interface Elsewhere extends Running {
  /** Resolves when so many streams were opened. */
  listens(count: number): Promise<void>;
}

const SCHEMA = { type: "object", properties: { name: { type: "string" } } } as const;
const MESSAGES = [{ role: "user", content: { type: "text", text: "Hm?" } }] as const;
const tools = ["elsewhere", "quick"].map((name) => ({ name, inputSchema: { type: "object" as const } }));

function speaker(): Server {
  const server = new Server({ name: "elsewhere", version: "1" }, { capabilities: { tools: {} } });
  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools }));
  server.setRequestHandler(CallToolRequestSchema, async ({ params }) => {
    if (params.name === "quick") return { content: [{ type: "text", text: "quick" }] };
    const { content } = await server.elicitInput({ message: "Who?", requestedSchema: SCHEMA });
    const sample = await server.createMessage({ messages: [...MESSAGES], maxTokens: 10 });
    return { content: [{ type: "text", text: JSON.stringify([content, sample.content]) }] };
  });
  return server;
}

/** Starts the server; its URL ends in /mcp. */
export async function startElsewhere(listening: Listening = {}): Promise<Elsewhere> {
  const sessions = new Map<string, WebStandardStreamableHTTPServerTransport>();
  const news = new EventEmitter();
  let streams = 0;
  const handle = async (request: Request): Promise<Response> => {
    const known = sessions.get(request.headers.get("mcp-session-id") ?? "");
    if (known) {
      const response = await known.handleRequest(request);
      if (request.method === "GET" && response.ok) {
        streams++;
        news.emit("news");
      }
      return response;
    }
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => void sessions.set(id, transport),
    });
    await speaker().connect(transport);
    return await transport.handleRequest(request);
  };
  const listens = async (count: number): Promise<void> => {
    while (streams < count) await once(news, "news");
  };
  return { ...(await listen(webListener(handle), "/mcp", listening)), listens };
}
