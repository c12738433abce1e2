// People of the test gateway who log in with a password.

import type { Gateway } from "../harness.ts";
import type { Answer } from "../rest.ts";

/** A password that the policy takes. */
export const PASSWORD = "four unrelated words, here";

const JSON_ONLY = { "content-type": "application/json" };

/** Makes a user who logs in with `PASSWORD`, without having to change it first. */
export async function addPerson(
  gateway: Gateway,
  email: string,
  more: { is_admin?: boolean; full_name?: string; password?: string } = {},
): Promise<string> {
  const user = { email, password: PASSWORD, password_change_required: false, ...more };
  const { status, body } = await gateway.api("POST", "/auth/email/admin/users", user);
  if (status !== 201) throw new Error(`${email} was not made: ${status} ${JSON.stringify(body)}`);
  return email;
}

/** Tries to log in, from an address if the gateway believes one. */
export const logIn = (
  gateway: Gateway,
  email: string,
  password: string = PASSWORD,
  headers: Record<string, string> = {},
): Promise<Answer<Record<string, unknown>>> =>
  gateway.api("POST", "/auth/login", { email, password }, { ...JSON_ONLY, ...headers });

/** The secret of a new session of a user. */
export async function sessionOf(gateway: Gateway, email: string, password: string = PASSWORD): Promise<string> {
  const { status, body } = await logIn(gateway, email, password);
  if (status !== 200) throw new Error(`${email} can't log in: ${status} ${JSON.stringify(body)}`);
  return String(body.access_token);
}

/** Headers that present a session as its page does. */
export const withCookie = (gateway: Gateway, secret: string): Record<string, string> => ({
  ...JSON_ONLY,
  cookie: `__Host-causeway=${secret}`,
  origin: gateway.url,
});
