// Links through which a user chooses a password: sent where mail is set up, else shown once to the administrator who made
// them. The secret stands in the fragment, which browsers keep to themselves.
import type { BatchItem } from "drizzle-orm/batch";
import type * as z from "zod";
import type { Desk } from "../catalog/change.ts";
import type { Context } from "../context.ts";
import { newLink } from "../identity/links.ts";
import type { oneTimeLink } from "../schemas/users.ts";
import { sendMail } from "./mail.ts";
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
  /** Sends the link, or does nothing. */
  send(): Promise<boolean>;
}

/** A link for a user to choose a password. */
export async function passwordLink(context: Context, desk: Desk, purpose: Purpose, email: string): Promise<Handed> {
  const link = await newLink(desk, purpose, email, LIFETIME[purpose]);
  const url = `${context.origin}/ui/reset#${link.secret}`;
  const expires_at = timeOf(link.expiresAt);
  const { subject, text } = WORDS[purpose];
  const send = (): Promise<boolean> =>
    sendMail(context, {
      to: email,
      subject: `${context.config.appName}: ${subject}`,
      text: `${text}\n\n${url}\n\nIt works once, until ${expires_at}.`,
    });
  const hand: Handed["hand"] = async () =>
    (await send()) ? { url: null, expires_at, delivery: "sent" } : { url, expires_at, delivery: "shown" };
  return { statements: link.statements, hand, send };
}
