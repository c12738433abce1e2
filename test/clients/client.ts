// What the matrix asks of a client. A client is an adapter in adapters/: how somebody would point it at a virtual server
// with a bearer token, and how what it got is read. What a client has no means for, its adapter leaves out.

/** Where a client is sent, and the home it may write to. */
export interface Target {
  readonly url: string;
  readonly token: string;
  readonly home: string;
}

export type Arguments = Readonly<Record<string, string | number>>;

/** A client at work. Texts are those of the answer's text parts, joined by newlines. */
export interface Connection {
  /** Names of all tools, every page of them. */
  tools(): Promise<readonly string[]>;
  call(tool: string, args: Arguments): Promise<string>;
  /** URIs of all resources. */
  resources?(): Promise<readonly string[]>;
  read?(uri: string): Promise<string>;
  prompts?(): Promise<readonly string[]>;
  prompt?(name: string, args: Readonly<Record<string, string>>): Promise<string>;
  /** Calls a tool and gives the steps it reported while it ran. */
  progress?(tool: string, args: Arguments): Promise<readonly number[]>;
  close(): Promise<void>;
}

export interface Client {
  readonly name: string;
  /** The revision it must end up with at a gateway that serves them all. */
  readonly revision: string;
  connect(target: Target): Promise<Connection>;
}

/** The newest revision that has sessions. */
export const SESSION = "2025-11-25";
/** The stateless revision. */
export const MODERN = "2026-07-28";

/** The texts in a list of content blocks or resource contents; blocks of other kinds have none. */
export const textIn = (blocks: readonly object[]): string =>
  blocks.flatMap((block) => ("text" in block && typeof block.text === "string" ? block.text : [])).join("\n");
