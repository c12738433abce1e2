// Ways to ask the gateway as MCP clients do, for tests of the REST API that look at what clients see afterwards.
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { Gateway } from "../harness.ts";

/** A tool result as these tests look at it. */
export interface ToolResult {
  readonly content: readonly { readonly type: string; readonly text: string }[];
  readonly isError?: boolean;
  readonly structuredContent?: Record<string, unknown>;
}

/** A JSON-RPC response. */
export interface RpcAnswer<Result> {
  readonly id: unknown;
  readonly result: Result;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: Record<string, unknown> };
}

/** Asks `/rpc` and gives the JSON-RPC response. */
export async function rpc<Result = Record<string, unknown>>(
  gateway: Gateway,
  method: string,
  params: object = {},
): Promise<RpcAnswer<Result>> {
  const answer = await gateway.api<RpcAnswer<Result>>("POST", "/rpc", { jsonrpc: "2.0", id: 1, method, params });
  return answer.body;
}

/** Calls a tool through `/rpc` and gives its result. @throws Error for a JSON-RPC error. */
export async function callTool(gateway: Gateway, name: string, args: object = {}): Promise<ToolResult> {
  const { result, error } = await rpc<ToolResult>(gateway, "tools/call", { name, arguments: args });
  if (error) throw new Error(`tools/call ${name}: ${error.code} ${error.message}`);
  return result;
}

/** Connects an SDK client, uses it, and closes it. */
export async function withClient<T>(url: string, token: string, use: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ name: "rest-tests", version: "1" });
  const requestInit = { headers: { authorization: `Bearer ${token}` } };
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit }));
  try {
    return await use(client);
  } finally {
    await client.close();
  }
}

/** Names of the tools that clients of a virtual server see, in order. */
export async function toolNames(gateway: Gateway, serverId: string): Promise<string[]> {
  const { result } = await rpc<{ tools: { name: string }[] }>(gateway, "tools/list", { server_id: serverId });
  return result.tools.map((tool) => tool.name);
}
