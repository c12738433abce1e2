// Who is calling: a bearer token, the dashboard's cookie, or basic authentication where it is allowed. A token that was
// verified once is remembered until it expires, is revoked, or its user's access changes; each is seen within 10 s.
import { accessVersion, isRevoked, type Store } from "../catalog/stamp.ts";
import type { Context } from "../context.ts";
import { GatewayError } from "../errors.ts";
import { accessStands, type UserFacts, userFacts } from "../identity/access.ts";
import { findApiToken } from "../identity/api-tokens.ts";
import { ANONYMOUS, type Caller } from "../identity/caller.ts";
import type { Found } from "../identity/found.ts";
import { PREFIX } from "../identity/secrets.ts";
import { COOKIE, findSession, keepAwake } from "../identity/sessions.ts";
import { activeUser, callerFor, tokenStands } from "../identity/standing.ts";
import { verifyToken } from "./jwt.ts";
import { requireOurSite } from "./our-site.ts";
import { unauthorized } from "./refusal.ts";

interface Remembered {
  readonly caller: Caller;
  readonly access: number;
  /** Milliseconds since 1970 after which it is verified anew. */
  readonly until: number;
  readonly isSession: boolean;
}

const MOST = 10_000;
const remembered = new Map<string, Remembered>();

/** Which credentials a door takes. MCP doors take no basic authentication. */
export type Door = "rest" | "mcp";

/**
 * The caller of a request; anonymous when it presents nothing. Returns at once for a token this isolate knows.
 * @throws GatewayError `unauthorized` for a credential that is not valid, `foreign_origin` for a cookie used elsewhere.
 */
export function authenticate(context: Context, request: Request, door: Door): Caller | Promise<Caller> {
  if (!context.config.authRequired) return callerFor(context.bootstrapAdmin, { credential: "session" });
  const header = request.headers.get("authorization");
  if (header === null) return fromCookie(context, request);
  if (/^bearer /i.test(header)) return fromToken(context, header.slice(7).trim());
  if (/^basic /i.test(header) && door === "rest" && context.config.basic)
    return fromBasic(context, header.slice(6).trim());
  throw unauthorized("only bearer tokens are taken here");
}

/** Verifies a credential and finds its user. A session that is used stays awake. */
export function fromToken(context: Context, token: string): Caller | Promise<Caller> {
  const known = remembered.get(token);
  const stands = known && known.access === accessVersion() && known.until > Date.now() && tokenStands(known.caller);
  if (stands && accessStands(known.caller.access)) {
    if (known.isSession) keepAwake(context.store, known.caller.tokenId ?? "", context.config.session);
    return known.caller;
  }
  remembered.delete(token);
  return verified(context, token);
}

/** Credentials of ours, by what they begin with; anything else is a JWT. */
const OURS: readonly [prefix: string, find: (store: Store, secret: string) => Promise<Found | undefined>][] = [
  [PREFIX.session, findSession],
  [PREFIX.apiToken, findApiToken],
];

async function verified(context: Context, token: string): Promise<Caller> {
  const access = accessVersion();
  const [, find] = OURS.find(([prefix]) => token.startsWith(prefix)) ?? [];
  const found = find ? await stored(context.store, token, find) : await signed(context, token);
  const { proof, vouchedUntil: until = Number.POSITIVE_INFINITY } = found;
  const caller = callerFor(await userOf(context, found), proof);
  // A JWT's expiry was judged with leeway for its issuer's clock.
  const over = find ? !tokenStands(caller) : proof.tokenId !== undefined && isRevoked(proof.tokenId);
  if (over) throw unauthorized("it has expired or was revoked");
  if (remembered.size >= MOST) remembered.clear();
  const isSession = find === findSession;
  if (isSession) keepAwake(context.store, caller.tokenId ?? "", context.config.session);
  remembered.set(token, { caller, access, until, isSession });
  return caller;
}

async function stored(store: Store, token: string, find: (typeof OURS)[number][1]): Promise<Found> {
  const found = await find(store, token).catch((cause: unknown) => {
    throw new GatewayError("unavailable", "Credentials can't be checked right now; try again shortly", { cause });
  });
  if (!found) throw unauthorized("it is not known here, or was revoked");
  return found;
}

/** How long a token is believed before its issuer's keys are looked at again, in milliseconds. */
const BELIEVED = 10 * 60_000;

async function signed(context: Context, token: string): Promise<Found> {
  const { subject, expiresAt, id, scope, teams, fromOutside } = await verifyToken(token, context.config, context);
  return {
    email: subject,
    proof: {
      credential: "jwt",
      expiresAt,
      ...(id === undefined ? {} : { tokenId: id }),
      ...(scope ? { scope } : {}),
      ...(teams ? { teams } : {}),
    },
    ...(fromOutside ? { vouchedUntil: Date.now() + BELIEVED } : {}),
  };
}

/** The active user a credential is for. The bootstrap administrator needs no row, unless somebody else vouches for it. */
async function userOf({ store, bootstrapAdmin }: Context, { email, vouchedUntil }: Found): Promise<UserFacts> {
  const user =
    vouchedUntil === undefined
      ? await activeUser(store, email === "admin" ? bootstrapAdmin.email : email, bootstrapAdmin)
      : await userFacts(store, email);
  if (!user?.active) throw unauthorized("its user is not known here, or is deactivated");
  return user;
}

/** The dashboard's cookie holds a token. It counts for requests of this very site alone. */
function fromCookie(context: Context, request: Request): Caller | Promise<Caller> {
  const cookies = request.headers.get("cookie");
  const token = cookies === null ? undefined : new RegExp(`(?:^|; )${COOKIE}=([^;]+)`).exec(cookies)?.[1];
  if (token === undefined) return ANONYMOUS;
  requireOurSite(context, request);
  return fromToken(context, token);
}

async function fromBasic(context: Context, encoded: string): Promise<Caller> {
  const { user = "", password = "" } = context.config.basic ?? {};
  const expected = new TextEncoder().encode(`${user}:${password}`);
  if (!(await sameText(expected, encoded))) {
    throw new GatewayError("unauthorized", "User name or password is wrong", {
      headers: { "www-authenticate": 'Basic realm="Causeway"' },
    });
  }
  return callerFor(context.bootstrapAdmin, { credential: "basic" });
}

/** workerd's own comparison, which the web's types do not know. */
const subtle = crypto.subtle as SubtleCrypto & { timingSafeEqual(one: ArrayBuffer, other: ArrayBuffer): boolean };

/** Compares without telling by time where the difference is: digests of both sides are compared. */
async function sameText(expected: Uint8Array<ArrayBuffer>, encoded: string): Promise<boolean> {
  const given = Uint8Array.from(safeAtob(encoded), (letter) => letter.charCodeAt(0));
  const [one, other] = await Promise.all([subtle.digest("SHA-256", expected), subtle.digest("SHA-256", given)]);
  return subtle.timingSafeEqual(one, other);
}

const safeAtob = (text: string): string => {
  try {
    return atob(text);
  } catch {
    return "";
  }
};
