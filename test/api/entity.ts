// Promises that every noun of the REST API keeps, told once. A noun's test file declares its example and calls
// `keepsTheRules`; what is the noun's own is tested beside it.
import { expect, test } from "vitest";
import type * as z from "zod";
import { addUser, as } from "../auth/users.ts";
import type { Gateway } from "../harness.ts";
import type { Answer } from "../rest.ts";

/** What a failure looks like. */
export interface Failure {
  readonly detail: string | { readonly type: string; readonly loc: (string | number)[]; readonly msg: string }[];
  readonly code: string;
  readonly request_id: string;
}

type Entity = Record<string, unknown> & { readonly id: string; readonly version: number };

/** A noun by example. */
export interface Example {
  /** Such as `/tools`. */
  readonly path: string;
  /** What a body may be wrapped in, such as `tool`. */
  readonly wrapper: string;
  readonly singular: string;
  readonly read: z.ZodObject;
  /** A body in camelCase, different for each name. */
  make(name: string): Record<string, unknown>;
  /** Field that only one entity may have a value in. */
  readonly unique: string;
  /** Where the API shows an entity; `/{id}` unless told otherwise. */
  readonly shown?: string;
}

/** What a new description may change in an answer: itself, where it is repeated, and who did it when. */
const MAY_CHANGE = [
  "description",
  "originalDescription",
  "definition",
  "version",
  "updatedAt",
  "modifiedBy",
  "modifiedVia",
  "modifiedFromIp",
  "modifiedUserAgent",
];

const snake = (key: string) => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const inSnakeCase = (body: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(body).map(([key, value]) => [snake(key), value]));

/** Says an answer's status together with its body, so that a failing test tells why. */
export const outcome = ({ status, body }: Answer<unknown>) => (status < 400 ? status : { status, body });

