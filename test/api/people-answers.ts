// Every operation on logins, users and API tokens, once at least, for answers.test.ts.

import { newClaimLink } from "../../src/cli/claim-link.ts";
import { PASSWORD } from "../auth/people.ts";
import { addUser } from "../auth/users.ts";
import type { Gateway } from "../harness.ts";
import type { Json } from "./document.ts";
import type { Call } from "./team-answers.ts";

const USERS = "/auth/email/admin/users";

/** Claims the gateway, logs in, and fails at both. */
export async function callLogins(gateway: Gateway, call: Call): Promise<void> {
  const { secret, sql } = newClaimLink();
  await gateway.sql(sql);
  const owner = { email: "owner@example.com", password: PASSWORD };
  await call("GET", "/auth/claim");
  await call("POST", "/auth/claim", {}, { ...owner, token: "made up" });
  await call("POST", "/auth/claim", {}, { ...owner, token: secret, password: "short" });
  await call("POST", "/auth/claim", {}, { ...owner, token: secret });
  await call("POST", "/auth/claim", {}, { ...owner, token: secret });
  await call("GET", "/auth/claim");

  const changing = { email: "changing@example.com", password: PASSWORD };
  await call("POST", USERS, {}, { ...changing, password_change_required: true });
  for (const path of ["/auth/login", "/auth/email/login"]) {
    await call("POST", path, {}, owner);
    await call("POST", path, {}, { ...owner, password: "wrong, and long enough" });
    await call("POST", path, {}, changing);
    await call("POST", path, {}, { password: PASSWORD });
  }
  const { access_token } = (await call("POST", "/tokens", {}, { name: "logs nobody in" })) as { access_token: string };
  await call("POST", "/auth/session", {}, { token: access_token });
  await call("POST", "/auth/session", {}, { token: "made up" });
  await call("GET", "/auth/me");
  await call("GET", "/auth/email/me"); // the bootstrap administrator, who has no account
  await call("GET", "/auth/email/me", {}, undefined, "", owner.email);
  await call("POST", "/auth/logout");
  await callOwnAccount(call, owner);
}

/** Calls what people do to their own account, logged in and by links. */
async function callOwnAccount(call: Call, owner: { email: string; password: string }): Promise<void> {
  const logIn = async (): Promise<string> => String((await call("POST", "/auth/login", {}, owner)).access_token);
  const [one, other] = [await logIn(), await logIn()];
  await call("PUT", "/auth/me", {}, { full_name: "The Owner" }, "", one);
  await call("PUT", "/auth/me", {}, { wrong: 1 }, "", one);
  await call("PUT", "/auth/me", {}, { full_name: "No login" });
  const sessions = (await call("GET", "/auth/sessions", {}, undefined, "", one)) as unknown as Json[];
  await call("DELETE", "/auth/sessions/{id}", { id: sessions.find(({ current }) => !current)?.id }, undefined, "", one);
  await call("DELETE", "/auth/sessions/{id}", { id: "absent" }, undefined, "", one);
  await call("DELETE", "/auth/sessions", {}, undefined, "", one);
  await call("GET", "/auth/sessions", {}, undefined, "", other);
  const another = "five other words, put here";
  const change = (old_password: string, new_password: string): Promise<Json> =>
    call("POST", "/auth/email/change-password", {}, { old_password, new_password }, "", one);
  await change("wrong, and long enough", another);
  await change(owner.password, "short");
  await change(owner.password, another);
  await call("POST", "/auth/email/forgot-password", {}, { email: owner.email });
  await call("POST", "/auth/email/forgot-password", {}, { email: "nobody" });
  await call("POST", "/auth/email/register", {}, { email: "newcomer@example.com" });
  await call("POST", "/auth/email/register", {}, { email: "nobody" });
  const { link } = (await call("POST", USERS, {}, { email: "by-link@example.com" })) as { link: { url: string } };
  const token = link.url.slice(link.url.indexOf("#") + 1);
  const path = "/auth/email/reset-password/{token}";
  for (const one of [token, "absent"]) await call("GET", path, { token: one });
  for (const new_password of ["short", another, another]) await call("POST", path, { token }, { new_password });
}

