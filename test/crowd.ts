// Many clients at once, each with an event stream of its own that it holds: what each has heard, and whether it is still
// connected. Every stream has its own connection.
import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { Message } from "./wire.ts";

const AT_A_TIME = 16;

/** One held stream. */
export class Listener {
  readonly heard: Message[] = [];
  /** What the stream said that was no JSON, such as the address that HTTP+SSE begins with. */
  readonly said: string[] = [];
  readonly #response: IncomingMessage;
  #begun = "";
  #left = false;
  #ended = false;
  #stirred = () => {};

  constructor(response: IncomingMessage) {
    this.#response = response;
    response.setEncoding("utf8").on("data", (text: string) => this.#take(text));
    response.on("error", () => {}); // told by close
    response.once("close", () => {
      this.#ended = true;
      this.#stirred();
    });
  }

  /** It ended, and not by us. */
  get dropped(): boolean {
    return this.#ended && !this.#left;
  }

  /** Resolves when what was heard is enough, or the stream has ended. */
  async until(enough: (listener: Listener) => boolean): Promise<void> {
    while (!this.#ended && !enough(this)) await new Promise<void>((stirred) => (this.#stirred = stirred));
  }

  /** Leaves at once: of a connection that is only closed, an idle server hears nothing. */
  leave(): void {
    this.#left = true;
    this.#response.socket.resetAndDestroy();
  }

  #take(text: string): void {
    const blocks = (this.#begun + text).split("\n\n");
    this.#begun = blocks.pop() ?? "";
    for (const block of blocks) {
      const data = /^data: (.+)$/m.exec(block)?.[1];
      if (data?.startsWith("{")) this.heard.push(JSON.parse(data) as Message);
      else if (data !== undefined) this.said.push(data);
    }
    this.#stirred();
  }
}

/** Opens a stream. @throws when the answer is none. */
export async function openListener(url: string, headers: Record<string, string>, body?: string): Promise<Listener> {
  const method = body === undefined ? "GET" : "POST";
  const asking = request(url, {
    method,
    headers: { accept: "application/json, text/event-stream", ...headers },
    agent: false,
  });
  asking.end(body);
  const [response] = (await once(asking, "response")) as [IncomingMessage];
  if (response.statusCode === 200 && response.headers["content-type"] === "text/event-stream")
    return new Listener(response);
  response.resume();
  throw new Error(`${method} ${url} answered ${response.statusCode} ${response.headers["content-type"]}`);
}

/** Does something `count` times and gives the outcomes in order; at most 16 at a time, and so many a second. */
export async function gather<T>(
  count: number,
  open: (n: number) => Promise<T>,
  perSecond = Number.POSITIVE_INFINITY,
): Promise<T[]> {
  const members: T[] = [];
  const began = performance.now();
  let next = 0;
  const opening = async (): Promise<void> => {
    while (next < count) {
      const n = next++;
      await sleep(Math.max(0, began + (n * 1000) / perSecond - performance.now()));
      members[n] = await open(n);
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, opening));
  return members;
}