/** Registers the tests. Names of entities begin with `rule-`. */
export function keepsTheRules(example: Example, running: () => Gateway): void {
  const { path, wrapper, singular, make, unique, shown = "" } = example;
  const api = <Body = Entity>(method: string, rest = "", body?: unknown, headers?: Record<string, string>) =>
    running().api<Body>(method, path + rest, body, headers);
  const admin = async (more: Record<string, string>) => ({ ...(await as(running(), "admin")), ...more });
  const made = async (name: string, more: Record<string, unknown> = {}): Promise<Entity> => {
    const answer = await api("POST", "", { ...make(name), ...more });
    expect(outcome(answer)).toBe(201);
    return answer.body;
  };
  const at = (id: string) => `/${id}${shown}`;

  test("create answers 201 with exactly the documented fields, and read gives the same", async () => {
    const entity = await made("rule-shape", { description: "What it does", tags: ["Alpha", "beta"] });
    expect(Object.keys(entity).sort()).toEqual(Object.keys(example.read.shape).sort());
    expect(example.read.parse(entity)).toEqual(entity);
    expect(entity).toMatchObject({
      description: "What it does",
      tags: [
        { id: "alpha", label: "alpha" },
        { id: "beta", label: "beta" },
      ],
      visibility: "public",
      enabled: true,
      version: 1,
      ownerEmail: "admin@example.com",
      createdBy: "admin@example.com",
      createdVia: "api",
      modifiedBy: null,
    });
    expect(entity.id).toMatch(/^[0-9a-f]{32}$/);
    expect((await api("GET", at(entity.id))).body).toEqual(entity);
  });

  test("a body may be flat or wrapped, in camelCase or in snake_case", async () => {
    const spellings = [
      make("rule-flat"),
      inSnakeCase(make("rule-snake")),
      { [wrapper]: make("rule-wrapped"), team_id: null, visibility: "public" },
      { [wrapper]: inSnakeCase(make("rule-wrapped-snake")), visibility: "private" },
    ];
    const answers = await Promise.all(spellings.map((body) => api("POST", "", body)));
    expect(answers.map(outcome)).toEqual([201, 201, 201, 201]);
    expect(answers.map(({ body }) => body.visibility)).toEqual(["public", "public", "public", "private"]);
    const changed = await api("PUT", `/${answers[0]?.body.id}`, { [wrapper]: { description: "by a wrapped change" } });
    expect(changed.body.description).toBe("by a wrapped change");
  });

  test("each field that does not fit is named, unknown ones too, and nothing is made", async () => {
    const body = { ...make("rule-wrong"), description: 7, visibility: "secret", colour: "red" };
    for (const given of [body, { [wrapper]: body }]) {
      const answer = await api<Failure>("POST", "", given);
      expect(answer.status).toBe(422);
      const { detail, code, request_id } = answer.body;
      expect(Array.isArray(detail) && detail.map(({ loc }) => loc.join(".")).sort()).toEqual([
        "body.colour",
        "body.description",
        "body.visibility",
      ]);
      expect(code).toBe("invalid_params");
      expect(answer.headers.get("x-correlation-id")).toBe(request_id);
    }
    const { body: list } = await api<unknown[]>("GET", "?q=rule-wrong");
    expect(list).toEqual([]);
  });

  test("a change touches what it names, and counts as one version", async () => {
    const before = await made("rule-change", { description: "old", tags: ["kept"] });
    const answer = await api("PUT", `/${before.id}`, { description: "new" });
    expect(outcome(answer)).toBe(200);
    const changed = Object.keys(before).filter(
      (key) => JSON.stringify(before[key]) !== JSON.stringify(answer.body[key]),
    );
    expect(changed.filter((key) => !MAY_CHANGE.includes(key))).toEqual([]);
    expect(answer.body).toMatchObject({
      description: "new",
      version: 2,
      modifiedBy: "admin@example.com",
      modifiedVia: "api",
    });
    expect((await api("GET", at(before.id))).body).toEqual(answer.body);
  });

  test("null takes a description away", async () => {
    const { id } = await made("rule-null", { description: "soon gone" });
    expect((await api("PUT", `/${id}`, { description: null })).body.description).toBeNull();
    expect((await api("GET", at(id))).body.description).toBeNull();
  });

  test("what is absent and what is hidden answer alike, for every verb", async () => {
    const { id } = await made("rule-hidden", { visibility: "private" });
    const stranger = await as(running(), await addUser(running(), `stranger-of-${wrapper}@example.com`));
    const without = async (method: string, which: string) => {
      const { status, body } = await api<Failure>(method, which, method === "PUT" ? {} : undefined, stranger);
      return { status, ...body, request_id: "" };
    };
    expect(await without("GET", at(id))).toEqual({
      status: 404,
      detail: `${singular} not found`,
      code: "not_found",
      request_id: "",
    });
    expect(await without("GET", at("0".repeat(32)))).toEqual(await without("GET", at(id)));
    const { body } = await api<Entity[]>("GET", "?limit=0", undefined, stranger);
    expect(body.map((row) => row.id)).not.toContain(id);
    for (const method of ["PUT", "DELETE"]) {
      expect(await without(method, `/${id}`), method).toEqual(await without(method, `/${"0".repeat(32)}`));
    }
  });

  test("a name that is taken answers 409; of 20 creates at once exactly one succeeds", async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => api<Entity & Failure>("POST", "", make("rule-once"))),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array(19).fill(409)]);
    for (const { status, body } of answers)
      if (status === 409) expect(body).toMatchObject({ code: "conflict", field: unique });
    const { body } = await api<Entity[]>("GET", "?q=rule-once");
    expect(body).toHaveLength(1);
  });

  test("a change from an old version answers 412 and changes nothing; of 20 at once exactly one wins", async () => {
    const { id } = await made("rule-race");
    const headers = await admin({});
    const write = (n: number, etag: string) =>
      api("PUT", `/${id}`, { description: `writer ${n}` }, { ...headers, "if-match": etag });
    const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => write(n, '"1"')));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(19).fill(412)]);
    const winner = answers.findIndex(({ status }) => status === 200);
    const { body } = await api("GET", at(id));
    expect(body).toMatchObject({ description: `writer ${winner}`, version: 2 });
    expect((await write(21, '"2"')).status).toBe(200);
    expect((await write(22, "nonsense")).status).toBe(422);
    expect((await write(23, "*")).status).toBe(200);
  });

  test("of 20 changes at once without If-Match all are made, each its own version", async () => {
    const { id } = await made("rule-crowd");
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) => api("PUT", `/${id}`, { description: `writer ${n}` })),
    );
    expect(answers.map(outcome)).toEqual(Array(20).fill(200));
    expect((await api("GET", at(id))).body.version).toBe(21);
  });

  test("an unchanged entity answers 304 to its ETag, a changed one does not", async () => {
    const { id } = await made("rule-etag");
    const first = await api("GET", at(id));
    const etag = first.headers.get("etag") ?? "";
    expect(etag).toMatch(/^"1[^"]*"$/);
    for (const given of [etag, `W/${etag}`, `"other", ${etag}`, "*"]) {
      const again = await api("GET", at(id), undefined, await admin({ "if-none-match": given }));
      expect([again.status, again.body, again.headers.get("etag")], given).toEqual([304, null, etag]);
    }
    expect((await api("PUT", `/${id}`, { description: "x" }, await admin({ "if-match": etag }))).status).toBe(200);
    const after = await api("GET", at(id), undefined, await admin({ "if-none-match": etag }));
    expect([after.status, after.body.description]).toEqual([200, "x"]);
  });

  test("delete answers 200 once and 404 afterwards; a stale If-Match prevents it", async () => {
    const { id } = await made("rule-gone");
    await api("PUT", `/${id}`, { description: "changed" });
    expect((await api("DELETE", `/${id}`, undefined, await admin({ "if-match": '"1"' }))).status).toBe(412);
    const answer = await api("DELETE", `/${id}`);
    expect([answer.status, answer.body]).toEqual([200, { status: "success", message: `${singular} ${id} deleted` }]);
    expect((await api("GET", at(id))).status).toBe(404);
    expect((await api("DELETE", `/${id}`)).status).toBe(404);
  });

  test("state and toggle switch off and on; the disabled one is left out unless asked for", async () => {
    const { id } = await made("rule-state");
    const listed = async (query: string) =>
      (await api<Entity[]>("GET", `?q=rule-state${query}`)).body.map((row) => row.id);
    const off = await api<Record<string, Entity>>("POST", `/${id}/state?activate=false`);
    expect(off.body).toMatchObject({
      status: "success",
      message: `${singular} ${id} deactivated`,
      [wrapper]: { id, enabled: false, version: 2 },
    });
    expect([await listed(""), await listed("&include_inactive=true")]).toEqual([[], [id]]);
    const on = await api<Record<string, Entity>>("POST", `/${id}/toggle?activate=true`);
    expect(on.body).toMatchObject({ message: `${singular} ${id} activated`, [wrapper]: { enabled: true } });
    expect(await listed("")).toEqual([id]);
    expect((await api("POST", `/${id}/state?activate=maybe`)).status).toBe(422);
  });

  test("a body that is no JSON, ambiguous, too deep, too large or of another type is refused", async () => {
    const text = JSON.stringify(make("rule-malformed"));
    const deep = `{"${wrapper}":${"[".repeat(100)}${"]".repeat(100)}}`;
    const send = async (body: string, type = "application/json") => {
      const { status, body: failure } = await api<Failure>("POST", "", body, await admin({ "content-type": type }));
      return [status, failure.code];
    };
    expect(await send("{")).toEqual([400, "parse_error"]);
    expect(await send("")).toEqual([400, "parse_error"]);
    expect(await send(text.replace("{", '{"description":"a","description":"b",'))).toEqual([400, "invalid_request"]);
    expect(await send(deep)).toEqual([400, "invalid_request"]);
    expect(await send("[]")).toEqual([422, "invalid_params"]);
    expect(await send(`"${"x".repeat(4_194_304)}"`)).toEqual([413, "payload_too_large"]);
    expect(await send(text, "text/plain")).toEqual([415, "unsupported_media_type"]);
    expect((await api<unknown[]>("GET", "?q=rule-malformed")).body).toEqual([]);
  });

  test("/v1 has the same calls", async () => {
    const gateway = running();
    const created = await gateway.api<Entity>("POST", `/v1${path}`, make("rule-v1"));
    expect(created.status).toBe(201);
    const { id } = created.body;
    expect((await gateway.api("GET", `/v1${path}/${id}${shown}`)).body).toEqual(created.body);
    expect((await gateway.api("GET", `/v1${path}/`)).status).toBe(200);
    expect((await gateway.api("DELETE", `/v1${path}/${id}`)).status).toBe(200);
  });
}