/** Calls all operations of /auth/email/admin/users, with their usual failures. */
export async function callUsers(gateway: Gateway, call: Call): Promise<void> {
  const plain = await addUser(gateway, "plain@example.com");
  const [email, invited] = ["made@example.com", "invited@example.com"];
  await call("POST", USERS, {}, { email, password: PASSWORD, full_name: "Made", password_change_required: false });
  await call("POST", USERS, {}, { email: invited });
  await call("POST", USERS, {}, { email, password: PASSWORD });
  await call("POST", USERS, {}, { email: "nobody", password: "x" });
  await call("POST", USERS, {}, { email: "other@example.com", password: "x" });
  await call("GET", USERS);
  await call("GET", USERS, {}, undefined, "", plain);
  await call("GET", USERS, {}, undefined, "?limit=0");
  for (const one of [email, invited, "absent@example.com"]) await call("GET", `${USERS}/{email}`, { email: one });
  await call("PUT", `${USERS}/{email}`, { email }, { full_name: "Changed" });
  await call("PUT", `${USERS}/{email}`, { email }, { wrong: 1 });
  await call("PUT", `${USERS}/{email}`, { email }, { full_name: "Changed" }, "", plain);
  await call("POST", "/auth/login", {}, { email, password: PASSWORD });
  await call("POST", "/auth/login", {}, { email, password: "wrong, and long enough" });
  await call("GET", `${USERS}/{email}/sessions`, { email });
  for (const word of ["unlock", "reset-link"]) {
    await call("POST", `${USERS}/{email}/${word}`, { email });
    await call("POST", `${USERS}/{email}/${word}`, { email: "absent@example.com" });
  }
  await call("DELETE", `${USERS}/{email}/sessions`, { email });
  await call("PUT", `${USERS}/{email}`, { email: "owner@example.com" }, { is_active: false }); // the last administrator
  const { id } = await call("POST", "/teams", {}, { name: "theirs" }, "", email);
  await call("DELETE", `${USERS}/{email}`, { email });
  await call("DELETE", "/teams/{id}", { id });
  await call("DELETE", `${USERS}/{email}`, { email });
  await call("DELETE", `${USERS}/{email}`, { email });
}

/** Calls all operations of /tokens, with their usual failures. */
export async function callTokens(gateway: Gateway, call: Call): Promise<void> {
  const other = await addUser(gateway, "elsewhere@example.com");
  const { id: team_id } = await call("POST", "/teams", {}, { name: "with tokens" });
  const scope = {
    permissions: ["tools.read"],
    ip_restrictions: ["192.0.2.0/24"],
    time_restrictions: { days: ["Mon"], start: "08:00", end: "18:00", timezone: "Europe/Zurich" },
    usage_limits: { requests_per_hour: 10 },
  };
  const make = async (body: Json): Promise<unknown> =>
    ((await call("POST", "/tokens", {}, body)).token as Json | undefined)?.id;
  const id = await make({ name: "documented", description: "all of it", expires_in_days: 1, tags: ["a"], scope });
  const spare = await make({ name: "the team's", team_id });
  await make({ name: "documented", scope: { permissions: ["no.such"] } });
  await make({ name: "documented", team_id: "absent" });
  await call("POST", "/tokens", {}, { name: "beyond", scope: { permissions: ["users.read"] } }, "", other);
  await call("GET", "/tokens");
  await call("GET", "/tokens", {}, undefined, "?status=nonsense");
  await call("GET", "/tokens/admin/all");
  await call("GET", "/tokens/admin/all", {}, undefined, "", other);
  await call("GET", "/tokens/teams/{team_id}", { team_id });
  await call("GET", "/tokens/teams/{team_id}", { team_id: "absent" });
  for (const path of ["/tokens/{id}", "/tokens/admin/{id}", "/tokens/{id}/usage"]) {
    await call("GET", path, { id });
    await call("GET", path, { id: "absent" });
  }
  await call("GET", "/tokens/{id}/usage", { id }, undefined, "?days=0");
  await call("PUT", "/tokens/{id}", { id }, { name: "changed", scope: null });
  await call("PUT", "/tokens/{id}", { id }, { wrong: 1 });
  await call("PUT", "/tokens/{id}", { id: "absent" }, { name: "changed" });
  const rotated = await call("POST", "/tokens/{id}/rotate", { id }, { overlap_hours: 1 });
  await call("POST", "/tokens/{id}/rotate", { id }, { overlap_hours: 1 });
  await call("GET", "/tokens/{id}", { id });
  await call("POST", "/tokens/{id}/revoke", { id }, { reason: "no longer needed" });
  await call("POST", "/tokens/{id}/revoke", { id }, { reason: "again" });
  await call("PUT", "/tokens/{id}", { id }, { name: "too late" });
  await call("POST", "/tokens/{id}/rotate", { id }, {});
  await call("DELETE", "/tokens/{id}", { id: (rotated.token as Json).id });
  await call("DELETE", "/tokens/{id}", { id: "absent" });
  await call("DELETE", "/tokens/admin/{id}", { id: spare });
}
