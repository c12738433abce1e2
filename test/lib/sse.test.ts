import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { event, parseEvents, SseError, type SseEvent } from "../../src/lib/sse.ts";

type Limits = { maxEventBytes?: number };

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A stream of these chunks, which remembers whether it was cancelled. */
function streamOf(chunks: Uint8Array[], after: "close" | "stay open" | Error = "close") {
  const rest = chunks.slice();
  const seen: { cancelled: boolean } = { cancelled: false };
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const next = rest.shift();
      if (next) controller.enqueue(next);
      else if (after === "close") controller.close();
      else if (after !== "stay open") controller.error(after);
    },
    cancel() {
      seen.cancelled = true;
    },
  });
  return { body, seen };
}

function cut(bytes: Uint8Array, sizes: number[]): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  let at = 0;
  for (let i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length] ?? 1;
    chunks.push(bytes.subarray(at, at + size));
    at += size;
  }
  return chunks;
}

async function read(chunks: Uint8Array[], limits?: Limits): Promise<SseEvent[]> {
  const events: SseEvent[] = [];
  for await (const parsed of parseEvents(streamOf(chunks).body, limits)) events.push(parsed);
  return events;
}

const readText = (text: string, limits?: Limits) => read([bytesOf(text)], limits);

const line = fc.string({ unit: "grapheme" }).map((text) => text.replace(/[\r\n\0]/g, " "));
const anyEvent: fc.Arbitrary<SseEvent> = fc.record(
  {
    data: fc.array(line, { minLength: 1, maxLength: 4 }).map((lines) => lines.join("\n")),
    event: line.filter((name) => name !== ""),
    id: line,
    retry: fc.nat(),
  },
  { requiredKeys: ["data"] },
);

describe("event", () => {
  it("writes its fields, then a line of data for each line, then a blank line", () => {
    expect(event({ data: "a\nb\r\nc\rd", event: "message", id: "7", retry: 1500 })).toBe(
      "event: message\nid: 7\nretry: 1500\ndata: a\ndata: b\ndata: c\ndata: d\n\n",
    );
    expect(event({ data: "" })).toBe("data: \n\n");
  });

  it.each(["\n", "\r", "\r\n", "\0"])("refuses %j in id and event, so that nothing can be injected", (end) => {
    expect(() => event({ data: "x", id: `1${end}data: forged` })).toThrow(SseError);
    expect(() => event({ data: "x", event: `m${end}data: forged` })).toThrow(SseError);
  });

  it.each([-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 60])("refuses to write retry %d", (retry) => {
    expect(() => event({ data: "x", retry })).toThrow(SseError);
  });
});

describe("parseEvents", () => {
  it("reads what event wrote, whatever the chunks and line ends, with comments in between", async () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 20 });
    const lineEnd = fc.constantFrom("\n", "\r\n", "\r");
    const comment = fc.constantFrom("", ":\n", ": keepalive\n", ":\n\n", "unknown: x\n", "novalue\n");
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(anyEvent, comment), { maxLength: 6 }),
        sizes,
        lineEnd,
        fc.boolean(),
        async (sent, cuts, end, mark) => {
          const text = (mark ? "\ufeff" : "") + sent.map(([one, noise]) => noise + event(one)).join("");
          const chunks = cut(bytesOf(text.replaceAll("\n", end)), cuts);
          expect(await read(chunks)).toEqual(sent.map(([one]) => ({ event: undefined, ...one })));
        },
      ),
      { numRuns: 1000 },
    );
  });

  it("reads one byte at a time, UTF-8 and CRLF split in the middle", async () => {
    const text =
      '\ufeff: hello\r\nid: 1\r\nevent: message\r\ndata: {"t":"\u00e4\u20ac\u{1f600}"}\r\ndata: second\r\n\r\n';
    expect(await read(cut(bytesOf(text), [1]))).toEqual([
      { id: "1", event: "message", data: '{"t":"\u00e4\u20ac\u{1f600}"}\nsecond' },
    ]);
  });

  it("tells an event with empty data from a block without any", async () => {
    expect(await readText("id: 1\ndata:\n\nid: 2\nretry: 9\n\nevent: x\n\ndata: y\n\n")).toEqual([
      { data: "", event: undefined, id: "1" },
      { data: "y", event: undefined, id: "2", retry: 9 },
    ]);
  });

  it("does not lend an id or retry to a second event", async () => {
    expect(await readText("id: 1\nretry: 5\ndata: a\n\ndata: b\n\n")).toEqual([
      { data: "a", event: undefined, id: "1", retry: 5 },
      { data: "b", event: undefined },
    ]);
  });

  it.each(["data: last", "data: last\n", "data: last\r", "data: last\r\n"])(
    "reads the event of %j at the stream's end",
    async (text) => {
      expect(await readText(`data: first\n\n${text}`)).toEqual([
        { data: "first", event: undefined },
        { data: "last", event: undefined },
      ]);
    },
  );

  it("reads nothing from a stream of nothing", async () => {
    expect(await read([])).toEqual([]);
    expect(await readText(": only a comment\n\n")).toEqual([]);
    expect(await readText("event: half")).toEqual([]);
  });

  it("replaces bytes that are not UTF-8 and goes on", async () => {
    expect(
      await read([new Uint8Array([0x64, 0x61, 0x74, 0x61, 0x3a, 0xff, 0x0a, 0x0a]), bytesOf("data: ok\n\n")]),
    ).toEqual([
      { data: "\ufffd", event: undefined },
      { data: "ok", event: undefined },
    ]);
  });

  it("reads the body of a real response", async () => {
    const events: SseEvent[] = [];
    const { body } = new Response("data: a\n\ndata: b\n\n");
    if (!body) throw new Error("a response without a body");
    for await (const parsed of parseEvents(body)) events.push(parsed);
    expect(events.map(({ data }) => data)).toEqual(["a", "b"]);
  });
});

