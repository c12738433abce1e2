// prompts/get (MCP server/prompts): a prompt of an upstream, or a Jinja template of our own.
import type { PromptData } from "../catalog/view.ts";
import { GatewayError } from "../errors.ts";
import { isObject, type JsonObject } from "../lib/json.ts";
import { type Answer, complete, type Exchange, invalidParams, textParam } from "./exchange.ts";
import { forward } from "./forward.ts";
import { renderTemplate } from "./prompt-template.ts";
import { unwrapState } from "./request-state.ts";
import { argumentsForUpstream } from "./uris.ts";

export async function getPrompt(exchange: Exchange): Promise<Answer> {
  const name = textParam(exchange.params, "name");
  const prompt = exchange.view.prompts.get(name);
  if (!prompt) return invalidParams(`Unknown prompt: ${name}`);
  if (prompt.template !== undefined)
    return complete(exchange, rendered(prompt, prompt.template, exchange.params.arguments));
  const upstreamId = prompt.upstreamId ?? "";
  const theirs = argumentsForUpstream(exchange.view, upstreamId, exchange.params);
  const params = await unwrapState(exchange, upstreamId, theirs);
  return await forward(exchange, upstreamId, { ...params, name: prompt.original });
}

/** A prompt of our own with its arguments filled in. @throws GatewayError `invalid_params` naming a missing argument. */
export function rendered(prompt: Pick<PromptData, "text">, template: string, given: unknown): JsonObject {
  const args = isObject(given as JsonObject) ? (given as JsonObject) : {};
  const definition = JSON.parse(prompt.text) as {
    description?: string;
    arguments?: { name: string; required?: boolean }[];
  };
  const missing = definition.arguments?.find((argument) => argument.required && args[argument.name] === undefined);
  if (missing)
    throw new GatewayError("invalid_params", `Argument ${missing.name} is required`, {
      details: { field: missing.name },
    });
  const text = renderTemplate(template, args);
  return {
    ...(definition.description ? { description: definition.description } : {}),
    messages: [{ role: "user", content: { type: "text", text } }],
  };
}
