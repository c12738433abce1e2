// Upstreams as rows, for tests that store some.
import type { UpstreamRow } from "../../src/db/tables/upstreams.ts";
import { newId } from "../../src/lib/ids.ts";

/** A row of the administrator's. */
export const anUpstream = (name: string): Omit<UpstreamRow, "slug"> => {
  const now = new Date().toISOString();
  return {
    ...{ id: newId(), name, url: "builtin:sample", description: null, enabled: true, tags: [], visibility: "private" },
    ...{
      ownerEmail: "admin@example.com",
      teamId: null,
      version: 1,
      createdAt: now,
      updatedAt: now,
      createdBy: "admin@example.com",
    },
    ...{ createdFromIp: null, createdVia: null, createdUserAgent: null, modifiedBy: null, modifiedFromIp: null },
    ...{ modifiedVia: null, modifiedUserAgent: null, transport: "auto", era: "builtin", eraFoundAt: now },
    ...{ protocolVersion: "2026-07-28", sessionful: false, capabilities: {}, serverInfo: null, instructions: null },
    ...{ reachable: true, lastSeen: now, lastError: null, lastRefreshAt: now, problems: [], authType: "none" },
    ...{ authSealed: null, eraEvidence: [], eraChange: null, live: false, autoApprove: false },
  };
};
