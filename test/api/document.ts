// The gateway's OpenAPI document, as the tests of it and of the answers read it.
import * as z from "zod";
import type { Gateway } from "../harness.ts";

export type Json = Record<string, unknown>;

export interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly tags: string[];
  readonly security?: unknown[];
  readonly parameters: { name: string; in: string; required: boolean; schema: Json }[];
  readonly requestBody?: { required: boolean; content: Record<string, { schema: Json }> };
  readonly responses: Record<string, { description: string; content?: Record<string, { schema: Json }> }>;
}

export interface Document {
  readonly openapi: string;
  readonly info: Json;
  readonly servers: { url: string }[];
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { schemas: Record<string, Json>; securitySchemes: Json };
}

export const documentOf = async ({ api }: Gateway): Promise<Document> =>
  (await api<Document>("GET", "/openapi.json")).body;

/** All operations, named as `GET /tools/{id}`. */
export const operationsOf = ({ paths }: Document) =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      name: `${method.toUpperCase()} ${path}`,
      path,
      method,
      operation,
    })),
  );

/** The schema of an operation's answer; undefined when the document has none. */
export const answerSchema = ({ paths }: Document, method: string, path: string, status: number): Json | undefined =>
  paths[path]?.[method.toLowerCase()]?.responses[status]?.content?.["application/json"]?.schema;

/** Makes a function that tells what is wrong with a value, by a schema of the document. */
export function validator({ components }: Document, schema: Json): (value: unknown) => string[] {
  const whole = JSON.stringify({ ...schema, $defs: components.schemas }).replaceAll(
    "#/components/schemas/",
    "#/$defs/",
  );
  const read = z.fromJSONSchema(JSON.parse(whole));
  return (value) => {
    const { error } = read.safeParse(value);
    return error ? [z.prettifyError(error)] : [];
  };
}
