// The OpenAPI 3.1 document, made from the route table: what routes.ts mounts is what is documented.
import * as z from "zod";
import { errorBody } from "../schemas/common.ts";
import type { Described } from "./route.ts";

type Json = Record<string, unknown>;

/** zod shapes as JSON Schema; those with an id become components. */
function schemas() {
  const components: Json = {};
  const of = (schema: z.ZodType, io: "input" | "output"): Json => {
    const {
      $schema: _dialect,
      $defs = {},
      ...json
    } = z.toJSONSchema(schema, {
      io,
      unrepresentable: "any",
      override: ({ jsonSchema }) => {
        delete jsonSchema.id;
      },
    }) as Json & { $defs?: Json };
    for (const [name, definition] of Object.entries($defs)) components[name] = repoint(definition);
    return repoint(json) as Json;
  };
  return { of, components, error: of(errorBody, "output") };
}

/** Makes `#/$defs/X` point to the document's components. */
const repoint = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value).replaceAll('"#/$defs/', '"#/components/schemas/'));

const parameters = (entry: Described, of: (schema: z.ZodType, io: "input") => Json): Json[] => {
  const inPath = [...entry.path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
  const query = entry.query ? of(entry.query, "input") : {};
  const inQuery = Object.entries((query.properties ?? {}) as Record<string, Json>).map(([name, schema]) => ({
    name,
    in: "query",
    required: false,
    schema,
  }));
  const precondition = conditional(entry)
    ? [
        {
          name: "If-Match",
          in: "header",
          required: false,
          description: "Version the change was made from",
          schema: { type: "string" },
        },
      ]
    : [];
  return [...inPath, ...inQuery, ...precondition];
};

/** Whether a route changes one entity, and so heeds If-Match. */
const conditional = ({ method, path, permission, own }: Described): boolean =>
  (method === "PUT" && own !== undefined) ||
  (method !== "GET" && /:(id|email)\b/.test(path) && /\.(update|delete|manage_members)$/.test(permission ?? ""));

/** What a caller must have, in words and as OpenAPI has it. */
function needs({ permission, own }: Described): Json {
  if (permission) return { description: `Needs the permission \`${permission}\`.` };
  if (own === "login") return { description: "About the caller's own account; needs a login, not a token." };
  return own
    ? {
        description:
          "Needs a credential, of anybody: it is about what is the caller's own, or what the caller may read.",
      }
    : { security: [] };
}

const guarded = ({ permission, own }: Described): boolean => (permission ?? own) !== undefined;

/** Whether a credential is in the body: a password, a token, a link. */
const proves = (entry: Described): boolean =>
  entry.method === "POST" && entry.path.startsWith("/auth/") && !guarded(entry);

const ERRORS: readonly [status: number, when: string, applies: (entry: Described) => boolean][] = [
  [400, "The body is not JSON, or is ambiguous", (entry) => entry.body !== undefined],
  [401, "No credential, or one that is not valid", (entry) => guarded(entry) || proves(entry)],
  [403, "The permission or scope is missing", guarded],
  [403, "The password must be changed first, or the token logs nobody in", proves],
  [
    404,
    "What is asked for or named is absent, or not visible to the caller",
    (entry) => entry.path.includes(":") || (entry.body !== undefined && guarded(entry)),
  ],
  [409, "A name or address is taken, or what is there stands against it", (entry) => entry.method !== "GET"],
  [412, "Changed meanwhile: If-Match names an older version", conditional],
  [413, "The body is too large", (entry) => entry.body !== undefined],
  [415, "The body is not application/json", (entry) => entry.body !== undefined],
  [422, "A field does not fit; `detail` names each", (entry) => entry.body !== undefined || entry.query !== undefined],
  [424, "The upstream wants credentials", (entry) => entry.path.startsWith("/gateways") && entry.method !== "GET"],
  [429, "Over a limit: Retry-After says when to come back", () => true],
  [
    502,
    "The upstream can't be reached, or answered nonsense",
    (entry) => entry.path.startsWith("/gateways") && entry.method !== "GET",
  ],
  [504, "The upstream did not answer in time", (entry) => entry.path.startsWith("/gateways") && entry.method !== "GET"],
  [503, "Not ready: the database is outdated or can't be read", (entry) => !entry.otherwise],
];

/** The document. `server` is the gateway's own origin. */
export function openApi(routes: readonly Described[], info: { title: string; version: string; server: string }): Json {
  const { of, components, error } = schemas();
  const paths: Record<string, Json> = {};
  for (const entry of routes) {
    const path = entry.path.replace(/:(\w+)/g, "{$1}");
    const failures = ERRORS.filter(([, , applies]) => applies(entry)).map(([status, description]) => [
      status,
      { description, content: { "application/json": { schema: error } } },
    ]);
    paths[path] = {
      ...paths[path],
      [entry.method.toLowerCase()]: {
        operationId: `${entry.method.toLowerCase()}${path.replace(/[^A-Za-z0-9]+(\w?)/g, (_, letter: string) => letter.toUpperCase())}`,
        summary: entry.summary,
        tags: [entry.tag],
        ...needs(entry),
        parameters: parameters(entry, of),
        ...(entry.body
          ? {
              requestBody: {
                required: entry.method !== "DELETE",
                content: { "application/json": { schema: of(entry.body, "input") } },
              },
            }
          : {}),
        responses: {
          [entry.status]: {
            description: "Success",
            ...(entry.status === 204
              ? {}
              : { content: { [entry.media ?? "application/json"]: { schema: of(entry.answer, "output") } } }),
          },
          ...(entry.otherwise
            ? {
                [entry.otherwise]: {
                  description: "The same shape, saying what is missing",
                  content: { "application/json": { schema: of(entry.answer, "output") } },
                },
              }
            : {}),
          ...Object.fromEntries(failures),
        },
      },
    };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: info.title,
      version: info.version,
      description:
        "Bodies may be flat or wrapped in their noun, in camelCase or snake_case. Every path also exists under /v1.",
    },
    servers: [{ url: info.server }],
    security: [{ bearer: [] }],
    paths,
    components: {
      schemas: components,
      securitySchemes: { bearer: { type: "http", scheme: "bearer", bearerFormat: "JWT" } },
    },
  };
}
