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
  readonly algorithm?: string;
  /** Narrows the token to one virtual server. */
  readonly serverId?: string;
}

/** The signed token. */
export function signToken({ subject, minutes, secret, algorithm = "HS256", serverId }: TokenWish): Promise<string> {
  return new SignJWT(serverId === undefined ? {} : { scopes: { server_id: serverId } })
    .setProtectedHeader({ alg: algorithm, typ: "JWT" })
    .setSubject(subject)
    .setIssuer("mcpgateway")
    .setAudience("mcpgateway-api")
    .setJti(randomUUID())
    .setIssuedAt()
    .setExpirationTime(Math.floor(Date.now() / 1000) + Math.round(minutes * 60))
    .sign(new TextEncoder().encode(secret));
}
