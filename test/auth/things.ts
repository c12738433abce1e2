// Things to try permissions on: one of each noun, all of them of team red or its owner, made anew whenever somebody may
// have spoiled the last.
import type { Gateway } from "../harness.ts";
import { addTeam } from "./teams.ts";
import { addUser, as } from "./users.ts";

const PEOPLE = ["stranger", "viewer", "member", "owner"] as const;
export const CALLERS = ["anonymous", ...PEOPLE, "admin"] as const;
export type Who = (typeof CALLERS)[number];

type Headers = Record<string, string>;
const address = (who: string) => `${who}@example.com`;

/** Adds everybody, and team red; the stranger has a team of its own. */
export async function populate(gateway: Gateway): Promise<void> {
  for (const who of PEOPLE) await addUser(gateway, address(who));
  await addTeam(gateway, "red", MEMBERS);
  await addTeam(gateway, "blue", { [address("stranger")]: "owner" });
}

const MEMBERS = {
  [address("viewer")]: "viewer",
  [address("member")]: "member",
  [address("owner")]: "owner",
} as const;

/** What a request is made with in the name of a caller: a new token, since some requests end it. */
export const headersOf = async (gateway: Gateway, who: Who): Promise<Headers> =>
  who === "anonymous" ? { "content-type": "application/json" } : await as(gateway, address(who));

const one = (who: string, role: string) => ({ email: address(who), role });
let count = 0;
const CATALOG = ["tools", "prompts", "resources", "servers", "gateways"];

/** Bodies that make another of a noun. */
const MAKE: Readonly<Record<string, (name: string) => object>> = {
  tools: (name) => ({ name, url: "http://127.0.0.1:9/", integrationType: "REST", requestType: "GET", teamId: "red" }),
  prompts: (name) => ({ name, template: "Hello", teamId: "red" }),
  resources: (name) => ({ name, uri: `note://${name}`, content: "text", teamId: "red" }),
  servers: (name) => ({ name, teamId: "red" }),
  gateways: (name) => ({ name, url: "builtin:sample", teamId: "red" }),
  teams: (name) => ({ name, members: [one("viewer", "viewer"), one("member", "member")] }),
  tokens: (name) => ({ name }),
  "rbac/roles": (name) => ({ name, scope: "global", permissions: ["tools.read"] }),
  webhooks: (name) => ({ name, url: "http://127.0.0.1:9/" }),
  "auth/email/admin/users": (name) => ({ email: address(name) }),
};

/** The noun that a path is about, such as `rbac/roles`; undefined when it makes nothing. */
export const nounOf = (path: string): string | undefined =>
  Object.keys(MAKE).find((noun) => path === `/${noun}` || path.startsWith(`/${noun}/`));

/** A body that makes another of a noun. */
export const newOf = (noun: string): object => MAKE[noun]?.(`thing_${++count}`) ?? {};

/** A new thing of team red's owner (or, of what only administrators make, theirs); gives what names it in paths. */
export async function thing(gateway: Gateway, noun: string): Promise<string> {
  const who = CATALOG.includes(noun) || noun === "tokens" || noun === "teams" ? "owner" : "admin";
  const { status, body } = await gateway.api<
    Record<string, string> & { token?: { id: string }; webhook?: { id: string } }
  >("POST", `/${noun}`, newOf(noun), await headersOf(gateway, who));
  if (status !== 201) throw new Error(`POST /${noun} answered ${status}: ${JSON.stringify(body)}`);
  return body.token?.id ?? body.webhook?.id ?? body.id ?? body.email ?? "";
}
