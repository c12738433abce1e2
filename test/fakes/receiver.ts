// A receiver of webhooks: keeps what it is sent, answers as a test says, and verifies signatures as the specification of
// Standard Webhooks words it, with nothing of ours.
import { createHmac, timingSafeEqual } from "node:crypto";
import type { ServerResponse } from "node:http";
import { answering, listen, type Running, readBody } from "./http.ts";

/** A message as it came. */
export interface Received {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly at: number;
}

/** How a message is answered: a status, with headers perhaps; or never. */
export type Answer = number | "hang" | { readonly status: number; readonly headers: Record<string, string> };

export interface Receiver extends Running {
  readonly received: readonly Received[];
  /** Answers of the next messages, in order; then 204. */
  answers(...answers: Answer[]): void;
  /** Resolves with all that was received when there is so much of it. */
  until(count: number): Promise<readonly Received[]>;
}

/** Starts a receiver on this machine. */
export async function startReceiver(): Promise<Receiver> {
  const received: Received[] = [];
  const answers: Answer[] = [];
  let wake = () => {};
  const running = await listen(
    answering(async (incoming, outgoing) => {
      const body = (await readBody(incoming)).toString("utf8");
      const headers = Object.fromEntries(
        Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]),
      );
      received.push({ path: incoming.url ?? "", headers, body, at: Date.now() });
      respond(outgoing, answers.shift() ?? 204);
      wake();
    }),
    "/hook",
  );
  return {
    ...running,
    received,
    answers: (...more) => void answers.push(...more),
    async until(count) {
      while (received.length < count) await new Promise<void>((resolve) => (wake = resolve));
      return received;
    },
  };
}

function respond(outgoing: ServerResponse, answer: Answer): void {
  if (answer === "hang") return;
  const { status, headers } = typeof answer === "number" ? { status: answer, headers: {} } : answer;
  outgoing.writeHead(status, headers).end();
}

/** The number of signatures of a message that are by a secret. @throws Error when it is older than five minutes. */
export function verified({ headers, body }: Received, secret: string): number {
  const { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signatures = "" } = headers;
  if (Math.abs(Date.now() / 1000 - Number(timestamp)) > 300) throw new Error("the message is old");
  const key = Buffer.from(secret.replace("whsec_", ""), "base64");
  const own = createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest();
  return signatures.split(" ").filter((one) => {
    const [version, text = ""] = one.split(",");
    const given = Buffer.from(text, "base64");
    return version === "v1" && given.length === own.length && timingSafeEqual(given, own);
  }).length;
}
