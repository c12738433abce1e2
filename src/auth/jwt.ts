// Bearer tokens: JWTs signed with JWT_SECRET_KEY. One algorithm, an expiry and a subject are required; issuer and
// audience must be ours when named (RFC 7519, RFC 8725). ContextForge's `username` and `scopes` claims are understood.
import { errors, jwtVerify } from "jose";
import type { Config } from "../env.ts";
import { GatewayError } from "../errors.ts";
import type { TokenScope } from "../identity/caller.ts";

/** What a valid token says. `expiresAt` in seconds since 1970. */
export interface TokenFacts {
  readonly subject: string;
  readonly expiresAt: number;
  readonly id?: string;
  readonly scope?: TokenScope;
}

const SKEW = 60;

/** Verifies a token. @throws GatewayError `unauthorized` that says what is wrong with it. */
export async function verifyToken(token: string, jwt: Config["jwt"]): Promise<TokenFacts> {
  const key = new TextEncoder().encode(jwt.secret);
  const { payload } = await jwtVerify(token, key, {
    algorithms: [jwt.algorithm],
    requiredClaims: ["exp"],
    clockTolerance: SKEW,
  }).catch(refuse);
  if (payload.iss !== undefined && payload.iss !== jwt.issuer) throw unauthorized("the issuer is not this gateway's");
  if (payload.aud !== undefined && ![payload.aud].flat().includes(jwt.audience))
    throw unauthorized("the audience is not this gateway");
  const subject = payload.sub ?? payload.username;
  if (typeof subject !== "string" || subject === "") throw unauthorized("it names nobody (sub or username)");
  const scope = scopeOf(payload.scopes);
  return {
    subject: subject.toLowerCase(),
    expiresAt: payload.exp ?? 0,
    ...(payload.jti === undefined ? {} : { id: payload.jti }),
    ...(scope ? { scope } : {}),
  };
}

/**
 * ContextForge's `scopes` claim: `server_id` narrows to one virtual server, `permissions` to those named (an empty list
 * restricts nothing). A scope that can't be read, or restricts by something not held to here, makes the token void.
 */
function scopeOf(claim: unknown): TokenScope | undefined {
  if (claim === undefined || claim === null) return undefined;
  if (typeof claim !== "object" || Array.isArray(claim)) throw unauthorized("its scopes can't be read");
  const { server_id: serverId, permissions = [], ...others } = claim as Record<string, unknown>;
  if (serverId !== undefined && serverId !== null && (typeof serverId !== "string" || serverId === ""))
    throw unauthorized("its scopes.server_id can't be read");
  if (!Array.isArray(permissions) || !permissions.every((permission) => typeof permission === "string"))
    throw unauthorized("its scopes.permissions can't be read");
  const restriction = Object.keys(others).find((name) => !isEmpty(others[name]));
  if (restriction) throw unauthorized(`its restriction scopes.${restriction} is not held to by this gateway yet`);
  return { ...(serverId ? { serverIds: [serverId] } : {}), ...(permissions.length > 0 ? { permissions } : {}) };
}

const isEmpty = (value: unknown): boolean =>
  value === undefined || value === null || (typeof value === "object" && Object.keys(value).length === 0);

const refuse = (error: unknown): never => {
  if (error instanceof errors.JWTExpired) throw unauthorized("it has expired");
  if (error instanceof errors.JWTClaimValidationFailed)
    throw unauthorized(`the claim ${error.claim} is missing or wrong`);
  throw unauthorized("it was not signed by this gateway, or is damaged");
};

/** A refusal of a credential (RFC 6750 §3). */
export const unauthorized = (why: string): GatewayError =>
  new GatewayError("unauthorized", `The token is not accepted: ${why}`, {
    headers: { "www-authenticate": 'Bearer error="invalid_token"' },
  });
