// Bearer tokens that are JWTs: signed with JWT_SECRET_KEY, or by one of JWT_ISSUERS. The algorithm is pinned, an expiry
// and a subject are required (RFC 7519, RFC 8725). Of our own, issuer and audience must be ours when named; others must
// name theirs. ContextForge's claims `username`, `scopes` and `teams` are understood.
import { decodeJwt, errors, type JWTPayload, jwtVerify } from "jose";
import type { Config } from "../env.ts";
import { GatewayError } from "../errors.ts";
import type { TokenScope } from "../identity/caller.ts";
import type { Issuer } from "../lib/issuers.ts";
import { lowerCase } from "../lib/lower-case.ts";
import { type Fetching, TYPES, verifyByKeys } from "../upstream/jwks.ts";
import { unauthorized } from "./refusal.ts";
import { scopeIn } from "./scopes.ts";

/** What a valid token says. `expiresAt` in seconds since 1970. */
export interface TokenFacts {
  readonly subject: string;
  readonly expiresAt: number;
  readonly id?: string;
  readonly scope?: TokenScope;
  /** Ids of the teams it is narrowed to; none: what is public. Absent: all of its user's. */
  readonly teams?: readonly string[];
  /** Signed by one of JWT_ISSUERS, not by us. */
  readonly fromOutside: boolean;
}

const SKEW = 60;
/** The last second that a time can say (ECMA-262, "Time Values"). */
const END_OF_TIME = 8_640_000_000_000;

/** Verifies a token. @throws GatewayError `unauthorized` that says what is wrong with it, `unavailable`. */
export async function verifyToken(
  token: string,
  { jwt, jwtIssuers }: Pick<Config, "jwt" | "jwtIssuers">,
  fetching: Fetching,
): Promise<TokenFacts> {
  const issuer = jwtIssuers.size > 0 ? jwtIssuers.get(issuerNamedBy(token) ?? "") : undefined;
  const payload = await (issuer ? verifyByKeys(token, issuer, fetching) : verifyBySecret(token, jwt)).catch(refuse);
  const scope = scopeIn(payload);
  const teams = teamsOf(payload.teams);
  const subject = issuer ? subjectAt(issuer, payload) : ownSubject(payload);
  const id = issuer ? idAt(issuer, subject, payload.jti) : payload.jti;
  return {
    subject,
    expiresAt: Math.min(payload.exp ?? 0, END_OF_TIME),
    ...(id === undefined ? {} : { id }),
    ...(scope ? { scope } : {}),
    ...(teams ? { teams } : {}),
    fromOutside: issuer !== undefined,
  };
}

/** Issuers choose ids as they like: one that is another's too, or one of ours, must not end with it (RFC 7519 §4.1.7). */
const idAt = ({ issuer }: Issuer, subject: string, id: string | undefined): string | undefined =>
  id === undefined ? undefined : JSON.stringify([issuer, subject, id]);

/** Whom a token says it is of, before anything about it is believed. */
function issuerNamedBy(token: string): string | undefined {
  try {
    return decodeJwt(token).iss;
  } catch {
    return undefined; // no token at all, which its verification will say
  }
}

async function verifyBySecret(token: string, { secret, algorithm, issuer, audience }: Config["jwt"]) {
  const key = new TextEncoder().encode(secret);
  const { payload, protectedHeader } = await jwtVerify(token, key, {
    algorithms: [algorithm],
    requiredClaims: ["exp"],
    clockTolerance: SKEW,
  });
  const { typ } = protectedHeader;
  if (typ !== undefined && !TYPES.has(typ.toLowerCase())) throw unauthorized("it is another kind of token");
  if (payload.iss !== undefined && payload.iss !== issuer) throw unauthorized("the issuer is not this gateway's");
  if (payload.aud !== undefined && ![payload.aud].flat().includes(audience))
    throw unauthorized("the audience is not this gateway");
  return payload;
}

function ownSubject({ sub, username }: JWTPayload): string {
  const subject = sub ?? username;
  if (typeof subject !== "string" || subject === "") throw unauthorized("it names nobody (sub or username)");
  return lowerCase(subject);
}

/** An address that its issuer says is not verified is nobody's (OpenID Connect Core §5.7). */
function subjectAt({ emailClaim }: Issuer, payload: JWTPayload): string {
  const subject = payload[emailClaim];
  if (typeof subject !== "string" || subject === "") throw unauthorized(`it names nobody (${emailClaim})`);
  if (emailClaim === "email" && payload.email_verified === false) throw unauthorized("its address is not verified");
  return lowerCase(subject);
}

/** ContextForge's `teams` claim: ids, or objects with one. Null narrows to nothing in particular. */
function teamsOf(claim: unknown): string[] | undefined {
  if (claim === undefined || claim === null) return undefined;
  const ids = Array.isArray(claim) ? claim.map((team: unknown) => (isRecord(team) ? team.id : team)) : [undefined];
  if (!ids.every((id) => typeof id === "string" && id !== "")) throw unauthorized("its teams can't be read");
  return ids as string[];
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

const refuse = (error: unknown): never => {
  if (error instanceof GatewayError) throw error;
  if (error instanceof errors.JWTExpired) throw unauthorized("it has expired");
  if (error instanceof errors.JWTClaimValidationFailed)
    throw unauthorized(`the claim ${error.claim} is missing or wrong`);
  if (error instanceof errors.JWKSNoMatchingKey) throw unauthorized("its key is not one of its issuer's");
  throw unauthorized("it was not signed by this gateway, or is damaged");
};
