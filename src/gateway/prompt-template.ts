// Jinja templates of our own prompts. The interpreter runs no code of the template and has no loaders.
import { Template } from "@huggingface/jinja";
import { GatewayError } from "../errors.ts";
import type { JsonObject } from "../lib/json.ts";

/** Most characters a rendered prompt may have: a loop in a template must not fill the isolate. */
const MOST = 1_000_000;

/** Refuses a template that can't be parsed. @throws GatewayError `invalid_params` with the parser's reason. */
export function checkTemplate(template: string): void {
  parse(template);
}

/** The text of a template with these arguments. @throws GatewayError `invalid_params`. */
export function renderTemplate(template: string, args: JsonObject): string {
  const parsed = parse(template);
  try {
    const text = parsed.render(args);
    if (text.length > MOST) throw new Error(`the text is longer than ${MOST} characters`);
    return text;
  } catch (error) {
    throw new GatewayError("invalid_params", `The template can't be filled in: ${reason(error)}`, {
      cause: error,
      details: { field: "arguments" },
    });
  }
}

function parse(template: string): Template {
  try {
    return new Template(template);
  } catch (error) {
    throw new GatewayError("invalid_params", `The template can't be read: ${reason(error)}`, {
      cause: error,
      details: { field: "template" },
    });
  }
}

const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error));
