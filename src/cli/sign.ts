// Signs bearer tokens with the gateway's own secret, in ContextForge's shape (claims sub, iss, aud, exp, jti, scopes).
import { randomUUID } from "node:crypto";
import { SignJWT } from "jose";

/** What a token is for. */
export interface TokenWish {
  /** E-mail address of an active user, or `admin`. */
  readonly subject: string;
  /** Minutes it lives. */
  readonly minutes: number;
  readonly secret: string;
  readonly algorithm?: string | undefined;
  readonly issuer?: string | undefined;
  readonly audience?: string | undefined;
  /** Narrows the token to one virtual server. */
  readonly serverId?: string | undefined;
}

/** What a gateway with these settings takes: tokens of the bootstrap administrator, unless `subject` is overridden. */
export const settingsOf = (vars: Readonly<Record<string, string>>) => ({
  subject: vars.PLATFORM_ADMIN_EMAIL ?? "admin@example.com",
  secret: vars.JWT_SECRET_KEY,
  algorithm: vars.JWT_ALGORITHM,
  issuer: vars.JWT_ISSUER,
  audience: vars.JWT_AUDIENCE,
});

/** The signed token. */
export function signToken({
  subject,
  minutes,
  secret,
  algorithm = "HS256",
  issuer = "mcpgateway",
  audience = "mcpgateway-api",
  serverId,
}: TokenWish): Promise<string> {
  return new SignJWT(serverId === undefined ? {} : { scopes: { server_id: serverId } })
    .setProtectedHeader({ alg: algorithm, typ: "JWT" })
    .setSubject(subject)
    .setIssuer(issuer)
    .setAudience(audience)
    .setJti(randomUUID())
    .setIssuedAt()
    .setExpirationTime(Math.floor(Date.now() / 1000) + Math.round(minutes * 60))
    .sign(new TextEncoder().encode(secret));
}
