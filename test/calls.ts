// Calls for tests that record some.
import type { Call } from "../src/schemas/calls.ts";

/** A call that went well, in whatever differs. */
export const aCall = (more: Partial<Call> = {}): Call => ({
  id: crypto.randomUUID(),
  at: Date.now(),
  method: "tools/call",
  kind: "tool",
  target: "t1",
  name: "echo",
  server: "s1",
  upstream: "u1",
  user: "ada@example.com",
  token: "",
  client: "test 1",
  protocol: "2026-07-28",
  outcome: "ok",
  error: "",
  message: "",
  took: 12,
  upstreamTook: 10,
  bytesIn: 100,
  bytesOut: 200,
  ...more,
});
