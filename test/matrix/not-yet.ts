// Cells that do not hold yet, each with the reason. The matrix asserts that they still fail, so that none stays here
// for longer than it has to.
import { REVISIONS, type Revision } from "./revisions.ts";

interface NotYet {
  /** Names of features, or the beginning of several. */
  readonly features: readonly string[];
  readonly clients: readonly Revision[];
  readonly upstreams: readonly Revision[];
  readonly reason: string;
}

const SESSIONS: readonly Revision[] = ["2025-03-26", "2025-06-18", "2025-11-25"];

const NOT_YET: readonly NotYet[] = [
  { features: [""], clients: ["2024-11-05"], upstreams: REVISIONS, reason: "HTTP+SSE is not served" },
  { features: ["subscriptions", "list_changed"], clients: SESSIONS, upstreams: REVISIONS, reason: "no GET streams" },
  { features: ["resume after a dropped stream"], clients: SESSIONS, upstreams: REVISIONS, reason: "no event is kept" },
  {
    features: ["subscriptions", "list_changed"],
    clients: ["2026-07-28"],
    upstreams: ["2024-11-05", ...SESSIONS],
    reason: "nobody listens to upstreams with sessions",
  },
  {
    features: ["sampling", "roots", "two questions", "parallel"],
    clients: ["2026-07-28"],
    upstreams: ["2024-11-05", ...SESSIONS],
    reason: "no call is parked",
  },
  {
    features: ["form elicitation"],
    clients: ["2026-07-28"],
    upstreams: ["2025-06-18", "2025-11-25"],
    reason: "no call is parked",
  },
  { features: ["url elicitation"], clients: ["2026-07-28"], upstreams: ["2025-11-25"], reason: "no call is parked" },
  {
    features: ["cancel"],
    clients: [...SESSIONS, "2026-07-28"],
    upstreams: ["2024-11-05"],
    reason: "an upstream of HTTP+SSE is left without a word",
  },
  {
    features: ["resume after a dropped stream"],
    clients: ["2026-07-28"],
    upstreams: ["2024-11-05"],
    reason: "an upstream of HTTP+SSE is left without a word",
  },
  {
    features: ["form elicitation"],
    clients: ["2025-03-26"],
    upstreams: ["2025-06-18", "2025-11-25"],
    reason: "what the client did not declare is asked for all the same",
  },
  {
    features: ["url elicitation"],
    clients: ["2025-03-26", "2025-06-18"],
    upstreams: ["2025-11-25"],
    reason: "what the client did not declare is asked for all the same",
  },
];

/** Why a cell does not hold yet; undefined for one that must. */
export function notYet(feature: string, client: Revision, upstream: Revision): string | undefined {
  return NOT_YET.find(
    ({ features, clients, upstreams }) =>
      features.some((name) => feature.startsWith(name)) && clients.includes(client) && upstreams.includes(upstream),
  )?.reason;
}
