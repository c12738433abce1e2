// What a client is connected to, and the pieces several configurations share.

/** The transports of MCP that have a URL: Streamable HTTP, and the HTTP+SSE of 2024-11-05. */
export type Transport = "http" | "sse";

/** `url` is the endpoint of that transport, `name` what the client calls it, `open` that it asks for no token. */
export type Connection = { url: string; type: Transport; name: string; open: boolean };

/** The same by another transport: each has its own path. */
export const over = (to: Connection, type: Transport): Connection => ({
  ...to,
  type,
  url: to.url.replace(/\w+$/, type === "sse" ? "sse" : "mcp"),
});

/** The WebSocket address beside an endpoint. */
export const socketOf = ({ url }: Connection): string => url.replace(/^http/, "ws").replace(/\w+$/, "ws");

/** The environment variable that holds the token. */
export const TOKEN = "GW_TOKEN";
/** Stands where a client can't read a variable and the token must be pasted. */
export const PASTE = "YOUR_TOKEN";

const BRIDGE = "mcp-remote@0.15.1";

const isWords = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((one) => typeof one === "string");

/** JSON as people write it: a list of texts stands on one line. */
export function json(value: object): string {
  const lists: string[] = [];
  const keepList = (_key: string, one: unknown): unknown =>
    isWords(one) ? `\0${lists.push(JSON.stringify(one).replaceAll('","', '", "')) - 1}` : one;
  const text = JSON.stringify(value, keepList, 2);
  return `${text.replace(/"\\u0000(\d+)"/g, (_, at: string) => lists[Number(at)] ?? "")}\n`;
}

/** The header with the token, written the way the client fills it in. */
export const headersFor = (to: Connection, token: string): { headers?: Record<string, string> } =>
  to.open ? {} : { headers: { Authorization: `Bearer ${token}` } };

/** A stdio server that bridges to the endpoint. No space after "Authorization:": some clients split arguments there. */
export function bridged(to: Connection, token: string): { command: string; args: string[]; env?: { AUTH: string } } {
  const args = ["-y", BRIDGE, to.url, "--transport", "http-only", "--protocol", "auto"];
  if (isPlainHttp(to.url)) args.push("--allow-http");
  if (to.open) return { command: "npx", args };
  return { command: "npx", args: [...args, "--header", `Authorization:\${AUTH}`], env: { AUTH: `Bearer ${token}` } };
}

/** http to another machine; mcp-remote wants to be told that this is meant. */
function isPlainHttp(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === "http:" && !["localhost", "127.0.0.1", "[::1]"].includes(hostname);
}

/** A name any client takes: letters, digits, - and _. */
export const nameOf = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9_]+/g, "-")
    .replace(/^-+|-+$/g, "") || "causeway";
