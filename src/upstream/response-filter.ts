// What of a REST answer the caller gets: a JSONPath (RFC 9535) or JSONata expression that an administrator wrote. A path
// that can only lead to one place gives what is there, any other a list.
import jsonata from "jsonata";
import { query } from "jsonpath-rfc9535";
import { GatewayError } from "../errors.ts";
import type { JsonValue } from "../lib/json.ts";
import type { ResponseFilter } from "../schemas/rest-call.ts";

/**
 * Bounds on an expression: calls within calls, members of one list, and steps in all. Steps, since a function that calls
 * itself last goes on for ever at the same depth, and the clock stands still meanwhile; no other request would be answered.
 */
const JSONATA = { stack: 200, sequence: 100_000 };
const MOST_STEPS = 1_000_000;
/** What JSONata calls before each step; its types know variables by text alone. */
const EACH_STEP = Symbol.for("jsonata.__evaluate_entry") as unknown as string;

/** Only names and indices: at most one place. */
const SINGULAR = /^\$(?:\.[A-Za-z_]\w*|\[(?:-?\d+|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')\])*$/;

/** A language of filters. */
interface Language {
  /** @throws what says why the expression can't be read. */
  check(expression: string): void;
  /** What an expression makes of a value; undefined when there is nothing. */
  apply(expression: string, value: JsonValue): Promise<JsonValue | undefined>;
}

const LANGUAGES: Readonly<Record<ResponseFilter["language"], Language>> = {
  jsonpath: {
    check: (expression) => void query({}, expression),
    async apply(expression, value) {
      const found = query(value as never, expression) as JsonValue[];
      return SINGULAR.test(expression) ? found[0] : found;
    },
  },
  jsonata: {
    check: (expression) => void jsonata(expression, JSONATA),
    // Read anew for each value: an expression that was read keeps its input, which two calls at once must not share.
    async apply(expression, value) {
      const read = jsonata(expression, JSONATA);
      let steps = 0;
      read.assign(EACH_STEP, () => {
        if (++steps > MOST_STEPS) throw new Error(`it takes more than ${MOST_STEPS} steps`);
      });
      const found: unknown = await read.evaluate(value);
      return found === undefined ? undefined : (JSON.parse(JSON.stringify(found)) as JsonValue);
    },
  },
};

/** Refuses an expression that can't be read. @throws GatewayError `invalid_params`. */
export function requireFilter({ language, expression }: ResponseFilter): void {
  try {
    LANGUAGES[language].check(expression);
  } catch (cause) {
    throw new GatewayError("invalid_params", `responseFilter can't be read: ${messageOf(cause)}`, {
      cause,
      details: { field: "responseFilter" },
    });
  }
}

/** Applies a filter. @throws GatewayError `upstream_nonsense` when it fails on this value. */
export async function filtered({ language, expression }: ResponseFilter, value: JsonValue): Promise<JsonValue> {
  try {
    return (await LANGUAGES[language].apply(expression, value)) ?? null;
  } catch (cause) {
    throw new GatewayError("upstream_nonsense", `The tool's filter fails on the answer: ${messageOf(cause)}`, {
      cause,
    });
  }
}

/** JSONata throws plain objects with a message. */
const messageOf = (error: unknown): string =>
  typeof error === "object" && error !== null && "message" in error ? String(error.message) : String(error);
