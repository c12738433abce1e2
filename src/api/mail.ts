// Mail: handed to the `send_email` binding, or as JSON to a webhook. Where neither is set up, links are shown to
// administrators, who hand them on.
import type { Context } from "../context.ts";
import { GatewayError } from "../errors.ts";

export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

const TIMEOUT = 10_000;

/** Whether mail can be sent at all. */
export const canMail = ({ env, config }: Context): boolean =>
  config.mail.webhook !== undefined || (env.EMAIL !== undefined && config.mail.from !== undefined);

/** Sends a mail; false when it can't be: the reason is in the log. */
export async function sendMail(context: Context, mail: Mail): Promise<boolean> {
  if (!canMail(context)) return false;
  try {
    await (context.config.mail.webhook === undefined ? throughBinding : throughWebhook)(context, mail);
    return true;
  } catch (error) {
    console.error({ event: "mail was not sent", request_id: context.requestId, cause: String(error) });
    return false;
  }
}

async function throughBinding({ env, config }: Context, { to, subject, text }: Mail): Promise<void> {
  await env.EMAIL?.send({ from: config.mail.from ?? "", to, subject, text });
}

async function throughWebhook({ config, outbound }: Context, mail: Mail): Promise<void> {
  const reply = await outbound.fetch(config.mail.webhook ?? "", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(mail),
    timeout: TIMEOUT,
  });
  reply.discard();
  if (reply.status >= 300) throw new GatewayError("upstream_status", `The mail webhook answered ${reply.status}`);
}
