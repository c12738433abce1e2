// One-time links that claim a gateway: made where its database can be written, which proves to own it. The database keeps
// a digest; the secret stands in the link's fragment, which no server and no log sees (RFC 3986 §3.5).
import { createHash, randomBytes } from "node:crypto";

const HOURS = 24;

/** What a link lives, in words. */
export const LIFETIME = `${HOURS} hours`;

export interface ClaimLink {
  readonly secret: string;
  /** SQL that stores it and answers with a row, unless the gateway is claimed already: then with none. */
  readonly sql: string;
}

/** A new link. */
export function newClaimLink(now = Date.now()): ClaimLink {
  const secret = `cwl_${randomBytes(32).toString("base64url")}`;
  const id = createHash("sha256").update(secret).digest("base64url");
  const expiresAt = Math.floor(now / 1000) + HOURS * 3600;
  const sql =
    "INSERT INTO links (id, purpose, expires_at, created_at, created_by) " +
    `SELECT '${id}', 'claim', ${expiresAt}, '${new Date(now).toISOString()}', 'command line' ` +
    "WHERE NOT EXISTS (SELECT 1 FROM stamps WHERE name = 'claimed') RETURNING id";
  return { secret, sql };
}

/** The address to open. */
export const claimUrl = (gateway: string, { secret }: ClaimLink): string =>
  `${gateway.replace(/\/+$/, "")}/ui/claim#${secret}`;
