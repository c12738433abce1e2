// The sample upstream that lives in this Worker (`builtin:sample`): something to call before any server is added.
// Speaks the canonical form, so it serves clients of every era.
import { GatewayError } from "../errors.ts";
import { isObject, type JsonObject, type JsonValue } from "../lib/json.ts";
import { MODERN_VERSION } from "../lib/mcp.ts";
import type { Answer, Connector, Surroundings, Target, UpstreamRequest } from "./upstream.ts";

interface SampleTool {
  readonly title: string;
  readonly description: string;
  readonly inputSchema: JsonObject;
  readonly readOnly?: true;
  call(
    args: JsonObject,
    request: UpstreamRequest,
    around: Surroundings,
  ): JsonObject | AsyncGenerator<string, void, void>;
}

const text = (value: string, structuredContent?: JsonObject): JsonObject => ({
  content: [{ type: "text", text: value }],
  ...(structuredContent ? { structuredContent } : {}),
});

const failed = (sentence: string): JsonObject => ({ ...text(sentence), isError: true });

const zoneSchema = (description: string): JsonObject => ({ type: "string", description, examples: ["Europe/Berlin"] });

/** The wall clock of a zone, as ISO 8601 without offset. @throws RangeError for an unknown zone. */
function wallClock(at: Date, zone: string): string {
  return new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "medium" })
    .format(at)
    .replace(" ", "T");
}

/** The moment at which the clock of a zone shows `local`: offsets are tried until the clock agrees. */
function momentOf(local: string, zone: string): Date | undefined {
  const asUtc = new Date(`${local}Z`);
  for (const base of [asUtc, new Date(asUtc.getTime() - 864e5), new Date(asUtc.getTime() + 864e5)]) {
    const offset = new Date(`${wallClock(base, zone)}Z`).getTime() - base.getTime();
    const moment = new Date(asUtc.getTime() - offset);
    if (wallClock(moment, zone) === wallClock(asUtc, "UTC")) return moment;
  }
  return undefined;
}

const inZone = (work: () => JsonObject): JsonObject => {
  try {
    return work();
  } catch (error) {
    if (error instanceof RangeError) return failed(`That time zone or time is not known: ${error.message}`);
    throw error;
  }
};

const TOOLS: Readonly<Record<string, SampleTool>> = {
  get_current_time: {
    title: "Current time",
    description: "Tells the current time in a time zone.",
    inputSchema: { type: "object", properties: { timezone: zoneSchema("IANA time zone; UTC when absent") } },
    readOnly: true,
    call: ({ timezone = "UTC" }) =>
      inZone(() => {
        const now = new Date();
        const time = wallClock(now, String(timezone));
        return text(`${time} in ${String(timezone)}`, { time, timezone, utc: now.toISOString() });
      }),
  },
  convert_time: {
    title: "Convert time",
    description: "Converts a time from one time zone to another.",
    inputSchema: {
      type: "object",
      properties: {
        time: {
          type: "string",
          description: "Local time, such as 2026-11-21T09:30",
          pattern: "^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}(:\\d{2})?$",
        },
        from: zoneSchema("Zone the time is in"),
        to: zoneSchema("Zone to convert to"),
      },
      required: ["time", "from", "to"],
    },
    readOnly: true,
    call: ({ time, from, to }) =>
      inZone(() => {
        const moment = momentOf(String(time), String(from));
        if (!moment) return failed(`${String(time)} does not exist in ${String(from)}`);
        const converted = wallClock(moment, String(to));
        return text(`${String(time)} in ${String(from)} is ${converted} in ${String(to)}`, {
          time: converted,
          timezone: to ?? null,
        });
      }),
  },
  echo: {
    title: "Echo",
    description: "Returns the message it was given.",
    inputSchema: {
      type: "object",
      properties: { message: { type: "string", description: "Text to return" } },
      required: ["message"],
    },
    readOnly: true,
    call: ({ message }) => (typeof message === "string" ? text(message) : failed("message is missing")),
  },
  slow: {
    title: "Slow",
    description: "Works for some seconds and reports progress once a second.",
    inputSchema: {
      type: "object",
      properties: {
        seconds: { type: "integer", minimum: 1, maximum: 30, default: 5, description: "How long to work" },
      },
    },
    readOnly: true,
    call: ({ seconds = 5 }, request, around) =>
      working(Math.min(30, Math.max(1, Number(seconds) || 5)), request, around),
  },
};

async function* working(
  seconds: number,
  request: UpstreamRequest,
  around: Surroundings,
): AsyncGenerator<string, void, void> {
  const progressToken = isObject(request.params._meta) ? request.params._meta.progressToken : undefined;
  for (let done = 1; done <= seconds; done++) {
    await scheduler.wait(1000, { signal: around.signal });
    if (progressToken === undefined) continue;
    const params = { progressToken, progress: done, total: seconds, message: `${done} of ${seconds} seconds` };
    yield JSON.stringify({ jsonrpc: "2.0", method: "notifications/progress", params });
  }
  yield JSON.stringify({
    jsonrpc: "2.0",
    id: request.id,
    result: { resultType: "complete", ...text(`Worked for ${seconds} s`) },
  });
}

const definition = ([name, tool]: [string, SampleTool]): JsonObject => ({
  name,
  title: tool.title,
  description: tool.description,
  inputSchema: tool.inputSchema,
  ...(tool.readOnly ? { annotations: { readOnlyHint: true } } : {}),
});

async function send(_target: Target, request: UpstreamRequest, around: Surroundings): Promise<Answer> {
  if (request.method === "tools/list")
    return { kind: "result", result: { tools: Object.entries(TOOLS).map(definition) } };
  const tool = request.method === "tools/call" ? TOOLS[String(request.params.name)] : undefined;
  if (!tool)
    return {
      kind: "error",
      error: { code: -32602, message: `The sample has no ${request.method} of ${String(request.params.name)}` },
    };
  const args: JsonValue | undefined = request.params.arguments;
  const out = tool.call(isObject(args) ? args : {}, request, around);
  return Symbol.asyncIterator in out
    ? { kind: "stream", messages: out as AsyncGenerator<string, void, void> }
    : { kind: "result", result: out as JsonObject };
}

async function introduce(target: Target) {
  if (target.url !== "builtin:sample")
    throw new GatewayError("upstream_blocked", `${target.url} is not built in; there is builtin:sample`);
  return {
    protocolVersion: MODERN_VERSION,
    sessionful: false,
    capabilities: { tools: {} },
    serverInfo: { name: "sample", title: "Sample", version: "1" },
    instructions: null,
  };
}

export const builtin: Connector = { send, introduce };
