// A closed-loop MCP client over one raw keep-alive socket, for load runs. Every answer is checked; only loopback
// addresses are reached. Knows the 2025 revisions (sessions) and 2026-07-28 (stateless).
import net from "node:net";
import { type Message, MessageReader } from "./http1.ts";

export const MODERN = "2026-07-28";
const LEGACY = "2025-06-18";
const CLIENT_INFO = { name: "bench", version: "1.0.0" };
/** Answers above this are parsed for the first three and each eighth, and compared byte by byte otherwise. */
const LARGE_BYTES = 65_536;

export type Era = "legacy" | "modern";
export type Target = { url: string; host: string; port: number; path: string; hostHeader: string; extra: string };
export type Tool = { name: string };
type RpcMessage = { id?: unknown; result?: Record<string, unknown>; error?: { code: number; message: string } };

/** An endpoint to load, with headers each request carries. Throws unless it is plain http on a loopback address. */
export function target(url: string, headers: Record<string, string> = {}): Target {
  const { protocol, hostname, port, pathname, search, host: hostHeader } = new URL(url);
  const host = hostname === "localhost" ? "127.0.0.1" : hostname.replace(/^\[|\]$/g, "");
  if (protocol !== "http:" || (host !== "::1" && !/^127\.\d+\.\d+\.\d+$/.test(host)))
    throw new Error(`refused: ${url} is not http on a loopback address`);
  const extra = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return { url, host, port: Number(port || 80), path: pathname + search, hostHeader, extra: extra.join("") };
}

class Connection {
  opened = 0;
  private readonly target: Target;
  private readonly timeoutMs: number;
  private socket: net.Socket | undefined;
  private waiting: { resolve: (m: Message) => void; reject: (e: Error) => void; timer: NodeJS.Timeout } | undefined;

  constructor(to: Target, timeoutMs: number) {
    this.target = to;
    this.timeoutMs = timeoutMs;
  }

  async send(verb: string, headers: string, body?: string): Promise<Message> {
    const socket = this.socket ?? (await this.open());
    const { promise, resolve, reject } = Promise.withResolvers<Message>();
    const timer = setTimeout(() => this.fail(new Error("timeout")), this.timeoutMs);
    this.waiting = { resolve, reject, timer };
    const length =
      body === undefined
        ? "content-length: 0\r\n"
        : `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n`;
    const { path, hostHeader, extra } = this.target;
    socket.write(
      `${verb} ${path} HTTP/1.1\r\nhost: ${hostHeader}\r\naccept: application/json, text/event-stream\r\n${length}${extra}${headers}\r\n${body ?? ""}`,
    );
    return promise;
  }

  close(): void {
    this.socket?.destroy();
    this.socket = undefined;
  }

  private open(): Promise<net.Socket> {
    const { promise, resolve, reject } = Promise.withResolvers<net.Socket>();
    const socket = net.connect({ host: this.target.host, port: this.target.port, noDelay: true });
    const reader = new MessageReader("response", (message) => this.settle(message));
    socket.once("connect", () => {
      this.opened++;
      this.socket = socket;
      resolve(socket);
    });
    socket.on("data", (data: Buffer) => {
      try {
        reader.push(data);
      } catch (error) {
        this.fail(error instanceof Error ? error : new Error(String(error)));
      }
    });
    socket.on("end", () => reader.end());
    socket.on("error", (error) => {
      reject(error);
      this.fail(error);
    });
    socket.on("close", () => {
      if (this.socket === socket) this.fail(new Error("connection closed"));
    });
    return promise;
  }

  private settle(message: Message): void {
    if (/close/i.test(message.headers.connection ?? "")) this.close();
    this.take()?.resolve(message);
  }

  private fail(error: Error): void {
    this.close();
    this.take()?.reject(error);
  }

  private take() {
    const waiting = this.waiting;
    this.waiting = undefined;
    clearTimeout(waiting?.timer);
    return waiting;
  }
}

let serial = 100_000; // ids of one length throughout a run

export class Client {
  private readonly connection: Connection;
  private session = "";
  private sessionId: string | undefined;
  private large = 0;
  private listBytes = 0;

  constructor(to: Target, timeoutMs = 30_000) {
    this.connection = new Connection(to, timeoutMs);
  }

  get opened(): number {
    return this.connection.opened;
  }

  close(): void {
    this.connection.close();
  }

  /** Opens a session of a 2025 revision; keeps the id if the server gives one. */
  async initialize(): Promise<void> {
    this.session = "";
    const params = { protocolVersion: LEGACY, capabilities: {}, clientInfo: CLIENT_INFO };
    const { message, id } = await this.post("initialize", params, "");
    const { protocolVersion, serverInfo } = resultOf(message, id, "initialize");
    if (!protocolVersion || !serverInfo) throw new Error("initialize: result lacks protocolVersion or serverInfo");
    this.sessionId = message.headers["mcp-session-id"];
    const idHeader = this.sessionId ? `mcp-session-id: ${this.sessionId}\r\n` : "";
    this.session = `${idHeader}mcp-protocol-version: ${protocolVersion}\r\n`;
    const noted = await this.connection.send(
      "POST",
      this.session,
      '{"jsonrpc":"2.0","method":"notifications/initialized"}',
    );
    if (status(noted) >= 300) throw new Error(`notifications/initialized: HTTP ${status(noted)}`);
  }

