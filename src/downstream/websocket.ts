// MCP over a WebSocket, subprotocol `mcp`: one JSON-RPC message in each text frame. Not a transport of the specification,
// but the official SDKs have a client for it; the session begins with initialize and ends with the connection.
import type { View } from "../catalog/view.ts";
import type { Context } from "../context.ts";
import { GatewayError } from "../errors.ts";
import { newId } from "../lib/ids.ts";
import { Connection } from "./connection.ts";

const SUBPROTOCOL = "mcp";
const LIFETIME = 24 * 3600;

/** Close codes of RFC 6455 §7.4.1. */
const CLOSE = { normal: 1000, unsupportedData: 1003, tooLarge: 1009 };

/** GET …/ws with an upgrade. @throws GatewayError 426 without one. */
export function openWebSocket(context: Context, request: Request, view: View): Response {
  if (request.headers.get("upgrade")?.toLowerCase() !== "websocket")
    throw new GatewayError("upgrade_required", "Connect here by WebSocket");
  const offered = (request.headers.get("sec-websocket-protocol") ?? "").split(",").map((name) => name.trim());
  const [theirs, ours] = Object.values(new WebSocketPair()) as [WebSocket, WebSocket];
  ours.accept();
  const connection = new Connection({
    context,
    view,
    headers: request.headers,
    session: {
      id: newId(),
      protocolVersion: "2025-11-25",
      capabilities: {},
      clientInfo: {},
      expiresAt: Math.min(
        Math.floor(Date.now() / 1000) + LIFETIME,
        context.caller.expiresAt ?? Number.POSITIVE_INFINITY,
      ),
    },
    fetched: false,
    send: (message) => {
      if (ours.readyState === WebSocket.OPEN) ours.send(message);
    },
    end: () => ours.close(CLOSE.normal, "the session is over"),
  });
  ours.addEventListener("message", ({ data }) => {
    if (typeof data !== "string") ours.close(CLOSE.unsupportedData, "messages are text");
    else if (data.length > context.config.maxBodyBytes) ours.close(CLOSE.tooLarge, "the message is too large");
    else void connection.receive(data);
  });
  ours.addEventListener("close", () => connection.close());
  ours.addEventListener("error", () => connection.close());
  context.store.waitUntil(Promise.all([connection.begin().catch(() => connection.close()), connection.run()]));
  const protocol: Record<string, string> = offered.includes(SUBPROTOCOL)
    ? { "sec-websocket-protocol": SUBPROTOCOL }
    : {};
  return new Response(null, { status: 101, webSocket: theirs, headers: { ...context.headers, ...protocol } });
}
