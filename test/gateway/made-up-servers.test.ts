// What ids of virtual servers that are none cost: nothing when they can't be ids, one look when they could, and never
// a view that somebody else needs. Storage operations are written down (test/counting.ts).
import { expect, it } from "vitest";
import { type Answered, coldIsolate } from "../inside.ts";
import { initialize } from "../wire.ts";

const statusOf = ({ status }: Answered): number => status;
const pathOf = (id: string): string => `/servers/${id}/mcp`;

/** An isolate that has served a virtual server, so that it is warm. */
async function warmIsolate() {
  const isolate = await coldIsolate();
  const { path } = await isolate.bundle(`warm ${crypto.randomUUID()}`, "builtin:sample");
  expect(statusOf(await isolate.post(path, initialize()))).toBe(200);
  isolate.operations.length = 0;
  return { ...isolate, path };
}

it.each<[string, string]>([
  ["65 letters", "a".repeat(65)],
  ["6,000 letters", "a".repeat(6_000)],
  ...["%20", "..%2Ftools", "x:1", "%D0%B4", "-", "_"].map((id): [string, string] => [id, id]),
])("what can't be an id touches no storage, ever: %s", async (_what, id) => {
  const { post, operations } = await warmIsolate();
  expect(statusOf(await post(pathOf(id), initialize()))).toBe(404);
  expect(statusOf(await post(pathOf(id), initialize()))).toBe(404);
  expect(operations).toEqual([]);
});

it("what could be an id is looked for once, and leaves nothing in KV", async () => {
  const { post, operations } = await warmIsolate();
  for (const id of ["nobody", "a".repeat(64)]) {
    expect(statusOf(await post(pathOf(id), initialize()))).toBe(404);
    expect(operations.splice(0)).toEqual(["VIEWS.get", "DB.batch"]);
    expect(statusOf(await post(pathOf(id), initialize()))).toBe(404);
    expect(operations).toEqual([]);
  }
});

it("of 1,200 made-up ids none pushes a view out that is in use", async () => {
  const { post, operations, path } = await warmIsolate();
  const ids = Array.from({ length: 1_200 }, (_, n) => `made-up-${n}`);
  const answers = new Set<number>();
  for (const id of ids) answers.add(statusOf(await post(pathOf(id), initialize())));
  expect(answers).toEqual(new Set([404]));
  expect(operations.filter((operation) => operation === "VIEWS.put")).toEqual([]);
  const lookups = operations.splice(0).length;
  expect(lookups).toBeGreaterThanOrEqual(2 * ids.length);
  expect(statusOf(await post(path, initialize()))).toBe(200);
  expect(operations.filter((operation) => operation.startsWith("VIEWS"))).toEqual([]);
}, 60_000);
