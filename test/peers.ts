// Real clients of both eras: SDK v1 speaks with sessions, SDK v2 is pinned to 2026-07-28. Each can speak to the gateway,
// with a token, or straight to a fake.
import {
  type ClientOptions,
  Client as ModernClient,
  StreamableHTTPClientTransport as ModernTransport,
} from "@modelcontextprotocol/client";
import { Client as SessionClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { type ClientCapabilities, type JSONRPCMessage, ResultSchema } from "@modelcontextprotocol/sdk/types.js";
import * as z from "zod";
import { MODERN_VERSION } from "../src/lib/mcp.ts";

const headersOf = (token: string | undefined): { headers: Record<string, string> } => ({
  headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
});

/** A transport that offers another revision than the newest the SDK knows. */
class Offering extends StreamableHTTPClientTransport {
  offer: string | undefined;

  override async send(message: JSONRPCMessage | JSONRPCMessage[]): Promise<void> {
    const initializing = !Array.isArray(message) && "method" in message && message.method === "initialize";
    const offered =
      initializing && this.offer ? { ...message, params: { ...message.params, protocolVersion: this.offer } } : message;
    await super.send(offered);
  }
}

/** A connected client of the session era. `offer` is the revision it asks for; with `sessionId` it goes on in that session. */
export async function connectSession(
  url: string,
  token?: string,
  wish: { offer?: string; sessionId?: string; version?: string; capabilities?: ClientCapabilities } = {},
): Promise<{ client: SessionClient; transport: StreamableHTTPClientTransport }> {
  const transport = new Offering(new URL(url), {
    requestInit: headersOf(token),
    ...(wish.sessionId ? { sessionId: wish.sessionId } : {}),
  });
  transport.offer = wish.offer;
  if (wish.version) transport.setProtocolVersion(wish.version);
  const client = new SessionClient(
    { name: "session peer", version: "1.0.0" },
    { capabilities: wish.capabilities ?? {} },
  );
  await client.connect(transport);
  return { client, transport };
}

/** A connected client of 2026-07-28. */
export async function connectModern(url: string, token?: string, options: ClientOptions = {}): Promise<ModernClient> {
  const client = new ModernClient(
    { name: "modern peer", version: "1.0.0" },
    { versionNegotiation: { mode: { pin: MODERN_VERSION } }, ...options },
  );
  await client.connect(new ModernTransport(new URL(url), { requestInit: headersOf(token) }));
  return client;
}

/** Asks a client of either era for a result as it came, with nothing stripped by the SDK's schemas. */
export type Raw = (method: string, params?: Record<string, unknown>) => Promise<Record<string, unknown>>;
export const rawSession =
  (client: SessionClient): Raw =>
  (method, params = {}) =>
    client.request({ method, params } as never, ResultSchema);
export const rawModern =
  (client: ModernClient): Raw =>
  (method, params = {}) =>
    client.request({ method, params } as never, z.looseObject({})) as Promise<Record<string, unknown>>;
