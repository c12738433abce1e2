// A fast MCP server to put behind the Workers under test: stateless 2026-07-28 and the 2025 revisions without sessions
// on one port, about 13 microseconds of CPU a call. The path says what it offers:
//   /mcp  ten tools     /tools/<n>/mcp  n tools     /delay/<ms>/mcp  ten tools, each call answered that much later
// `node test/bench/upstream.ts` prints {"url": …, "pid": …} and lives until its standard input ends.
import net from "node:net";
import { MODERN } from "./client.ts";
import { type Message, MessageReader } from "./http1.ts";

const LEGACY = ["2025-11-25", "2025-06-18", "2025-03-26"];
const DEFAULT_TOOLS = 10;
const MAX_RESULT_BYTES = 1 << 20;
const SERVER_INFO = { name: "bench-upstream", version: "1.0.0" };

type Request = { id?: string | number; method: string; params?: Params };
type Params = {
  _meta?: Record<string, unknown>;
  name?: string;
  protocolVersion?: string;
  arguments?: { message?: unknown; bytes?: unknown };
};

const catalogs = new Map<number, Buffer>();
const paddings = new Map<number, Buffer>();

/** The JSON text of n tools, made once: a list costs no encoding a request. */
function catalog(n: number): Buffer {
  const known = catalogs.get(n);
  if (known) return known;
  const message = { type: "string", description: "Text to return" };
  const bytes = { type: "integer", minimum: 0, description: "Letters to add to the text" };
  const inputSchema = { type: "object", properties: { message, bytes }, required: ["message"] };
  const tools = Array.from({ length: n }, (_, i) => ({
    name: i === 0 ? "echo" : `tool_${String(i).padStart(5, "0")}`,
    description: i === 0 ? "Returns the message it was given." : `Filler tool number ${i}; returns its message.`,
    inputSchema,
  }));
  const text = Buffer.from(JSON.stringify(tools));
  catalogs.set(n, text);
  return text;
}

function padding(bytes: number): Buffer {
  const known = paddings.get(bytes);
  if (known) return known;
  const made = Buffer.alloc(Math.min(bytes, MAX_RESULT_BYTES), "x");
  paddings.set(bytes, made);
  return made;
}

/** A body is `before`, ready-made bytes, `after`: the bytes are never copied into a string. */
type Answer = { status: string; before: string; ready?: Buffer; after?: string; delayMs?: number };

const empty = (status: string): Answer => ({ status, before: "" });
const refusal = (status: string, id: unknown, code: number, message: string): Answer => ({
  status,
  before: JSON.stringify({ jsonrpc: "2.0", id, error: { code, message } }),
});

function respond({ start, headers, body }: Message): Answer {
  const [verb, path = ""] = start.split(" ");
  const offer = /^(?:\/tools\/(\d+)|\/delay\/(\d+))?\/mcp$/.exec(path);
  if (!offer) return empty("404 Not Found");
  if (verb === "DELETE") return empty("200 OK");
  if (verb !== "POST") return empty("405 Method Not Allowed");
  const { id, method, params } = JSON.parse(body.toString()) as Request;
  if (id === undefined) return empty("202 Accepted");
  const version = params?._meta?.["io.modelcontextprotocol/protocolVersion"];
  const modern = version !== undefined && method !== "initialize";
  if (modern) {
    const named = method !== "tools/call" || headers["mcp-name"] === params?.name;
    if (version !== MODERN) return refusal("400 Bad Request", id, -32022, "Unsupported protocol version");
    if (headers["mcp-protocol-version"] !== version || headers["mcp-method"] !== method || !named)
      return refusal("400 Bad Request", id, -32020, "Header mismatch");
  }
  const open = `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":`;
  const begin = modern ? `${open}{"resultType":"complete",` : `${open}{`;
  const whole = (result: object): Answer => ({ status: "200 OK", before: `${open}${JSON.stringify(result)}}` });
  switch (method) {
    case "tools/call": {
      if (!/^(echo|tool_\d{5})$/.test(params?.name ?? "")) return refusal("200 OK", id, -32602, "Unknown tool");
      const text = JSON.stringify(String(params?.arguments?.message ?? ""));
      const bytes = Number(params?.arguments?.bytes ?? 0);
      const before = `${begin}"content":[{"type":"text","text":${text.slice(0, -1)}`;
      const ready = bytes > 0 ? padding(bytes) : undefined;
      return { status: "200 OK", before, ready, after: '"}],"isError":false}}', delayMs: Number(offer[2] ?? 0) };
    }
    case "tools/list": {
      const after = modern ? ',"ttlMs":60000,"cacheScope":"public"}}' : "}}";
      return { status: "200 OK", before: `${begin}"tools":`, ready: catalog(Number(offer[1] ?? DEFAULT_TOOLS)), after };
    }
    case "initialize": {
      const protocolVersion = LEGACY.find((known) => known === params?.protocolVersion) ?? LEGACY[0];
      return whole({ protocolVersion, capabilities: { tools: { listChanged: false } }, serverInfo: SERVER_INFO });
    }
    case "server/discover":
      return whole({
        resultType: "complete",
        supportedVersions: [MODERN],
        capabilities: { tools: {} },
        _meta: { "io.modelcontextprotocol/serverInfo": SERVER_INFO },
        ttlMs: 3_600_000,
        cacheScope: "public",
      });
    case "ping":
      return whole({});
    default:
      return refusal(modern ? "404 Not Found" : "200 OK", id, -32601, "Method not found");
  }
}

function send(socket: net.Socket, { status, before, ready, after = "" }: Answer): void {
  const length = Buffer.byteLength(before) + (ready?.length ?? 0) + after.length;
  const head = `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n`;
  if (!ready) {
    socket.write(head + before + after);
    return;
  }
  socket.cork(); // one system call for the three
  socket.write(head + before);
  socket.write(ready);
  socket.write(after);
  socket.uncork();
}

function handle(socket: net.Socket, message: Message): void {
  const answer = respond(message);
  if (answer.delayMs) setTimeout(() => socket.writable && send(socket, answer), answer.delayMs);
  else send(socket, answer);
}

const server = net.createServer({ noDelay: true }, (socket) => {
  const reader = new MessageReader("request", (message) => handle(socket, message));
  socket.on("data", (data: Buffer) => {
    try {
      reader.push(data);
    } catch (error) {
      console.error(`upstream: ${error instanceof Error ? error.message : error}`);
      socket.destroy();
    }
  });
  socket.on("error", () => socket.destroy()); // the client went away
});
server.listen(0, "127.0.0.1", () => {
  const { port } = server.address() as net.AddressInfo;
  console.log(JSON.stringify({ url: `http://127.0.0.1:${port}`, pid: process.pid }));
});
process.stdin.resume().once("end", () => process.exit(0));
