// What a stored credential says: whose it is, and what it proves.
import type { Proof } from "./standing.ts";

export interface Found {
  readonly email: string;
  readonly proof: Proof;
}
