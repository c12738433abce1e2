// Doors that app.ts serves besides the table of routes.ts, described here so that the OpenAPI document is whole: JSON-RPC.
import * as z from "zod";
import type { Described } from "./route.ts";

const rpcRequest = z
  .object({
    jsonrpc: z.literal("2.0"),
    id: z.union([z.string(), z.number()]).optional(),
    method: z.string().describe("A method of MCP 2025-11-25, or the name of a tool"),
    params: z.record(z.string(), z.unknown()).optional().describe("`server_id` picks a virtual server"),
  })
  .meta({ id: "RpcRequest" });

const rpcAnswer = z
  .object({
    jsonrpc: z.literal("2.0"),
    id: z.union([z.string(), z.number(), z.null()]),
    result: z.unknown().optional(),
    error: z.object({ code: z.number().int(), message: z.string(), data: z.unknown().optional() }).optional(),
  })
  .meta({ id: "RpcAnswer" });

/** The doors, in the order the document shows them. */
export const DOORS: readonly Described[] = [
  {
    method: "POST",
    path: "/rpc",
    tag: "JSON-RPC",
    summary: "One JSON-RPC request without a session",
    permission: "servers.use",
    body: rpcRequest,
    answer: rpcAnswer,
    status: 200,
  },
];