describe("a consumer", () => {
  it("that stops cancels the stream", async () => {
    const { body, seen } = streamOf([bytesOf("data: a\n\ndata: b\n\n")], "stay open");
    for await (const parsed of parseEvents(body)) {
      expect(parsed.data).toBe("a");
      break;
    }
    expect(seen.cancelled).toBe(true);
  });

  it("that throws cancels the stream", async () => {
    const { body, seen } = streamOf([bytesOf("data: a\n\n")], "stay open");
    const consume = async () => {
      for await (const parsed of parseEvents(body)) throw new Error(`no use for ${parsed.data}`);
    };
    await expect(consume()).rejects.toThrow("no use for a");
    expect(seen.cancelled).toBe(true);
  });

  it("that reads to the end cancels nothing", async () => {
    const { body, seen } = streamOf([bytesOf("data: a\n\n")]);
    for await (const parsed of parseEvents(body)) expect(parsed.data).toBe("a");
    expect(seen.cancelled).toBe(false);
  });

  it("gets the events before a failure, then the failure itself", async () => {
    const failure = new Error("connection lost");
    const { body } = streamOf([bytesOf("data: a\n\ndata: half")], failure);
    const events: SseEvent[] = [];
    const consume = async () => {
      for await (const parsed of parseEvents(body)) events.push(parsed);
    };
    await expect(consume()).rejects.toBe(failure);
    expect(events.map(({ data }) => data)).toEqual(["a"]);
  });
});

describe("an event larger than the limit", () => {
  it.each([1, 3, 7, 64, 100_000])("is refused in chunks of %d bytes, and the stream cancelled", async (size) => {
    const text = `data: ok\n\ndata: ${"x".repeat(2001)}\n\ndata: never\n\n`;
    const { body, seen } = streamOf(cut(bytesOf(text), [size]), "stay open");
    const events: SseEvent[] = [];
    const consume = async () => {
      for await (const parsed of parseEvents(body, { maxEventBytes: 2000 })) events.push(parsed);
    };
    await expect(consume()).rejects.toThrow(SseError);
    expect(events.map(({ data }) => data)).toEqual(["ok"]);
    expect(seen.cancelled).toBe(true);
  });

  it.each([
    ["one line without end", "data: ", "x"],
    ["many lines", "", "data: x\n"],
    ["a name", "event: ", "x"],
    ["an id", "id: ", "x"],
  ])("is refused while it still grows: %s", async (_what, start, piece) => {
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(bytesOf(start)),
      pull: (controller) => controller.enqueue(bytesOf(piece.repeat(100))),
    });
    await expect(parseEvents(body, { maxEventBytes: 5000 }).next()).rejects.toThrow(SseError);
  });

  it("is measured in bytes, to the byte", async () => {
    const data = "\u20ac".repeat(100);
    expect(await readText(`id: 12\nevent: abc\ndata: ${data}\n\n`, { maxEventBytes: 305 })).toHaveLength(1);
    await expect(readText(`id: 12\nevent: abc\ndata: ${data}\n\n`, { maxEventBytes: 304 })).rejects.toThrow(SseError);
  });

  it("is never an event of exactly that size, however it is cut", async () => {
    await fc.assert(
      fc.asyncProperty(
        anyEvent,
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 9 }),
        async (one, cuts) => {
          const size = bytesOf(one.data + (one.event ?? "") + (one.id ?? "")).length;
          const chunks = cut(bytesOf(event(one)), cuts);
          expect(await read(chunks, { maxEventBytes: size })).toHaveLength(1);
          if (size > 0) await expect(read(chunks, { maxEventBytes: size - 1 })).rejects.toThrow(SseError);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it("does not count comments and unknown fields", async () => {
    const noise = `: ${"x".repeat(5000)}\nother: ${"y".repeat(5000)}\n`;
    expect(await read(cut(bytesOf(`${noise}data: a\n\n`), [7]), { maxEventBytes: 10 })).toEqual([
      { data: "a", event: undefined },
    ]);
  });
});
