// What a client is connected to, and the pieces several configurations share.

/** `url` is the MCP endpoint, `name` what the client calls it, `open` that it asks for no token. */
export type Connection = { url: string; name: string; open: boolean };

/** The environment variable that holds the token. */
export const TOKEN = "GW_TOKEN";
/** Stands where a client can't read a variable and the token must be pasted. */
export const PASTE = "YOUR_TOKEN";

const BRIDGE = "mcp-remote@0.15.1";

/** JSON as people write it: lists of plain values on one line. */
export const json = (value: object): string =>
  `${JSON.stringify(value, null, 2).replace(/\[\n\s+([^[\]{}]+?)\n\s+\]/g, (_, list: string) => `[${list.replace(/\n\s+/g, " ")}]`)}\n`;

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
