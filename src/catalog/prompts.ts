// Prompts in the catalog: Jinja templates of our own are made here; prompts of upstreams come with their upstream.
import { eq } from "drizzle-orm";
import { tables } from "../db/client.ts";
import type { PromptRow } from "../db/tables/catalog.ts";
import { GatewayError } from "../errors.ts";
import { newId } from "../lib/ids.ts";
import type { PromptCreate, PromptUpdate } from "../schemas/prompts.ts";
import { commit, type Desk, defined, made, modified } from "./change.ts";

const { prompts } = tables;

type Texts = Pick<PromptUpdate, "description" | "title" | "arguments">;

/** The MCP Prompt object with the given fields put in; null takes one out. */
function definitionOf(given: Texts, before: Record<string, unknown>): string {
  const { description, title, arguments: args } = given;
  const merged = { ...before, ...defined({ description, title, arguments: args }) };
  return JSON.stringify(Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null)));
}

/** Adds a prompt of our own and gives its id. @throws GatewayError `conflict` when the name is taken. */
export async function createPrompt(desk: Desk, given: PromptCreate): Promise<string> {
  const { name, template, description = null, tags = [], visibility = "public", teamId = null } = given;
  const row = {
    id: newId(),
    ...made(desk),
    name,
    originalName: name,
    template,
    description,
    tags,
    visibility,
    teamId,
    upstreamId: null,
    definition: definitionOf(given, { name, arguments: [] }),
  };
  await commit(desk, { action: "prompt.create", targetType: "prompt", targetId: row.id, detail: { name } }, [
    desk.db.insert(prompts).values(row),
  ]);
  return row.id;
}

/** Changes a prompt. @throws GatewayError `invalid_params` for a field its upstream owns, `stale_version`, `conflict`. */
export async function updatePrompt(desk: Desk, row: PromptRow, given: PromptUpdate): Promise<void> {
  const foreign =
    row.template === null
      ? (["template", "arguments"] as const).find((field) => given[field] !== undefined)
      : undefined;
  if (foreign)
    throw new GatewayError(
      "invalid_params",
      `${foreign} of this prompt comes from its upstream and can't be changed here`,
      { details: { field: foreign } },
    );
  const { name, description, tags, visibility, teamId, template } = given;
  const definition =
    row.template === null ? undefined : definitionOf(given, { ...JSON.parse(row.definition), name: name ?? row.name });
  await commit(
    desk,
    {
      action: "prompt.update",
      targetType: "prompt",
      targetId: row.id,
      from: { table: prompts, version: row.version },
      detail: { name: name ?? row.name, fields: Object.keys(given) },
    },
    [
      desk.db
        .update(prompts)
        .set({
          ...defined({ name, description, tags, visibility, teamId, template, definition }),
          ...modified(desk),
          version: row.version + 1,
        })
        .where(eq(prompts.id, row.id)),
    ],
  );
}

export const removePrompt = (desk: Desk, row: PromptRow) =>
  commit(
    desk,
    {
      action: "prompt.delete",
      targetType: "prompt",
      targetId: row.id,
      from: { table: prompts, version: row.version },
      detail: { name: row.name },
    },
    [desk.db.delete(prompts).where(eq(prompts.id, row.id))],
  );

export const setPromptState = (desk: Desk, row: PromptRow, enabled: boolean) =>
  commit(
    desk,
    {
      action: enabled ? "prompt.enable" : "prompt.disable",
      targetType: "prompt",
      targetId: row.id,
      from: { table: prompts, version: row.version },
      detail: { name: row.name },
    },
    [
      desk.db
        .update(prompts)
        .set({ enabled, ...modified(desk), version: row.version + 1 })
        .where(eq(prompts.id, row.id)),
    ],
  );
