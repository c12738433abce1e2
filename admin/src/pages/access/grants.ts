// Permissions as people read them: grouped by what they are about, with a word for each verb. Which there are is the
// gateway's own list.
import { covers, isOfTeams, PERMISSIONS, type Permission } from "../../../../src/identity/permissions.ts";

export type { Permission };

const NOUNS: Record<string, string> = {
  tools: "Tools",
  prompts: "Prompts",
  resources: "Resources",
  servers: "Virtual servers",
  gateways: "MCP servers",
  tags: "Tags",
  teams: "Teams",
  tokens: "Tokens",
  users: "Users",
  roles: "Roles",
  audit: "Audit",
  admin: "Administration",
};
const VERBS: Record<string, string> = {
  read: "see",
  execute: "call",
  use: "use over MCP",
  manage: "manage everybody's",
  manage_members: "manage members",
};

/** What permissions are about: `tools.read` is about `tools`. */
export const nounOf = (permission: string): string => permission.split(".", 1)[0] ?? permission;
export const nounName = (noun: string): string => NOUNS[noun] ?? noun;
export const verbName = (permission: string): string => {
  const verb = permission.slice(permission.indexOf(".") + 1);
  return VERBS[verb] ?? verb.replaceAll("_", " ");
};

/** Permissions by what they are about, in the gateway's order. */
export const byNoun = (permissions: readonly Permission[]): [noun: string, permissions: Permission[]][] => [
  ...Map.groupBy(permissions, nounOf),
];

/** The permissions some grants (`tools.read`, `tools.*`, `*`) stand for. */
export const meantBy = (grants: readonly string[]): Permission[] =>
  PERMISSIONS.filter((permission) => covers(grants, permission));

export { isOfTeams, PERMISSIONS };
