// REST: where the caller is logged in.
import * as z from "zod";
import { GatewayError } from "../errors.ts";
import type { Caller } from "../identity/caller.ts";
import { but, endNow, onlyThat, sessionsOf } from "../identity/sessions.ts";
import { deleted } from "../schemas/common.ts";
import { sessionRead } from "../schemas/users.ts";
import { type Route, route } from "./route.ts";
import { presentSession } from "./user-shape.ts";

const tag = "Login";

/** Logins are a matter of their person: neither API tokens nor narrowed ones see or end them. */
function requirePerson({ credential, scope, teams }: Caller): void {
  if (credential === "api_token" || scope || teams)
    throw new GatewayError("forbidden", "Logins are managed by people: log in for this");
}

export const sessionRoutes: readonly Route[] = [
  route("GET", "/auth/sessions", {
    summary: "Where the caller is logged in",
    tag,
    own: "credential",
    answer: z.array(sessionRead),
    async run({ context: { desk, caller } }) {
      requirePerson(caller);
      return (await sessionsOf(desk, caller.id)).map((row) => presentSession(row, caller.tokenId));
    },
  }),
  route("DELETE", "/auth/sessions", {
    summary: "Log the caller out everywhere else",
    tag,
    own: "credential",
    answer: deleted,
    async run({ context: { desk, caller } }) {
      requirePerson(caller);
      const ended = await endNow(desk, caller.id, but(caller.tokenId), { action: "session.end_others" });
      return { status: "success", message: `${ended.length} other logins ended` };
    },
  }),
  route("DELETE", "/auth/sessions/:id", {
    summary: "End one login of the caller",
    tag,
    own: "credential",
    answer: deleted,
    async run({ context: { desk, caller }, params }) {
      requirePerson(caller);
      const id = params.id ?? "";
      const ended = await endNow(desk, caller.id, onlyThat(id), { action: "session.end", detail: { session: id } });
      if (ended.length === 0) throw new GatewayError("not_found", "Session not found");
      return { status: "success", message: "Login ended" };
    },
  }),
];
