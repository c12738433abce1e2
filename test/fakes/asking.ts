// A server of sessions whose tools a test writes: they can ask the client on the stream of the call or on the session's
// own, say things meanwhile, and see whether they are still wanted. As strict as the official SDK's: one stream of its own
// for a session (409), 404 for a session it does not know, and what is asked where nobody listens is lost.
import { EventEmitter, once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { answering, listen, type Running, readBody } from "./http.ts";

interface Message {
  readonly id?: string | number;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly code: number; readonly message: string };
}

/** What came back for a question. */
export type Reply = Pick<Message, "result" | "error">;

/** One run of a tool. */
export interface Run {
  readonly args: Record<string, unknown>;
  readonly meta: Record<string, unknown>;
  /** What the client declared when it opened the session. */
  readonly capabilities: unknown;
  readonly sessionId: string;
  /** Asks on the stream of the call, or on the session's own. Questions of a server are numbered s1, s2, … */
  ask(method: string, params?: object, where?: "here" | "elsewhere"): Promise<Reply>;
  say(method: string, params: object, where?: "here" | "elsewhere"): void;
  /** Breaks the connection of the call. */
  breakOff(): void;
}

/** A tool: its result, or the whole of what it answers. */
export interface Tool {
  readonly annotations?: object;
  run(run: Run): Promise<{ content: object[]; isError?: boolean } | { error: object }>;
}

export interface Asking extends Running {
  /** Names of the tools that ran, each time they did. */
  readonly runs: readonly string[];
  /** Every message that reached it. */
  readonly heard: readonly (Message & { readonly sessionId: string | undefined })[];
  /** Resolves with the notifications or requests of a method once so many have come. */
  hears(method: string, times?: number): Promise<readonly Message[]>;
  /** How many streams of their own sessions have now. */
  readonly listening: number;
  /** Resolves when so many do. */
  listens(count: number): Promise<void>;
  /** How often a stream was asked for. */
  readonly asked: number;
  /** Asks on a session's own stream outside of any call. */
  askOutside(method: string, params?: object): Promise<Reply>;
  /** Forgets its sessions. */
  forget(): void;
}

interface Session {
  readonly id: string;
  readonly capabilities: unknown;
  stream: ServerResponse | undefined;
}

export const text = (words: string): { content: object[] } => ({ content: [{ type: "text", text: words }] });

/**
 * Starts the server; its URL ends in /mcp. `offersStream: false`: sessions have no stream of their own. `inOnePiece`:
 * calls are answered with JSON, once they are done.
 */
export async function startAsking(
  tools: Readonly<Record<string, Tool>>,
  { offersStream = true, inOnePiece = false, capabilities = {} as object } = {},
): Promise<Asking> {
  const sessions = new Map<string, Session>();
  const waiting = new Map<string, (reply: Reply) => void>();
  const heard: (Message & { sessionId: string | undefined })[] = [];
  const runs: string[] = [];
  const news = new EventEmitter().setMaxListeners(0);
  let questions = 0;
  let asked = 0;
  let opened = 0;

  const write = (stream: ServerResponse | undefined, message: object): void =>
    void stream?.write(`event: message\ndata: ${JSON.stringify({ jsonrpc: "2.0", ...message })}\n\n`);
  const put = (stream: () => ServerResponse | undefined, method: string, params: object): Promise<Reply> => {
    const id = `s${++questions}`;
    write(stream(), { id, method, params });
    return new Promise((resolve) => waiting.set(id, resolve));
  };

  const call = async (session: Session, { id, params = {} }: Message, outgoing: ServerResponse): Promise<void> => {
    const name = String(params.name);
    runs.push(name);
    if (!inOnePiece) outgoing.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders();
    const streamOf = (where: "here" | "elsewhere") => () => (where === "here" ? outgoing : session.stream);
    const outcome = await tools[name]?.run({
      args: (params.arguments ?? {}) as Record<string, unknown>,
      meta: (params._meta ?? {}) as Record<string, unknown>,
      capabilities: session.capabilities,
      sessionId: session.id,
      ask: (method, more = {}, where = "here") => put(streamOf(where), method, more),
      say: (method, more, where = "here") => write(streamOf(where)(), { method, params: more }),
      breakOff: () => outgoing.destroy(),
    });
    const answer = { id, ...(outcome && "error" in outcome ? outcome : { result: outcome ?? text("no such tool") }) };
    if (inOnePiece) outgoing.writeHead(200, { "content-type": "application/json" });
    if (inOnePiece) outgoing.write(JSON.stringify({ jsonrpc: "2.0", ...answer }));
    else write(outgoing, answer);
    outgoing.end();
  };

  const hold = (session: Session, outgoing: ServerResponse): void => {
    asked++;
    if (!offersStream) return void outgoing.writeHead(405).end();
    if (session.stream) return void outgoing.writeHead(409).end();
    session.stream = outgoing;
    outgoing.once("close", () => {
      session.stream = undefined;
      news.emit("news");
    });
    outgoing.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders();
    news.emit("news");
  };

  const begin = ({ id, params = {} }: Message, outgoing: ServerResponse): void => {
    const session: Session = { id: `session ${++opened}`, capabilities: params.capabilities, stream: undefined };
    sessions.set(session.id, session);
    const result = {
      protocolVersion: params.protocolVersion,
      capabilities: { tools: {}, ...capabilities },
      serverInfo: { name: "asking", version: "1" },
    };
    outgoing.writeHead(200, { "content-type": "application/json", "mcp-session-id": session.id });
    outgoing.end(JSON.stringify({ jsonrpc: "2.0", id, result }));
  };

  const take = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const sessionId = incoming.headers["mcp-session-id"] as string | undefined;
    const session = sessions.get(sessionId ?? "");
    const body = (await readBody(incoming)).toString();
    const message = (body === "" ? {} : JSON.parse(body)) as Message;
    heard.push({ ...message, sessionId });
    news.emit("news");
    if (message.method === "initialize") return begin(message, outgoing);
    if (!session) return void outgoing.writeHead(404).end();
    if (incoming.method === "GET") return hold(session, outgoing);
    if (incoming.method === "DELETE") {
      sessions.delete(session.id);
      return void outgoing.writeHead(200).end();
    }
    if (message.method === undefined) waiting.get(String(message.id))?.(message);
    if (message.id === undefined || message.method === undefined) return void outgoing.writeHead(202).end();
    if (message.method === "tools/call") return await call(session, message, outgoing);
    const listed = Object.entries(tools).map(([name, { annotations }]) => ({
      name,
      inputSchema: { type: "object" },
      ...(annotations ? { annotations } : {}),
    }));
    const result = message.method === "tools/list" ? { tools: listed } : {};
    outgoing.writeHead(200, { "content-type": "application/json" });
    outgoing.end(JSON.stringify({ jsonrpc: "2.0", id: message.id, result }));
  };

  const open = () => [...sessions.values()].flatMap(({ stream }) => stream ?? []);
  return {
    ...(await listen(answering(take), "/mcp")),
    runs,
    heard,
    get listening() {
      return open().length;
    },
    get asked() {
      return asked;
    },
    async hears(method, times = 1) {
      for (;;) {
        const found = heard.filter((message) => message.method === method);
        if (found.length >= times) return found;
        await once(news, "news");
      }
    },
    async listens(count) {
      while (open().length !== count) await once(news, "news");
    },
    askOutside: (method, params = {}) => put(() => open()[0], method, params),
    forget: () => sessions.clear(),
  };
}
