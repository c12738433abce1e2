// Every permission there is, `noun.verb` as ContextForge spells them, and the roles that are built in.

const VERBS = {
  tools: ["read", "create", "update", "delete", "execute"],
  prompts: ["read", "create", "update", "delete"],
  resources: ["read", "create", "update", "delete"],
  servers: ["read", "create", "update", "delete", "use"],
  gateways: ["read", "create", "update", "delete"],
  tags: ["read"],
  teams: ["read", "create", "update", "delete", "join", "manage_members"],
  tokens: ["read", "create", "update", "revoke", "manage"],
  users: ["read", "create", "update", "delete", "invite"],
  roles: ["read", "create", "update", "delete", "assign"],
  audit: ["read"],
  metrics: ["read"],
  logs: ["read", "inspect"],
  webhooks: ["read", "create", "update", "delete"],
  admin: ["read", "update"],
} as const;

export type Permission = {
  [Noun in keyof typeof VERBS]: `${Noun}.${(typeof VERBS)[Noun][number]}`;
}[keyof typeof VERBS];

/** Every permission, in the order the dashboard shows them. */
export const PERMISSIONS: readonly Permission[] = Object.entries(VERBS).flatMap(([noun, verbs]) =>
  verbs.map((verb) => `${noun}.${verb}` as Permission),
);

/** What may be granted: a permission, all of a noun (`tools.*`), or everything (`*`). */
export const isGrant = (text: string): boolean =>
  text === "*" ||
  (PERMISSIONS as readonly string[]).includes(text) ||
  (text.endsWith(".*") && text.slice(0, -2) in VERBS);

const nounOf = (text: string): string => text.slice(0, text.indexOf("."));

/** What can be held in a team: the catalog's nouns, and the team itself. The rest is held everywhere or not at all. */
const OF_TEAMS: ReadonlySet<string> = new Set([
  "tools",
  "prompts",
  "resources",
  "servers",
  "gateways",
  "tags",
  "teams",
  "logs",
]);
const NOT_OF_TEAMS: ReadonlySet<string> = new Set(["teams.create", "teams.join"]);

/** Whether a permission (or `noun.*`) means something in a team. */
export const isOfTeams = (grant: string): boolean => OF_TEAMS.has(nounOf(grant)) && !NOT_OF_TEAMS.has(grant);

/** Nouns that are of the gateway as a whole, and so tell of every team. */
const OF_THE_GATEWAY: ReadonlySet<string> = new Set(["users", "roles", "audit", "webhooks", "admin"]);

/** Whether a permission is over all there is, whatever team it is in: no credential narrowed to teams has it. */
export const isOfTheGateway = (permission: Permission): boolean =>
  OF_THE_GATEWAY.has(nounOf(permission)) || permission === "tokens.manage";

/** Whether grants cover a permission. */
export const covers = (grants: Iterable<string>, permission: Permission): boolean => {
  const noun = `${nounOf(permission)}.*`;
  for (const grant of grants) if (grant === permission || grant === noun || grant === "*") return true;
  return false;
};

/** The permissions a grant stands for. */
const meantBy = (grant: string): readonly Permission[] =>
  PERMISSIONS.filter((permission) => covers([grant], permission));

/** The permissions that grants stand for, in the order of `PERMISSIONS`. */
export const spelledOut = (grants: Iterable<string>): readonly Permission[] => {
  const held = [...grants];
  return PERMISSIONS.filter((permission) => covers(held, permission));
};

/** The first of the wanted grants that is more than what is held; `*` takes `*`, as it also means what is yet to come. */
export const beyond = (held: ReadonlySet<string>, wanted: Iterable<string>): string | undefined =>
  [...wanted].find((grant) =>
    grant === "*" ? !held.has("*") : !meantBy(grant).every((permission) => covers(held, permission)),
  );

/** A role: permissions under a name, held everywhere or in one team. */
export interface Role {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly scope: "global" | "team";
  readonly permissions: readonly string[];
}

const READS = ["tools.read", "prompts.read", "resources.read", "servers.read", "gateways.read", "tags.read"] as const;
const USES = ["servers.use", "tools.execute"] as const;
const BUILDS = ["tools.*", "prompts.*", "resources.*", "servers.*", "gateways.*", "tags.*"] as const;

/** Roles that are always there; ids are names, as they need no row. */
export const BUILT_IN: readonly Role[] = [
  {
    id: "platform_admin",
    name: "platform_admin",
    description: "May do everything",
    scope: "global",
    permissions: ["*"],
  },
  {
    id: "platform_viewer",
    name: "platform_viewer",
    description: "What every user may: see and use what is public, make teams, hold tokens",
    scope: "global",
    permissions: [
      ...READS,
      ...USES,
      "metrics.read",
      "teams.read",
      "teams.create",
      "teams.join",
      "tokens.read",
      "tokens.create",
      "tokens.update",
      "tokens.revoke",
    ],
  },
  {
    id: "platform_developer",
    name: "platform_developer",
    description: "Builds the public catalog",
    scope: "global",
    permissions: [...BUILDS],
  },
  {
    id: "auditor",
    name: "auditor",
    description: "Reads the audit trail, the request log, users, teams and roles",
    scope: "global",
    permissions: [
      ...READS,
      "audit.read",
      "logs.read",
      "metrics.read",
      "users.read",
      "roles.read",
      "teams.read",
      "admin.read",
    ],
  },
  {
    id: "team_admin",
    name: "team_admin",
    description: "Owner of a team: builds in it, and says who is in it",
    scope: "team",
    permissions: [...BUILDS, "logs.*", "teams.read", "teams.update", "teams.delete", "teams.manage_members"],
  },
  {
    id: "developer",
    name: "developer",
    description: "Member of a team: builds in it",
    scope: "team",
    permissions: [...BUILDS, "logs.read", "teams.read"],
  },
  {
    id: "viewer",
    name: "viewer",
    description: "Sees and uses what is the team's",
    scope: "team",
    permissions: [...READS, ...USES, "teams.read"],
  },
];

/** A built-in role. */
export function roleNamed(id: string): Role {
  const role = BUILT_IN.find((one) => one.id === id);
  if (!role) throw new Error(`there is no role ${id}`);
  return role;
}
