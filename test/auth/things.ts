// Things to try permissions on: one of each noun, all of them team red's and its owner's, made anew whenever somebody may
// have spoiled the last.
import type { Gateway } from "../harness.ts";
import { addTeam } from "./teams.ts";
import { addUser, as } from "./users.ts";

const PEOPLE = ["stranger", "viewer", "member", "owner"] as const;
export const CALLERS = ["anonymous", ...PEOPLE, "admin"] as const;
export type Who = (typeof CALLERS)[number];

/** What a request is made with in the name of each caller. */
export type Headers = Readonly<Record<Who, Record<string, string>>>;

/** Adds everybody, and teams red and blue. */
export async function populate(gateway: Gateway): Promise<Headers> {
  const address = (who: string) => `${who}@example.com`;
  for (const who of PEOPLE) await addUser(gateway, address(who));
  await addTeam(gateway, "red", {
    [address("viewer")]: "viewer",
    [address("member")]: "member",
    [address("owner")]: "owner",
  });
  await addTeam(gateway, "blue", { [address("stranger")]: "owner" });
  const entries = await Promise.all(
    CALLERS.map(async (who) => [
      who,
      who === "anonymous" ? { "content-type": "application/json" } : await as(gateway, address(who)),
    ]),
  );
  return Object.fromEntries(entries) as Headers;
}

let count = 0;

/** How each noun is made for team red by its owner. */
const MAKE: Readonly<Record<string, (name: string) => object>> = {
  tools: (name) => ({ name, url: "http://127.0.0.1:9/", integrationType: "REST", requestType: "GET" }),
  prompts: (name) => ({ name, template: "Hello" }),
  resources: (name) => ({ name, uri: `note://${name}`, content: "text" }),
  servers: (name) => ({ name }),
  gateways: (name) => ({ name, url: "builtin:sample" }),
};

/** A body that makes another of a noun; undefined for what is not made so. */
export const newOf = (noun: string): object | undefined => MAKE[noun]?.(`thing_${++count}`);

/** A new thing of team red; gives its id. */
export async function thing(gateway: Gateway, noun: string, headers: Headers): Promise<string> {
  const { status, body } = await gateway.api<{ id: string }>(
    "POST",
    `/${noun}`,
    { ...newOf(noun), teamId: "red" },
    headers.owner,
  );
  if (status !== 201) throw new Error(`POST /${noun} answered ${status}: ${JSON.stringify(body)}`);
  return body.id;
}
