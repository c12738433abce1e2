// REST: /prompts. Shapes in schemas/prompts.ts.
import { createPrompt, removePrompt, setPromptState, updatePrompt } from "../catalog/prompts.ts";
import { upstreamsOf } from "../catalog/upstreams.ts";
import type { Context } from "../context.ts";
import { tables } from "../db/client.ts";
import type { PromptRow } from "../db/tables/catalog.ts";
import { GatewayError } from "../errors.ts";
import { checkTemplate } from "../gateway/prompt-template.ts";
import { renderPrompt } from "../gateway/render.ts";
import { sightOf } from "../identity/caller.ts";
import {
  type PromptRead,
  promptCreate,
  promptMessages,
  promptRead,
  promptRender,
  promptUpdate,
} from "../schemas/prompts.ts";
import { entityOf, entityRoutes, rowOf, teamNames } from "./entity.ts";
import { entityMetrics } from "./entity-metrics.ts";
import { type Call, type Route, route } from "./route.ts";

export async function presentPrompts(context: Context, rows: readonly PromptRow[]): Promise<PromptRead[]> {
  const { desk, caller } = context;
  const [upstreams, teams, metricsOf] = await Promise.all([
    upstreamsOf(desk, rows, sightOf(caller)),
    teamNames(context, rows),
    entityMetrics(context, "target"),
  ]);
  return rows.map((row) => {
    const definition = JSON.parse(row.definition) as Record<string, never>;
    const upstream = upstreams.get(row.upstreamId ?? "");
    return {
      ...entityOf(row, teams, metricsOf),
      name: row.name,
      originalName: row.originalName,
      title: definition.title ?? null,
      template: row.template,
      arguments: definition.arguments ?? [],
      available: row.available,
      gatewayId: upstream?.id ?? null,
      gatewayName: upstream?.name ?? null,
      gatewaySlug: upstream?.slug ?? null,
      definition,
    };
  });
}

const noun = { table: tables.prompts, singular: "Prompt" };

async function render(call: Pick<Call<undefined, undefined>, "context" | "params">, args: Record<string, string>) {
  const row = await rowOf(noun, call);
  if (!row.enabled) throw new GatewayError("conflict", `Prompt ${row.name} is disabled`);
  return await renderPrompt(call.context, row, args);
}

export const promptRoutes: readonly Route[] = [
  route("POST", "/prompts/:id", {
    summary: "Render a prompt",
    tag: "Prompts",
    permission: "prompts.read",
    body: promptRender,
    answer: promptMessages,
    run: (call) => render(call, call.body),
  }),
  ...entityRoutes({
    plural: "prompts",
    ...noun,
    tag: "Prompts",
    read: promptRead,
    present: presentPrompts,
    create: {
      body: promptCreate,
      summary: "Add a prompt of our own",
      run({ context, body }) {
        checkTemplate(body.template);
        return createPrompt(context.desk, body);
      },
    },
    update: {
      body: promptUpdate,
      run({ context, body }, row) {
        if (body.template !== undefined) checkTemplate(body.template);
        return updatePrompt(context.desk, row, body);
      },
    },
    remove: removePrompt,
    setState: setPromptState,
  }),
];
