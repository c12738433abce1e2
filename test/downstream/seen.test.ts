// URIs in the view of everything, for callers who may not see all of it: what is hidden marks nothing, and can't be
// reached by a template either; what is only switched off keeps its URI for itself.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ResourceRead } from "../../src/schemas/resources.ts";
import { addUser } from "../auth/users.ts";
import { SHARED, startLibrary } from "../fakes/library.ts";
import type { Scripted } from "../fakes/scripted.ts";
import { type Gateway, startGateway } from "../harness.ts";
import { callerOf } from "../wire.ts";

const ERAS = ["session", "modern"] as const;
const VISIBILITY = { hidden: "private", open: "public", last: "public" } as const;
type Name = keyof typeof VISIBILITY;

let gateway: Gateway;
let user: string;
const libraries: Scripted[] = [];
const ids = new Map<Name, string>();

beforeAll(async () => {
  gateway = await startGateway();
  user = await addUser(gateway, "reader@example.com");
  for (const name of Object.keys(VISIBILITY) as Name[]) {
    const library = await startLibrary(name, "modern");
    libraries.push(library);
    const wish = { name, url: library.url, visibility: VISIBILITY[name] };
    const { body } = await gateway.api<{ id: string }>("POST", "/gateways", wish);
    ids.set(name, body.id);
  }
});
afterAll(() => Promise.all([gateway.dispose(), ...libraries.map(({ close }) => close())]));

const resource = async (name: Name, uri: string) => {
  const path = `/resources?limit=0&include_inactive=true&gateway_id=${ids.get(name)}`;
  const { body } = await gateway.api<ResourceRead[]>("GET", path);
  const id = body.find((row) => row.uri === uri)?.id;
  if (id === undefined) throw new Error(`${name} has no ${uri}`);
  return id;
};
const everything = async (era: (typeof ERAS)[number], subject?: string) => {
  const token = await gateway.token(subject === undefined ? {} : { subject });
  const ask = await callerOf(era, `${gateway.url}/mcp`, token);
  let count = 0;
  return {
    async notes() {
      const { answer } = await ask(++count, "resources/list");
      const rows = (answer?.result?.resources ?? []) as { uri: string }[];
      return rows.map(({ uri }) => uri).filter((uri) => uri.startsWith("note:"));
    },
    async read(uri: string) {
      const { answer } = await ask(++count, "resources/read", { uri });
      return answer?.error?.code ?? (answer?.result?.contents as { text: string }[] | undefined)?.[0]?.text;
    },
  };
};

describe.each(ERAS)("in the view of everything, to a %s client,", (era) => {
  const notFound = era === "modern" ? -32602 : -32002;

  it("the first that a caller may see has the URI, and the others a marked one", async () => {
    const [all, some] = [await everything(era), await everything(era, user)];
    expect(await all.notes()).toEqual([SHARED.note, "note://open--shared", "note://last--shared"]);
    expect(await some.notes()).toEqual([SHARED.note, "note://last--shared"]);
    expect([await all.read(SHARED.note), await some.read(SHARED.note)]).toEqual([
      `hidden has ${SHARED.note}`,
      `open has ${SHARED.note}`,
    ]);
    const [hidden] = libraries;
    const before = hidden?.heard.length;
    for (const uri of [SHARED.app, "note://shared", "note://by/1"]) {
      await some.read(uri.replace("://", "://hidden--"));
      await some.read(uri);
    }
    expect(await some.read("ui://hidden--app/main")).toBe(notFound);
    expect(hidden?.heard).toHaveLength(before ?? 0);
  });

  it("what is switched off is not there, and nobody takes its URI over", async () => {
    const id = await resource("open", SHARED.note);
    await gateway.api("POST", `/resources/${id}/state?activate=false`);
    const some = await everything(era, user);
    expect(await some.notes()).toEqual(["note://last--shared"]);
    expect(await some.read("note://last--shared")).toBe(`last has ${SHARED.note}`);
    await gateway.api("POST", `/resources/${id}/state?activate=true`);
    expect(await some.notes()).toEqual([SHARED.note, "note://last--shared"]);
  });

  it("a template that a caller may see leads to nothing it may not", async () => {
    const secret = SHARED.byId; // of the template note://by/{id}, as a resource of its own
    const row = await resource("open", SHARED.note);
    await gateway.sql("UPDATE resources SET uri = ?, visibility = 'private' WHERE id = ?", secret, row);
    await gateway.sql("UPDATE stamps SET version = version + 1 WHERE name = 'catalog'");
    const fresh = await gateway.api("PUT", `/resources/${await resource("last", SHARED.app)}`, { description: era });
    expect(fresh.status).toBe(200);
    const [all, some] = [await everything(era), await everything(era, user)];
    const before = libraries[1]?.heard.length;
    expect(await some.read(secret)).toBe(notFound);
    expect(libraries[1]?.heard.slice(before).filter(({ message }) => message?.params?.uri === secret)).toEqual([]);
    expect(await some.read("note://by/8")).toBe("open has note://by/8");
    expect(await all.read("note://open--by/7")).toBe(`open has ${secret}`);
    await gateway.sql("UPDATE resources SET uri = ?, visibility = 'public' WHERE id = ?", SHARED.note, row);
    await gateway.api("PUT", `/resources/${await resource("last", SHARED.app)}`, { description: "back" });
  });
});
