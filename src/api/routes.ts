// The table of the REST API: path -> permission -> handler, one file per noun. Mounted at the root and under /v1.
import type { Hono } from "hono";
import * as z from "zod";
import { VERSION } from "../lib/version.ts";
import { auditRoutes } from "./audit.ts";
import { changeRoutes } from "./changes.ts";
import { claimRoutes } from "./claim.ts";
import { DOORS } from "./doors.ts";
import { duplicateRoutes } from "./duplicates.ts";
import { invitationRoutes } from "./invitations.ts";
import { loginRoutes } from "./login.ts";
import { logRoutes } from "./logs.ts";
import { metricsRoutes } from "./metrics.ts";
import { openApi } from "./openapi.ts";
import { passwordRoutes } from "./passwords.ts";
import { performanceRoutes } from "./performance.ts";
import { promptRoutes } from "./prompts.ts";
import { registerRoutes } from "./register.ts";
import { requestRoutes } from "./requests.ts";
import { resourceRoutes } from "./resources.ts";
import { roleAssignmentRoutes } from "./role-assignments.ts";
import { roleRoutes } from "./roles.ts";
import { type AppEnv, mount, type Route, route } from "./route.ts";
import { savedFilterRoutes } from "./saved-filters.ts";
import { searchRoutes } from "./search.ts";
import { serverRoutes } from "./servers.ts";
import { sessionRoutes } from "./sessions.ts";
import { systemRoutes } from "./system.ts";
import { tagRoutes } from "./tags.ts";
import { teamMemberRoutes } from "./team-members.ts";
import { teamRoutes } from "./teams.ts";
import { tokenRoutes } from "./tokens.ts";
import { toolImportRoutes } from "./tool-import.ts";
import { toolRoutes } from "./tools.ts";
import { upstreamRoutes } from "./upstreams.ts";
import { usageRoutes } from "./usage.ts";
import { userRoutes } from "./users.ts";
import { webhookRoutes } from "./webhooks.ts";

const documented: readonly Route[] = [
  ...systemRoutes,
  ...claimRoutes,
  ...loginRoutes,
  ...sessionRoutes,
  ...passwordRoutes,
  ...registerRoutes,
  ...userRoutes,
  ...upstreamRoutes,
  ...serverRoutes,
  ...duplicateRoutes,
  ...toolRoutes,
  ...toolImportRoutes,
  ...changeRoutes,
  ...promptRoutes,
  ...resourceRoutes,
  ...tagRoutes,
  ...searchRoutes,
  ...teamRoutes,
  ...teamMemberRoutes,
  ...invitationRoutes,
  ...tokenRoutes,
  ...auditRoutes,
  ...metricsRoutes,
  ...performanceRoutes,
  ...usageRoutes,
  ...requestRoutes,
  ...savedFilterRoutes,
  ...logRoutes,
  ...webhookRoutes,
  ...roleRoutes,
  ...roleAssignmentRoutes,
];

/** The OpenAPI document of all of them, itself included. */
const describing: Route = route("GET", "/openapi.json", {
  summary: "This document",
  tag: "System",
  permission: "tools.read",
  answer: z.record(z.string(), z.unknown()),
  run: async ({ context }) =>
    openApi([...ROUTES, ...DOORS], { title: context.config.appName, version: VERSION, server: context.origin }),
});

export const ROUTES: readonly Route[] = [...documented, describing];

/** Puts the REST API on an app. */
export const mountApi = (app: Hono<AppEnv>): void => mount(app, ROUTES, ["", "/v1"]);

/** The path of the table that a path is, without its ids; `other` for what is none, so that there are only so many. */
export function patternOf(path: string): string {
  const parts = path.replace(/^\/v1(?=\/)/, "").split("/");
  const found = ROUTES.find((entry) => {
    const pattern = entry.path.split("/");
    return pattern.length === parts.length && pattern.every((part, at) => part.startsWith(":") || part === parts[at]);
  });
  return found?.path ?? "other";
}
