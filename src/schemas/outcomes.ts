// What calls can come to, in words. Without zod, so that the dashboard can have it.

/** What came of a call. */
export const OUTCOMES = {
  ok: "It was answered",
  tool_error: "The tool answered that it failed (`isError`)",
  rpc_error: "The answer is a JSON-RPC error: of the upstream, or for a request that does not fit",
  denied: "The caller may not do this, or not see it",
  limited: "The caller is over a limit",
  cancelled: "The client cancelled, or hung up before the end of the answer",
  timeout: "The upstream did not answer in time",
  upstream_error: "The upstream could not be reached, refused, or answered nonsense",
  gateway_error: "The gateway itself could not",
} as const;
export type Outcome = keyof typeof OUTCOMES;
