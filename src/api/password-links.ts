// Links through which a user chooses a password: sent where mail is set up, else shown once to the administrator who made
// them. The secret stands in the fragment, which browsers keep to themselves.
import type { BatchItem } from "drizzle-orm/batch";
import type * as z from "zod";
import type { Desk } from "../catalog/change.ts";
import type { Context } from "../context.ts";
import { type NewLink, newLink } from "../identity/links.ts";
import type { oneTimeLink } from "../schemas/users.ts";
import { canMail, sendMail } from "./mail.ts";
import { timeOf } from "./user-shape.ts";

type Purpose = "invitation" | "reset";

/** How long links work, in seconds. */
const LIFETIME = { invitation: 7 * 86_400, reset: 60 * 60 };

const WORDS: Readonly<Record<Purpose, { readonly subject: string; readonly text: string }>> = {
  invitation: {
    subject: "Your account",
    text: "An account was made for you. Choose a password here:",
  },
  reset: {
    subject: "Another password",
    text: "Choose another password here. If you did not ask for this, do nothing: your password stays as it is.",
  },
};

/** A link that is not made yet: its statements make it, `hand` says what became of it. */
export interface Handed {
  readonly statements: BatchItem<"sqlite">[];
  /** Sends the link, or shows it when it can't be sent. To be called once its statements are committed. */
  hand(): Promise<z.infer<typeof oneTimeLink>>;
}

/** A link for a user to choose a password. */
export async function passwordLink(context: Context, desk: Desk, purpose: Purpose, email: string): Promise<Handed> {
  const link = await newLink(desk, purpose, email, LIFETIME[purpose]);
  return { statements: link.statements, hand: () => hand(context, purpose, email, link) };
}

async function hand(context: Context, purpose: Purpose, to: string, { secret, expiresAt }: NewLink) {
  const url = `${context.origin}/ui/reset#${secret}`;
  const { subject, text } = WORDS[purpose];
  const expires_at = timeOf(expiresAt);
  const mail = {
    to,
    subject: `${context.config.appName}: ${subject}`,
    text: `${text}\n\n${url}\n\nIt works until ${expires_at}.`,
  };
  const sent = canMail(context) && (await sendMail(context, mail));
  return { url: sent ? null : url, expires_at, delivery: sent ? ("sent" as const) : ("shown" as const) };
}
