// REST: /saved-filters, filters of list pages that somebody keeps under a name. Everybody's are their own.
import { dropFilter, filtersOf, keepFilter } from "../identity/saved-filters.ts";
import { deleted } from "../schemas/common.ts";
import { savedFilter, savedFilterCreate, savedFilterList, savedFilterQuery } from "../schemas/saved-filters.ts";
import { type Route, route } from "./route.ts";

const common = { tag: "Saved filters", own: "credential" } as const;

export const savedFilterRoutes: readonly Route[] = [
  route("GET", "/saved-filters", {
    ...common,
    summary: "Your filters of a page",
    query: savedFilterQuery,
    answer: savedFilterList,
    run: async ({ context: { desk, caller }, query: { page } }) => ({
      filters: await filtersOf(desk.db, caller.id, page),
    }),
  }),
  route("POST", "/saved-filters", {
    ...common,
    summary: "Keep a filter under a name",
    body: savedFilterCreate,
    answer: savedFilter,
    status: 201,
    run: ({ context: { desk, caller }, body }) => keepFilter(desk.db, caller.id, body),
  }),
  route("DELETE", "/saved-filters/:id", {
    ...common,
    summary: "Delete one of your filters",
    answer: deleted,
    async run({ context: { desk, caller }, params }) {
      await dropFilter(desk.db, caller.id, params.id ?? "");
      return { status: "success", message: "Filter deleted" };
    },
  }),
];
