// Every operation on teams and roles, once at least, for answers.test.ts.
import { addUser } from "../auth/users.ts";
import type { Gateway } from "../harness.ts";
import type { Json } from "./document.ts";

/** Calls an operation, held against the document, and gives the body of its answer. `by`: an address, or a session. */
export type Call = (
  method: string,
  template: string,
  ids?: Record<string, unknown>,
  body?: unknown,
  query?: string,
  by?: string,
) => Promise<Json>;

/** Calls all operations of /teams and /rbac, with their usual failures. */
export async function callTeamsAndRoles(gateway: Gateway, call: Call): Promise<void> {
  const [email, guest] = [await addUser(gateway, "guest@example.com"), await addUser(gateway, "other@example.com")];
  const wanted = { name: "documented", visibility: "public", members: [{ email: "new@example.com" }] };
  const { id } = await call("POST", "/teams", {}, wanted);
  await call("POST", "/teams", {}, { name: "" });
  await call("GET", "/teams");
  await call("GET", "/teams/discover", {}, undefined, "?q=doc", email);
  await call("GET", "/teams/{id}", { id });
  await call("GET", "/teams/{id}", { id: "absent" });
  await call("PUT", "/teams/{id}", { id }, { description: "changed" });
  await call("GET", "/teams/{id}/members", { id });
  await call("GET", "/teams/{id}/members", { id }, undefined, "", email);
  await call("POST", "/teams/{id}/members", { id }, { email, role: "owner" });
  await call("POST", "/teams/{id}/members", { id }, { email });
  await call("PUT", "/teams/{id}/members/{email}", { id, email }, { role: "viewer" });
  await call("DELETE", "/teams/{id}/members/{email}", { id, email });
  const invitation = { email, role: "viewer" };
  const first = await call("POST", "/teams/{id}/invitations", { id }, invitation);
  await call("GET", "/teams/{id}/invitations", { id });
  await call("DELETE", "/teams/invitations/{id}", { id: first.id });
  const { token } = await call("POST", "/teams/{id}/invitations", { id }, invitation);
  await call("POST", "/teams/invitations/{token}/accept", { token });
  await call("POST", "/teams/invitations/{token}/accept", { token }, undefined, "", email);
  await call("DELETE", "/teams/{id}/leave", { id }, undefined, "", email);
  const asked = await call("POST", "/teams/{id}/join", { id }, { message: "please" }, "", email);
  await call("POST", "/teams/{id}/join", { id }, { message: "please" }, "", email);
  await call("GET", "/teams/{id}/join-requests", { id });
  await call("POST", "/teams/{id}/join-requests/{rid}/approve", { id, rid: asked.id });
  await call("POST", "/teams/{id}/join", { id }, {}, "", guest);
  await call("DELETE", "/teams/{id}/join", { id }, undefined, "", guest);
  const again = await call("POST", "/teams/{id}/join", { id }, {}, "", guest);
  await call("DELETE", "/teams/{id}/join-requests/{rid}", { id, rid: again.id });

  const role = { name: "documented", scope: "global", permissions: ["users.read"] };
  const { id: role_id } = await call("POST", "/rbac/roles", {}, role);
  await call("POST", "/rbac/roles", {}, role);
  await call("GET", "/rbac/roles", {}, undefined, "?scope=global");
  await call("GET", "/rbac/roles/{id}", { id: role_id });
  await call("PUT", "/rbac/roles/{id}", { id: role_id }, { permissions: ["users.read", "audit.read"] });
  await call("POST", "/rbac/users/{email}/roles", { email }, { role_id, expires_at: "2099-01-01T00:00:00Z" });
  await call("GET", "/rbac/users/{email}/roles", { email });
  for (const id of [role_id, "viewer", "absent"]) await call("GET", "/rbac/roles/{id}/holders", { id });
  await call("DELETE", "/rbac/roles/{id}", { id: role_id });
  await call("GET", "/rbac/my/roles");
  await call("GET", "/rbac/my/permissions");
  await call("GET", "/rbac/permissions/available");
  await call("POST", "/rbac/permissions/check", {}, { user_email: email, permission: "audit.read" });
  await call("DELETE", "/rbac/users/{email}/roles/{role_id}", { email, role_id });
  await call("DELETE", "/rbac/roles/{id}", { id: role_id });
  await call("DELETE", "/teams/{id}", { id });
}
