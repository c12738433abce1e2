// REST: making oneself an account, where an operator has allowed it. The address is proven by the link that is sent to it,
// and the answer never says whether there is an account already.
import * as z from "zod";
import { inTheNameOf } from "../catalog/change.ts";
import type { Context } from "../context.ts";
import { GatewayError } from "../errors.ts";
import { commitUsers, findUser, newUser } from "../identity/users.ts";
import { register } from "../schemas/users.ts";
import { canMail } from "./mail.ts";
import { passwordLink } from "./password-links.ts";
import { type Route, route } from "./route.ts";

async function invite(context: Context, email: string, fullName: string | null): Promise<void> {
  const desk = inTheNameOf(context.desk, "anonymous");
  if (await findUser(desk, email)) return;
  const link = await passwordLink(context, desk, "invitation", email);
  await commitUsers(desk, { action: "user.register", targetType: "user", targetId: email }, [
    ...newUser(desk, { email, fullName, isAdmin: false, passwordHash: null }),
    ...link.statements,
  ]);
  await link.send();
}

export const registerRoutes: readonly Route[] = [
  route("POST", "/auth/email/register", {
    summary: "Make oneself an account, where that is allowed: a link to choose a password is sent",
    tag: "Login",
    limit: { per: 15 * 60, most: 10 },
    body: register,
    answer: z.object({ success: z.literal(true), message: z.string() }),
    status: 202,
    async run({ context, body: { email, full_name: fullName = null } }) {
      if (!context.config.registration || !canMail(context))
        throw new GatewayError("forbidden", "Nobody registers here: ask an administrator for an account");
      context.store.waitUntil(invite(context, email, fullName));
      return { success: true, message: "If there is no such account yet, a link to open it is on its way" };
    },
  }),
];