  async endSession(): Promise<void> {
    if (!this.sessionId) return;
    const ended = await this.connection.send("DELETE", this.session); // 200, 202, 204 and 405 are all allowed
    if (status(ended) >= 500) throw new Error(`DELETE: HTTP ${status(ended)}`);
    this.sessionId = undefined;
  }

  /** Calls the echo tool and checks that exactly `message`, followed by `bytes` letters x, comes back. */
  async call(era: Era, tool: string, message: string, bytes = 0): Promise<void> {
    const params = { name: tool, arguments: bytes > 0 ? { message, bytes } : { message } };
    const { message: answer, id } = await this.post(
      "tools/call",
      paramsFor(era, params),
      this.headersFor(era, "tools/call", tool),
    );
    const expected = bytes > 0 ? message + padding(bytes) : message;
    if (this.skipsParsing(answer)) return checkBytes(answer, id, expected);
    const result = resultOf(answer, id, "tools/call");
    const [first] = result.content as { type?: string; text?: string }[];
    if (result.isError || first?.type !== "text" || first.text !== expected)
      throw new Error(`wrong answer: wanted ${short(expected)}, got ${short(JSON.stringify(result))}`);
    if (era === "modern" && result.resultType !== "complete") throw new Error("modern result without resultType");
  }

  /** Reads the whole catalog, all pages. Throws when `expected` is above 0 and not the number of tools. */
  async list(era: Era, expected: number): Promise<Tool[]> {
    const tools: Tool[] = [];
    let cursor: unknown;
    do {
      const params = paramsFor(era, cursor === undefined ? {} : { cursor });
      const { message, id } = await this.post("tools/list", params, this.headersFor(era, "tools/list"));
      if (expected > 0 && message.body.length === this.listBytes && this.skipsParsing(message)) {
        checkId(message, id);
        return tools;
      }
      const result = resultOf(message, id, "tools/list");
      if (!Array.isArray(result.tools)) throw new Error("tools/list: no tools");
      tools.push(...(result.tools as Tool[]));
      cursor = result.nextCursor;
      if (tools.length === expected) this.listBytes = message.body.length; // only a right one is a measure for others
    } while (cursor !== undefined);
    if (expected > 0 && tools.length !== expected)
      throw new Error(`tools/list: ${tools.length} tools, ${expected} wanted`);
    return tools;
  }

  private async post(method: string, params: object, headers: string): Promise<{ message: Message; id: number }> {
    const id = serial++;
    const message = await this.connection.send("POST", headers, JSON.stringify({ jsonrpc: "2.0", id, method, params }));
    if (status(message) !== 200)
      throw new Error(`${method}: HTTP ${status(message)} ${short(message.body.toString())}`);
    return { message, id };
  }

  private headersFor(era: Era, method: string, name?: string): string {
    if (era === "legacy") return this.session;
    return `mcp-protocol-version: ${MODERN}\r\nmcp-method: ${method}\r\n${name ? `mcp-name: ${name}\r\n` : ""}`;
  }

  private skipsParsing({ body, headers }: Message): boolean {
    if (body.length <= LARGE_BYTES || isEventStream(headers)) return false;
    this.large++;
    return this.large > 3 && this.large % 8 !== 0;
  }
}

function paramsFor(era: Era, params: object): object {
  if (era === "legacy") return params;
  return {
    ...params,
    _meta: {
      "io.modelcontextprotocol/protocolVersion": MODERN,
      "io.modelcontextprotocol/clientInfo": CLIENT_INFO,
      "io.modelcontextprotocol/clientCapabilities": {},
    },
  };
}

/** The result of the JSON-RPC response with this id, from a JSON or an event-stream body. */
function resultOf({ body, headers }: Message, id: number, method: string): Record<string, unknown> {
  const texts = isEventStream(headers) ? eventData(body.toString()) : [body.toString()];
  const message = texts.map((text) => JSON.parse(text) as RpcMessage).find((candidate) => candidate.id === id);
  if (!message) throw new Error(`${method}: no response with the request's id: ${short(body.toString())}`);
  if (message.error) throw new Error(`${method}: ${message.error.code} ${message.error.message}`);
  if (message.result === undefined) throw new Error(`${method}: no result`);
  return message.result;
}

function eventData(text: string): string[] {
  const events = text
    .split(/\r?\n\r?\n/)
    .map((event) => event.split(/\r?\n/).filter((line) => line.startsWith("data:")));
  return events.map((lines) => lines.map((line) => line.slice(5).trimStart()).join("\n")).filter((data) => data !== "");
}

function checkBytes(message: Message, id: number, expected: string): void {
  checkId(message, id);
  if (!message.body.includes(JSON.stringify(expected))) throw new Error(`wrong answer: wanted ${short(expected)}`);
}

function checkId({ body }: Message, id: number): void {
  if (!body.includes(`"id":${id}`)) throw new Error(`wrong id: ${short(body.toString("utf8", 0, 200))}`);
}

let pad = "";
function padding(bytes: number): string {
  if (pad.length !== bytes) pad = "x".repeat(bytes);
  return pad;
}

const isEventStream = (headers: Record<string, string>) =>
  (headers["content-type"] ?? "").startsWith("text/event-stream");
const status = (message: Message) => Number(message.start.slice(9, 12));
const short = (text: string) => text.slice(0, 200);
