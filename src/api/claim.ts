// REST: the first run. A gateway belongs to nobody until somebody proves to own it: by a one-time link that only who can
// write its database can make, a token or a password set with its secrets, or Cloudflare Access vouching for an address
// that is listed. Never to the first visitor.

import { commit, inTheNameOf } from "../catalog/change.ts";
import { confirm, isClaimed } from "../catalog/stamp.ts";
import type { Context } from "../context.ts";
import { GatewayError } from "../errors.ts";
import { type ClaimProof, claimedAlready, claimGateway, isClaimLink } from "../identity/claim.ts";
import { hashPassword } from "../identity/passwords.ts";
import { sameSecret } from "../identity/secrets.ts";
import { cookieOf, newSession } from "../identity/sessions.ts";
import { findUser } from "../identity/users.ts";
import { lowerCase } from "../lib/lower-case.ts";
import { nowInSeconds } from "../lib/now.ts";
import { claimBody, claimState, loggedIn } from "../schemas/users.ts";
import { verifyByKeys } from "../upstream/jwks.ts";
import { requireGoodPassword } from "./password-rules.ts";
import { type Route, route } from "./route.ts";
import { presentUser } from "./user-shape.ts";

const tag = "First run";

/** How often one address may try. */
const TRIES = { per: 600, most: 20 };

/** Milliseconds for which it counts that nobody has claimed the gateway elsewhere. */
const JUST_NOW = 1_000;

const unproven = (why: string, cause?: unknown): GatewayError =>
  new GatewayError("unauthorized", why, { cause, headers: { "www-authenticate": 'Bearer realm="Causeway"' } });

/** Ways to claim that are set up. */
const ways = ({ claiming }: Context["config"]): ClaimProof[] => [
  "claim_link",
  ...(claiming.token ? (["bootstrap_token"] as const) : []),
  ...(claiming.access ? (["cloudflare_access"] as const) : []),
  ...(claiming.password ? (["admin_password"] as const) : []),
];

/** What proves that whoever asks owns the gateway. @throws GatewayError `unauthorized`. */
async function proofOf(context: Context, token: string | undefined, email: string): Promise<ClaimProof> {
  if (token === undefined) return await accessProof(context, email);
  const { desk, config } = context;
  if (config.claiming.token !== undefined && (await sameSecret(token, config.claiming.token))) return "bootstrap_token";
  if (await isClaimLink(desk, token)) return "claim_link";
  throw unproven("This token does not claim the gateway: it is wrong, was used, or has expired. Make another link");
}

/** Cloudflare Access vouches for whoever comes through it, by a header that it signs. */
async function accessProof(context: Context, email: string): Promise<ClaimProof> {
  const { access } = context.config.claiming;
  const assertion = context.accessAssertion;
  if (!access || assertion === null)
    throw unproven("Prove that this gateway is yours: send the token of a claim link, or BOOTSTRAP_TOKEN");
  const claims = await verifyByKeys(assertion, access.issuer, context).catch((cause: unknown) => {
    throw cause instanceof GatewayError ? cause : unproven("Cloudflare Access does not vouch for this request", cause);
  });
  const vouchedFor = typeof claims.email === "string" ? lowerCase(claims.email) : "";
  if (!access.emails.has(vouchedFor)) throw unproven("ADMIN_EMAILS does not list the address that you came in with");
  if (vouchedFor !== email) throw unproven(`You came in as ${vouchedFor}: claim the gateway with that address`);
  return "cloudflare_access";
}

/** Notes that somebody tried and proved nothing. So often at most as one address may try. */
async function noteFailure({ desk }: Context, email: string): Promise<void> {
  const detail = { email };
  const deed = { action: "gateway.claim_failed", targetType: "gateway", targetId: "gateway", detail, moves: [] };
  await commit(desk, deed, []);
}

/**
 * Logging in with PLATFORM_ADMIN_EMAIL and PLATFORM_ADMIN_PASSWORD claims the gateway while nobody has; the password must
 * then be changed. Does nothing for everybody else. To be asked after the attempt was counted.
 */
export async function claimByPassword(context: Context, email: string, password: string): Promise<void> {
  const { config, desk } = context;
  if (isClaimed() || email !== config.adminEmail || config.claiming.password === undefined) return;
  if (!(await sameSecret(password, config.claiming.password))) return;
  const passwordHash = await hashPassword(config, password);
  const owner = { email, fullName: null, passwordHash, mustChangePassword: true };
  const own = inTheNameOf(desk, email);
  await claimGateway(own, owner, "admin_password").catch((error: unknown) => {
    if (!(error instanceof GatewayError && error.code === "conflict")) throw error; // somebody was faster: log in
  });
}

export const claimRoutes: readonly Route[] = [
  route("GET", "/auth/claim", {
    summary: "Whether this gateway has an owner, and how one proves to be it",
    tag,
    answer: claimState,
    async run({ context }) {
      if (!isClaimed()) await confirm(context.store, JUST_NOW);
      return { claimed: isClaimed(), how: isClaimed() ? [] : ways(context.config) };
    },
  }),
  route("POST", "/auth/claim", {
    summary: "Claim this gateway: makes its first administrator, and logs in",
    tag,
    limit: TRIES,
    body: claimBody,
    answer: loggedIn,
    status: 201,
    async run({ context, body: { token, email, password, full_name: fullName = null }, headers }) {
      if (isClaimed()) throw claimedAlready();
      const proof = await proofOf(context, token, email).catch(async (error: unknown) => {
        if (error instanceof GatewayError && error.code === "unauthorized") await noteFailure(context, email);
        throw error;
      });
      requireGoodPassword(password, email);
      const desk = inTheNameOf(context.desk, email);
      const passwordHash = await hashPassword(context.config, password);
      const session = await newSession(desk, email, context.config.session, { startedBy: "claim" });
      const owner = { email, fullName, passwordHash, mustChangePassword: false };
      await claimGateway(desk, owner, proof, [session.statement]);
      const row = await findUser(desk, email);
      if (!row) throw new Error("the administrator was lost on the way");
      headers.set("set-cookie", cookieOf(session));
      return {
        access_token: session.secret,
        token_type: "bearer",
        expires_in: session.endsAt - nowInSeconds(),
        user: await presentUser(context, row),
      };
    },
  }),
];
