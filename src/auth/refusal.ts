// What a credential that is not valid is answered with, and why.
import { GatewayError } from "../errors.ts";

/** A refusal of a credential (RFC 6750 §3). */
export const unauthorized = (why: string): GatewayError =>
  new GatewayError("unauthorized", `The token is not accepted: ${why}`, {
    headers: { "www-authenticate": 'Bearer error="invalid_token"' },
  });
