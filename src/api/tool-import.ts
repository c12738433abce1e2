// REST: /admin/tools/import. Many REST tools at once, in ContextForge's shape: each is added or told why not.
import * as z from "zod";
import type { Context } from "../context.ts";
import { asGatewayError, GatewayError } from "../errors.ts";
import { toolCreate } from "../schemas/tools.ts";
import { placed } from "./place.ts";
import { type Route, route } from "./route.ts";
import { addTool } from "./tools.ts";

/** A JSON array of tools, or an object that holds one as `tools`, or as text in `tools_json`. */
const toolList = z.preprocess((given) => {
  if (Array.isArray(given) || typeof given !== "object" || given === null) return given;
  if ("tools_json" in given && typeof given.tools_json === "string") return parsed(given.tools_json);
  return "tools" in given ? given.tools : given;
}, z.array(z.unknown()).min(1));

/** The list in a text; the text itself where it is none, which the schema then refuses. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

const failure = z.object({ index: z.number().int(), name: z.string(), error: z.string() });

const importResult = z
  .object({
    success: z.boolean().describe("Every one was added"),
    message: z.string(),
    total: z.number().int(),
    imported: z.number().int(),
    failed: z.number().int(),
    created_count: z.number().int(),
    failed_count: z.number().int(),
    created: z.array(z.object({ index: z.number().int(), name: z.string() })),
    errors: z.array(failure),
    details: z.object({
      success: z.array(z.string()),
      failed: z.array(z.object({ name: z.string(), error: z.string() })),
    }),
  })
  .meta({ id: "ToolImport" });

/** Adds one tool of the list; gives its name. @throws GatewayError. */
async function add(context: Context, given: unknown): Promise<string> {
  const read = toolCreate.safeParse(given);
  if (!read.success) {
    const [issue] = read.error.issues;
    throw new GatewayError("invalid_params", `${issue?.path.join(".") || "tool"}: ${issue?.message}`);
  }
  await addTool(context, await placed(context, "tools.create", "Tool", read.data));
  return read.data.name;
}

const nameOf = (given: unknown): string =>
  typeof given === "object" && given !== null && "name" in given && typeof given.name === "string" ? given.name : "";

export const toolImportRoutes: readonly Route[] = [
  route("POST", "/admin/tools/import", {
    summary: "Add many REST tools at once",
    tag: "Tools",
    permission: "tools.create",
    limit: { per: 60, most: 10 },
    body: toolList,
    answer: importResult,
    async run({ context, body }) {
      const { enabled, most } = context.config.bulkImport;
      if (!enabled)
        throw new GatewayError("forbidden", "Bulk import is switched off here (MCPGATEWAY_BULK_IMPORT_ENABLED=false)");
      if (body.length > most)
        throw new GatewayError("payload_too_large", `At most ${most} tools at once (MCPGATEWAY_BULK_IMPORT_MAX_TOOLS)`);
      const created: { index: number; name: string }[] = [];
      const errors: z.infer<typeof failure>[] = [];
      for (const [index, given] of body.entries()) {
        try {
          created.push({ index, name: await add(context, given) });
        } catch (error) {
          errors.push({ index, name: nameOf(given), error: asGatewayError(error).message });
        }
      }
      return {
        success: errors.length === 0,
        message: `${created.length} of ${body.length} tools added`,
        total: body.length,
        imported: created.length,
        failed: errors.length,
        created_count: created.length,
        failed_count: errors.length,
        created,
        errors,
        details: {
          success: created.map(({ name }) => name),
          failed: errors.map(({ name, error }) => ({ name, error })),
        },
      };
    },
  }),
];
