// What deliveries are signed with: sealed in a webhook's row, opened only here, never shown again. After a rotation the
// secret before signs along for a while, so that receivers can change over.
import type { WebhookRow } from "../db/tables/webhooks.ts";
import { GatewayError } from "../errors.ts";
import { isObject, type JsonObject } from "../lib/json.ts";
import { nowInSeconds } from "../lib/now.ts";
import { sealer } from "../lib/seal.ts";
import { newSigningSecret, signingKeyOf } from "../lib/webhook-signature.ts";
import { countSecretUse } from "../observability/counts.ts";

const PURPOSE = "webhook-secret";

/** `until`: seconds since 1970. */
interface Keys {
  readonly secret: string;
  readonly before: { readonly secret: string; readonly until: number } | null;
}

const seal = (secrets: readonly string[], id: string, keys: Keys): Promise<string> =>
  sealer(secrets, PURPOSE).seal(keys as unknown as JsonObject, id);

async function open(secrets: readonly string[], { id, name, secretSealed }: WebhookRow): Promise<Keys> {
  const opened = await sealer(secrets, PURPOSE).open(secretSealed, id);
  if (isObject(opened)) return opened as unknown as Keys;
  throw new GatewayError(
    "conflict",
    `The signing secret of ${name} can't be opened (was AUTH_ENCRYPTION_SECRET changed?); rotate it`,
  );
}

/** The secret a body gives, or a new one. @throws GatewayError `invalid_params` for one that is none. */
export function secretFrom(given: string | undefined): string {
  if (given === undefined) return newSigningSecret();
  if (signingKeyOf(given)) return given;
  throw new GatewayError("invalid_params", "secret must be whsec_ and 24 to 64 bytes in base64", {
    details: { field: "secret" },
  });
}

/** The sealed form of the one secret of a new webhook. */
export const sealSecret = (secrets: readonly string[], id: string, secret: string): Promise<string> =>
  seal(secrets, id, { secret, before: null });

/** The sealed form of a new secret, beside which the old one signs for so many seconds more. */
export async function sealNext(
  secrets: readonly string[],
  row: WebhookRow,
  secret: string,
  overlap: number,
): Promise<string> {
  if (overlap === 0) return await sealSecret(secrets, row.id, secret);
  const { secret: old } = await open(secrets, row);
  return await seal(secrets, row.id, { secret, before: { secret: old, until: nowInSeconds() + overlap } });
}

/** The secrets to sign with now, the newest first. @throws GatewayError `conflict` when they can't be opened. */
export async function signingSecrets(secrets: readonly string[], row: WebhookRow): Promise<string[]> {
  const { secret, before } = await open(secrets, row);
  countSecretUse("gateway", PURPOSE, row.id);
  return before && before.until > nowInSeconds() ? [secret, before.secret] : [secret];
}
