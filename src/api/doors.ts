// Doors that app.ts serves besides the table of routes.ts, described here so that the OpenAPI document is whole:
// the dashboard's session, and JSON-RPC.
import * as z from "zod";
import type { Described } from "./route.ts";

const who = z
  .object({
    email: z.string(),
    isAdmin: z.boolean(),
    serverId: z.string().nullable().describe("The one virtual server a scoped token is for"),
    expiresAt: z.string().nullable(),
  })
  .meta({ id: "LoggedIn" });

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

const session = { path: "/auth/session", tag: "Session", status: 200 } as const;

/** The doors, in the order the document shows them. */
export const DOORS: readonly Described[] = [
  { ...session, method: "GET", summary: "Who is logged in", permission: "tools.read", answer: who },
  {
    ...session,
    method: "POST",
    summary: "Log in to the dashboard with a token: sets an HttpOnly cookie",
    body: z.object({ token: z.string() }),
    answer: who,
  },
  { ...session, method: "DELETE", summary: "Log out of the dashboard", answer: z.null(), status: 204 },
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
