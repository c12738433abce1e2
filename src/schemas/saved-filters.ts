// Filters of a list page that somebody keeps under a name, as the REST API takes and shows them.
import * as z from "zod";

/** Pages whose filters can be kept. */
const page = z.enum(["requests"]);

export const savedFilterQuery = z.object({ page });

export const savedFilterCreate = z
  .strictObject({
    page,
    name: z.string().trim().min(1).max(100).describe("One that is there already is replaced"),
    query: z.string().max(2000).describe("The filter as the page's URL has it, without `?`"),
  })
  .meta({ id: "SavedFilterCreate" });
export type SavedFilterCreate = z.infer<typeof savedFilterCreate>;

export const savedFilter = z
  .object({ id: z.string(), page, name: z.string(), query: z.string(), createdAt: z.string() })
  .meta({ id: "SavedFilter" });
export type SavedFilter = z.infer<typeof savedFilter>;

export const savedFilterList = z.object({ filters: z.array(savedFilter) });
