// One call that went through: who asked for what, what came of it, and how long it took. The shape in which calls are
// kept (observability/segments.ts), shown (REST /requests) and added up (observability/sums.ts).
import * as z from "zod";
import { OUTCOMES, type Outcome } from "./outcomes.ts";

export { OUTCOMES, type Outcome };

export const outcome = z.enum(Object.keys(OUTCOMES) as [Outcome, ...Outcome[]]);

/** What a call was of. `other`: lists, handshakes and whatever has no target of its own. */
export const TARGET_KINDS = ["tool", "prompt", "resource", "agent", "other"] as const;
export type TargetKind = (typeof TARGET_KINDS)[number];

/** A call. Times in milliseconds, `at` since 1970; sizes in bytes; texts are empty where there is nothing to tell. */
export const call = z
  .object({
    id: z.string().describe("The request id, which answers, log lines and audit rows carry too"),
    at: z.number().describe("When it came"),
    method: z.string().describe("MCP method, such as `tools/call`"),
    kind: z.enum(TARGET_KINDS),
    target: z.string().describe("Id of the tool, prompt or resource"),
    name: z.string().describe("Its name, or URI, as the client has it"),
    server: z.string().describe("Id of the virtual server; empty for the gateway's own endpoint"),
    upstream: z.string().describe("Id of the gateway it went to"),
    user: z.string(),
    token: z.string().describe("Id of the token, where it has one"),
    client: z.string().describe("Name and version the client introduced itself with"),
    protocol: z.string().describe("Protocol revision the client speaks"),
    outcome,
    error: z.string().describe("Code of the failure: a name of ours, or a JSON-RPC number"),
    message: z.string().describe("What the failure says, shortened"),
    took: z.number().describe("From the request to the end of the answer"),
    upstreamTook: z.number().describe("Of that, waiting for the upstream"),
    bytesIn: z.number().int(),
    bytesOut: z.number().int(),
  })
  .meta({ id: "Call" });
export type Call = z.infer<typeof call>;

/** A call in a few words, as people look for it. */
export const sentenceOf = ({ method, name, message }: Call): string =>
  [`${method} ${name}`.trim(), message].filter(Boolean).join(": ");

/** The fields in the order in which segments keep them. Only ever append. */
export const CALL_FIELDS = Object.keys(call.shape) as readonly (keyof Call)[];
