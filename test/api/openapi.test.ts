// /openapi.json: a whole description. Every mounted route is in it; answers.test.ts shows that it is an honest one.
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { rest } from "../../src/app.ts";
import { type Gateway, startGateway } from "../harness.ts";
import { type Document, documentOf, type Json, operationsOf } from "./document.ts";

// The app is only read here, for its routes; what workerd alone has is not used.
vi.mock("cloudflare:workers", () => ({}));

let gateway: Gateway;
let document: Document;
beforeAll(async () => {
  gateway = await startGateway();
  document = await documentOf(gateway);
});
afterAll(() => gateway.dispose());

/** A schema, or the component it refers to. */
const resolved = (schema: Json = {}): Json =>
  typeof schema.$ref === "string" ? (document.components.schemas[schema.$ref.split("/").at(-1) ?? ""] ?? {}) : schema;

/** Every value of a key anywhere in a document. */
const all = (value: unknown, key: string): unknown[] =>
  typeof value !== "object" || value === null
    ? []
    : Object.entries(value).flatMap(([name, inner]) => [...(name === key ? [inner] : []), ...all(inner, key)]);

describe("the document", () => {
  test("has every mounted route, and no other but /rpc, which is no route of this table", () => {
    const mounted = rest.routes
      .filter(({ method, path }) => method !== "ALL" && path !== "/" && !path.startsWith("/v1/"))
      .map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, "{$1}")}`);
    expect(mounted.length).toBeGreaterThan(40);
    expect([...mounted, "POST /rpc"].sort()).toEqual(
      operationsOf(document)
        .map(({ name }) => name)
        .sort(),
    );
  });

  test("has the same routes under /v1", () => {
    const under = (root: string) =>
      rest.routes.filter(
        ({ method, path }) => method !== "ALL" && path !== "/" && path.startsWith("/v1/") === (root !== ""),
      );
    expect(
      under("/v1")
        .map(({ method, path }) => `${method} ${path.slice(3)}`)
        .sort(),
    ).toEqual(
      under("")
        .map(({ method, path }) => `${method} ${path}`)
        .sort(),
    );
  });

  test("is OpenAPI 3.1: what must be there is, ids are single, references lead somewhere", () => {
    expect(document.openapi).toMatch(/^3\.1\.\d+$/);
    expect(document.info).toMatchObject({ title: "Causeway", version: expect.stringMatching(/^\d+\.\d+\.\d+/) });
    expect(document.servers).toEqual([{ url: gateway.url }]);
    expect(document.components.securitySchemes).toMatchObject({ bearer: { type: "http", scheme: "bearer" } });
    const ids = operationsOf(document).map(({ operation }) => operation.operationId);
    expect(ids.filter((id, at) => ids.indexOf(id) !== at)).toEqual([]);
    for (const id of ids) expect(id).toMatch(/^[a-z][A-Za-z0-9]*$/);
    const known = Object.keys(document.components.schemas).map((name) => `#/components/schemas/${name}`);
    expect(new Set(all(document, "$ref")).size).toBeGreaterThan(5);
    for (const reference of all(document, "$ref")) expect(known).toContain(reference);
    for (const name of Object.keys(document.components.schemas)) expect(name).toMatch(/^[A-Za-z0-9._-]+$/);
  });

  test("says of each operation what it takes, what it answers and how it fails", () => {
    for (const { name, path, method, operation } of operationsOf(document)) {
      const { summary, tags, parameters, requestBody, responses, security } = operation;
      expect(summary.length, name).toBeGreaterThan(4);
      expect(tags, name).toHaveLength(1);
      expect(
        parameters.filter((one) => one.in === "path").map((one) => one.name),
        name,
      ).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, id]) => id));
      for (const one of parameters)
        expect(one, name).toMatchObject({
          name: expect.any(String),
          required: one.in === "path",
          schema: expect.any(Object),
        });
      if (method === "get") expect(requestBody, name).toBeUndefined();
      else if (requestBody) {
        expect(requestBody.required, name).toBe(method !== "delete");
        expect(Object.keys(requestBody.content["application/json"]?.schema ?? {}), name).not.toEqual([]);
      }
      const statuses = Object.keys(responses).map(Number);
      const good = statuses.filter((status) => status < 300);
      expect(good, name).toHaveLength(1);
      for (const [status, { description, content }] of Object.entries(responses)) {
        expect(description.length, `${name} ${status}`).toBeGreaterThan(4);
        const [{ schema } = {}] = Object.values(content ?? {});
        if (status === "204") expect(content, name).toBeUndefined();
        else expect(Object.keys(schema ?? {}), `${name} ${status}`).not.toEqual([]);
        if (Number(status) >= 400 && path !== "/rpc" && path !== "/ready")
          expect(resolved(schema), `${name} ${status}`).toMatchObject({
            properties: { detail: {}, code: {}, request_id: {} },
          });
      }
      if (security === undefined) expect(statuses, name).toEqual(expect.arrayContaining([401, 403]));
      if (path.includes("{id}")) expect(statuses, name).toContain(404);
      if (requestBody)
        expect(statuses, name).toEqual(expect.arrayContaining(path === "/rpc" ? [413, 415] : [413, 415, 422]));
      if (method === "put")
        expect(
          parameters.map((one) => one.name),
          name,
        ).toContain("If-Match");
    }
  });

  test("names the fields of a body, the required ones among them", () => {
    const body = (path: string) =>
      resolved(document.paths[path]?.post?.requestBody?.content["application/json"]?.schema) as {
        properties: Json;
        required: string[];
      };
    expect(body("/tools").required.sort()).toEqual(["name", "url"]);
    expect(Object.keys(body("/gateways").properties)).toEqual(
      expect.arrayContaining(["name", "url", "transport", "authType", "tags", "visibility"]),
    );
    expect(body("/servers").required).toEqual(["name"]);
    expect(body("/prompts").required.sort()).toEqual(["name", "template"]);
    expect(body("/resources").required.sort()).toEqual(["content", "name", "uri"]);
  });
});
