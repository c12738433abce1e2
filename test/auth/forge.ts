// Tokens as anybody could write them: any claims, any algorithm, any secret.
import { SignJWT, UnsecuredJWT } from "jose";
import type { Gateway } from "../harness.ts";

/** Seconds since 1970, moved by so many. */
export const inSeconds = (seconds: number): number => Math.floor(Date.now() / 1000) + seconds;

/** A token with exactly these claims (valid for an hour unless `exp` is given; `exp: undefined` leaves it out). */
export function forge(
  gateway: Gateway,
  claims: Record<string, unknown>,
  { alg = "HS256", secret = gateway.secret }: { alg?: string; secret?: string } = {},
): Promise<string> {
  const payload = Object.fromEntries(
    Object.entries({ exp: inSeconds(3600), ...claims }).filter(([, value]) => value !== undefined),
  );
  if (alg === "none") return Promise.resolve(new UnsecuredJWT(payload).encode());
  return new SignJWT(payload).setProtectedHeader({ alg, typ: "JWT" }).sign(new TextEncoder().encode(secret));
}

/** Headers that present a token. */
export const bearer = (token: string): Record<string, string> => ({
  authorization: `Bearer ${token}`,
  "content-type": "application/json",
  accept: "application/json, text/event-stream",
});

/** A JSON-RPC request as a body. */
export const PING = { jsonrpc: "2.0", id: 1, method: "ping" };

/** The first request of a session. */
export const INITIALIZE = {
  ...PING,
  method: "initialize",
  params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "tests", version: "1" } },
};
