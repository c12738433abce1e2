// What every upstream of the matrix holds, whatever revision it speaks: five tools that do their work step by step and
// write down what happens to them, a resource for every word, and the handles a test has on it. How progress and questions
// travel is the revision's business (upstreams.ts).
import type { Resource, ResourceTemplate } from "@modelcontextprotocol/sdk/types.js";
import { Journal } from "./journal.ts";
import { asks, type Kind, type Revision } from "./revisions.ts";

/** A question as a test words it: the kind and a text to know it by. */
export interface Wish {
  readonly kind: Kind;
  readonly text: string;
}

/** One call under way, in whatever revision. */
export interface Call {
  /** False when a call of 2026-07-28 comes again with answers. */
  readonly first: boolean;
  /** Aborted when the client cancels; `cancelledBy` then tells by what sign. */
  readonly signal: AbortSignal;
  cancelledBy(): "notification" | "hang-up";
  progress(done: number, total: number): Promise<void>;
  /**
   * Asks for everything at once and resolves with a line for each answer.
   * @throws GaveUp when the client took longer than `patience` milliseconds; Error with the client's words when it refused.
   */
  ask(wishes: readonly Wish[], patience: number | undefined): Promise<readonly string[]>;
}

/** The server has stopped waiting for the client. */
export class GaveUp extends Error {}

/** The call can't go on before the client has answered: not an end, so nothing is written down. */
export class Suspended extends Error {}

export type Arguments = Readonly<Record<string, unknown>>;

/** A result of a tool. */
export interface Said {
  readonly content: { readonly type: "text"; readonly text: string }[];
  readonly isError?: boolean;
}

/** A tool as it is listed; a type that both SDKs take. */
interface Listed {
  name: string;
  description: string;
  inputSchema: { type: "object"; properties: Record<string, { type: string }>; required: string[] };
}

const said = (text: string, isError?: true): Said => ({
  content: [{ type: "text", text }],
  ...(isError ? { isError } : {}),
});

const STEPS = 3;

export class Workshop {
  readonly journal = new Journal();
  readonly revision: Revision;
  readonly #gates = new Map<string, PromiseWithResolvers<void>>();
  readonly #marks: string[] = [];

  constructor(revision: Revision) {
    this.revision = revision;
  }

  /** Marks made so far are in the description of the tool `marked`, so that each changes the list of tools. */
  mark(word: string): void {
    this.#marks.push(word);
  }

  /** Lets `hold` go on. */
  release(key: string): void {
    this.#gate(key).resolve();
  }

  tools(): Listed[] {
    const key = { type: "string" };
    const tool = (name: string, description: string, more: Listed["inputSchema"]["properties"] = {}): Listed => ({
      name,
      description,
      inputSchema: { type: "object", properties: { key, ...more }, required: ["key"] },
    });
    return [
      tool("echo", "Repeats the key"),
      tool("steps", `Reports ${STEPS} steps as progress`),
      tool("hold", "Reports one step, and ends when it is told to"),
      tool("ask", "Asks the client for what it is told to", {
        wishes: { type: "array" },
        patience: { type: "integer" },
      }),
      tool("marked", ["Changes its description:", ...this.#marks].join(" ")),
    ];
  }

  /** A call of a tool from its start to its end, written down. @throws Suspended. */
  async run(name: string, args: Arguments, call: Call): Promise<Said> {
    const key = String(args.key);
    if (call.first) this.journal.write(`${name} ${key} began`);
    const onAbort = () => this.journal.write(`${name} ${key} cancelled by ${call.cancelledBy()}`);
    call.signal.addEventListener("abort", onAbort, { once: true });
    try {
      const result = await this.#do(name, key, args, call);
      this.journal.write(`${name} ${key} ended`);
      return result;
    } finally {
      call.signal.removeEventListener("abort", onAbort);
    }
  }

  async #do(name: string, key: string, args: Arguments, call: Call): Promise<Said> {
    switch (name) {
      case "echo":
        return said(key);
      case "steps":
        for (let step = 1; step <= STEPS; step++) await call.progress(step, STEPS);
        return said(`${STEPS} steps of ${key}`);
      case "hold":
        await this.#hold(name, key, call);
        return said(`let go of ${key}`);
      case "ask":
        if (args.later) await this.#hold(name, key, call);
        return await this.#ask(key, args, call);
      default:
        return said(`No tool ${name}`, true);
    }
  }

  /** Reports one step, and waits to be released. */
  async #hold(name: string, key: string, call: Call): Promise<void> {
    await call.progress(1, 2);
    this.journal.write(`${name} ${key} holds`);
    await Promise.race([this.#gate(key).promise, aborted(call.signal)]);
  }

  async #ask(key: string, args: Arguments, call: Call): Promise<Said> {
    const wishes = args.wishes as readonly Wish[];
    const unknown = wishes.find(({ kind }) => !asks(this.revision, kind));
    if (unknown) return said(`${this.revision} has no ${unknown.kind}`, true);
    try {
      const answers = call.ask(wishes, args.patience as number | undefined);
      this.journal.write(`ask ${key} asked`);
      return said((await answers).join("; "));
    } catch (cause) {
      if (cause instanceof Suspended) throw cause;
      if (cause instanceof GaveUp) this.journal.write(`ask ${key} gave up`);
      return said(`refused: ${cause instanceof Error ? cause.message : String(cause)}`, true);
    }
  }

  #gate(key: string): PromiseWithResolvers<void> {
    const gate = this.#gates.get(key) ?? Promise.withResolvers<void>();
    this.#gates.set(key, gate);
    return gate;
  }
}

const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(new Error("cancelled")), { once: true });
  });

export const RESOURCES: Resource[] = [{ uri: "matrix://static", name: "static", mimeType: "text/plain" }];

export const TEMPLATES: ResourceTemplate[] = [
  { uriTemplate: "matrix://watched/{word}", name: "watched", mimeType: "text/plain" },
];

/** The contents of a resource; every `matrix:` URI has some. */
export const contentsOf = (uri: string) => ({
  contents: [{ uri, mimeType: "text/plain", text: `Contents of ${uri}` }],
});
