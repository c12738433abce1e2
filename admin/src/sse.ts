// Server-sent events out of the body of an answer.

export type ServerEvent = { name: string; data: string };

/**
 * Every event with data, until the stream ends. Throws what reading throws; an Error when nothing, not even a comment,
 * came for `silence` milliseconds.
 */
export async function* eventsOf(
  body: ReadableStream<Uint8Array>,
  silence = Number.POSITIVE_INFINITY,
): AsyncGenerator<ServerEvent, void, void> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  for (;;) {
    const { done, value } = await within(silence, reader.read());
    const blocks = (rest + decoder.decode(value, { stream: !done })).split(/\r\n\r\n|\n\n|\r\r/);
    rest = done ? "" : (blocks.pop() ?? "");
    for (const block of blocks) {
      const lines = block.split(/\r\n|\n|\r/);
      const data = valuesOf(lines, "data");
      if (data.length > 0) yield { name: valuesOf(lines, "event").at(-1) ?? "message", data: data.join("\n") };
    }
    if (done) return;
  }
}

const valuesOf = (lines: readonly string[], field: string): string[] =>
  lines.filter((line) => line.startsWith(`${field}:`)).map((line) => line.slice(field.length + 1).replace(/^ /, ""));

async function within<T>(limit: number, work: Promise<T>): Promise<T> {
  if (!Number.isFinite(limit)) return work;
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(reject, limit, new Error(`Nothing came for ${Math.round(limit / 1000)} s`));
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}
