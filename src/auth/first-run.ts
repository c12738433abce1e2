// The first run: until somebody has proven to own a deployed gateway, its doors answer 503 and say what to do. Open are
// the ways to claim it; a gateway on somebody's own machine serves its sample at once.
import { confirm, isClaimed } from "../catalog/stamp.ts";
import type { Context } from "../context.ts";
import { GatewayError } from "../errors.ts";

const CLAIMING = /^(?:\/v1)?\/auth\/claim$|^\/$/;
const LOGGING_IN = /^(?:\/v1)?\/auth\/(?:email\/)?login$/;

/** Milliseconds after which it is asked again whether somebody has claimed the gateway elsewhere. */
const ASK_AGAIN = 1_000;

/** Whether this path is served whoever owns the gateway. Logging in claims it where a password for that is set. */
const opens = ({ config }: Context, path: string): boolean =>
  CLAIMING.test(path) || (config.claiming.password !== undefined && LOGGING_IN.test(path));

/** Returns nothing when the gateway is claimed, so that a warm request awaits nothing. @throws GatewayError `not_claimed`. */
export function requireClaimed(context: Context, path: string): Promise<void> | undefined {
  return isClaimed() || context.config.local || opens(context, path) ? undefined : ask(context);
}

async function ask({ store, origin }: Context): Promise<void> {
  await confirm(store, ASK_AGAIN);
  if (isClaimed()) return;
  const page = `${origin}/ui/claim`;
  throw new GatewayError(
    "not_claimed",
    `Nobody has proven to own this gateway yet. Run \`npm run claim -- --remote\` where it was deployed from and open the link, or open ${page} with the BOOTSTRAP_TOKEN`,
    { details: { claim: page }, headers: { "retry-after": "10" } },
  );
}
