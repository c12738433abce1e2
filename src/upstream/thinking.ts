// Questions of servers that wait for a person, by the session they were asked in: whoever waits for an answer there waits
// with the server, on whatever stream it has asked. One isolate knows of its own.

/** Questions under way in a session, or when the last one was answered. Milliseconds since 1970. */
interface Thinking {
  open: number;
  at: number;
}

const MOST = 1_000;
/** A question may vanish together with the request that asked it. Milliseconds. */
const FORGOTTEN_AFTER = 600_000;

const sessions = new Map<string, Thinking>();

/** Notes a question until its reply is there. */
export async function whileThinking<T>(sessionId: string | undefined, reply: Promise<T>): Promise<T> {
  if (sessionId === undefined) return await reply;
  if (sessions.size >= MOST) sessions.clear();
  const thinking = sessions.get(sessionId) ?? { open: 0, at: 0 };
  sessions.set(sessionId, thinking);
  thinking.open++;
  thinking.at = Date.now();
  try {
    return await reply;
  } finally {
    thinking.open--;
    thinking.at = Date.now();
  }
}

/** When somebody was last thinking about a question in this session, if anybody ever was. */
export function lastThought(sessionId: string | undefined): number | undefined {
  const thinking = sessionId === undefined ? undefined : sessions.get(sessionId);
  if (!thinking) return undefined;
  const now = Date.now();
  return thinking.open > 0 && now - thinking.at < FORGOTTEN_AFTER ? now : thinking.at;
}
