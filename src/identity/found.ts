// What a stored credential says: whose it is, and what it proves.
import type { Proof } from "./standing.ts";

export interface Found {
  readonly email: string;
  readonly proof: Proof;
  /** Somebody else says so: its user must be known here, and it is looked at again at this time (milliseconds). */
  readonly vouchedUntil?: number;
}
