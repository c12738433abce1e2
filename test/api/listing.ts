// How every list of the REST API pages and filters, told once; each noun's test file calls `listsByTheRules`.
import { expect, test } from "vitest";
import { addTeam } from "../auth/teams.ts";
import type { Gateway } from "../harness.ts";
import { type Example, type Failure, outcome } from "./entity.ts";

interface Row {
  readonly id: string;
  readonly name: string;
}

/** Registers the tests. Entities are tagged `listing`, so that what other tests made is left out. */
export function listsByTheRules({ path, make }: Example, running: () => Gateway): void {
  const noun = path.slice(1);
  const create = async (name: string, more: Record<string, unknown> = {}) => {
    const answer = await running().api<Row>("POST", path, { ...make(name), ...more });
    expect(outcome(answer)).toBe(201);
    return answer.body;
  };
  const get = <Body>(query: string) => running().api<Body>("GET", `${path}?${query}`);
  const names = async (query: string) => (await get<Row[]>(query)).body.map((row) => row.name);
  type Page = Record<string, Row[]> & { nextCursor: string | null; total: number };

  test("pages follow each other by cursor, each entity once, in the order of names, whatever is added meanwhile", async () => {
    for (const n of [3, 1, 5, 2, 4]) await create(`page-${n}`, { tags: ["paged"] });
    const seen: string[] = [];
    let cursor: string | null = "";
    for (let page = 0; cursor !== null; page++) {
      const { body }: { body: Page } = await get<Page>(
        `tags=paged&limit=2&include_pagination=true${cursor && `&cursor=${cursor}`}`,
      );
      expect(body.total).toBe(page === 0 ? 5 : 6);
      seen.push(...(body[noun] ?? []).map((row) => row.name));
      cursor = body.nextCursor;
      if (page === 0) await create("page-0", { tags: ["paged"] });
    }
    expect(seen).toEqual(["page-1", "page-2", "page-3", "page-4", "page-5"]);
  });

  test("limit 0 gives everything, and without include_pagination a list is a bare array", async () => {
    for (let n = 0; n < 3; n++) await create(`all-${n}`, { tags: ["all"] });
    expect(await names("tags=all&limit=0")).toEqual(["all-0", "all-1", "all-2"]);
    expect(await names("tags=all&limit=2")).toEqual(["all-0", "all-1"]);
    expect((await get<Page>("tags=all&limit=0&include_pagination=true")).body).toMatchObject({
      nextCursor: null,
      total: 3,
    });
  });

  test("a limit or cursor that can't be is refused by name", async () => {
    for (const query of [
      "limit=501",
      "limit=-1",
      "limit=1.5",
      "limit=many",
      "visibility=none",
      "include_inactive=perhaps",
    ]) {
      const { status, body } = await get<Failure>(query);
      expect([status, Array.isArray(body.detail) && body.detail.map(({ loc }) => loc.join("."))], query).toEqual([
        422,
        [`query.${query.split("=")[0]}`],
      ]);
    }
    for (const cursor of ["x", "bm90IG91cnM", "eyJhZnRlciI6IngifQ"]) {
      expect(await get<Failure>(`cursor=${cursor}`), cursor).toMatchObject({ status: 422, body: { field: "cursor" } });
    }
  });

  test("tags select what has any of them, whatever their case", async () => {
    await create("tag-a", { tags: ["One", "two"] });
    await create("tag-b", { tags: "two, three" });
    await create("tag-c", { tags: [{ id: "three", label: "Three" }] });
    expect(await names("q=tag-&tags=one")).toEqual(["tag-a"]);
    expect(await names("q=tag-&tags=ONE,three")).toEqual(["tag-a", "tag-b", "tag-c"]);
    expect(await names("q=tag-&tags=on")).toEqual([]);
  });

  test("q finds its very text in name or description: % and _ mean themselves", async () => {
    await create("text-1", { description: "100% sure" });
    await create("text-2", { description: "1000 sure" });
    await create("text-3", { description: "snake_case" });
    await create("text-4", { description: "snakeXcase \\ 'quoted'" });
    expect(await names("q=100%25")).toEqual(["text-1"]);
    expect(await names("q=snake_c")).toEqual(["text-3"]);
    expect(await names(`q=${encodeURIComponent("\\ 'q")}`)).toEqual(["text-4"]);
    expect(await names("q=TEXT-2")).toEqual(["text-2"]);
  });

  test("visibility, team and state select; a filter nobody knows is ignored", async () => {
    await addTeam(running(), "t1", {});
    await create("seen-public");
    await create("seen-team", { visibility: "team", teamId: "t1" });
    await create("seen-private", { visibility: "private" });
    const off = await create("seen-off");
    await running().api("POST", `${path}/${off.id}/state?activate=false`);
    expect(await names("q=seen-&visibility=private")).toEqual(["seen-private"]);
    expect(await names("q=seen-&team_id=t1")).toEqual(["seen-team"]);
    expect(await names("q=seen-")).toEqual(["seen-private", "seen-public", "seen-team"]);
    expect(await names("q=seen-&include_inactive=true&include_metrics=true")).toEqual([
      "seen-off",
      "seen-private",
      "seen-public",
      "seen-team",
    ]);
  });
}
