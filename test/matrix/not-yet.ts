// Cells that do not hold yet, each with the reason. The matrix asserts that they still fail, so that none stays here
// for longer than it has to.
import type { Revision } from "./revisions.ts";

interface NotYet {
  /** Names of features, or the beginning of several. */
  readonly features: readonly string[];
  readonly clients: readonly Revision[];
  readonly upstreams: readonly Revision[];
  readonly reason: string;
}

const NOT_YET: readonly NotYet[] = [];

/** Why a cell does not hold yet; undefined for one that must. */
export function notYet(feature: string, client: Revision, upstream: Revision): string | undefined {
  return NOT_YET.find(
    ({ features, clients, upstreams }) =>
      features.some((name) => feature.startsWith(name)) && clients.includes(client) && upstreams.includes(upstream),
  )?.reason;
}
