// Where a list goes on: cursors of the lists that are no catalog's (catalog/list.ts has its own).
import * as z from "zod";
import { GatewayError } from "../errors.ts";
import { decodeCursor } from "../lib/paginate.ts";

/** The number of a row. */
export const aNumber = z
  .string()
  .regex(/^\d{1,15}$/)
  .transform(Number);

/** What a list goes on after. @throws GatewayError `invalid_params` for a cursor that is not ours. */
export function positionIn<T>(cursor: string | undefined, shape: z.ZodType<T>): T | undefined {
  if (cursor === undefined) return undefined;
  const position = shape.safeParse(decodeCursor(cursor)?.after);
  if (position.success) return position.data;
  throw new GatewayError("invalid_params", "cursor is not one that this list gave", { details: { field: "cursor" } });
}
