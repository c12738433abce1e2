// The parts of an OpenAPI 3.1 document that the page shows, and how they are found in it.
import { controlOf, isObject, resolve, type Schema } from "../../parts/schema/schema.ts";

export type Parameter = { name: string; in: string; required: boolean; description: string; schema: unknown };
export type Reply = { status: string; description: string; schema: unknown };
export type Operation = {
  id: string;
  method: string;
  path: string;
  tag: string;
  summary: string;
  description: string;
  parameters: Parameter[];
  body: unknown;
  replies: Reply[];
};

const METHODS = ["get", "post", "put", "patch", "delete"];
const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

/** Every operation, in the order of the document. */
export function operationsOf(doc: Schema): Operation[] {
  const paths = isObject(doc.paths) ? Object.entries(doc.paths) : [];
  return paths.flatMap(([path, item]) =>
    isObject(item)
      ? METHODS.filter((method) => isObject(item[method])).map((method) => operationOf(doc, path, method, item))
      : [],
  );
}

function operationOf(doc: Schema, path: string, method: string, item: Schema): Operation {
  const operation = resolve(item[method], doc);
  const parameters = [item.parameters, operation.parameters].filter(Array.isArray).flat();
  const tags = Array.isArray(operation.tags) ? operation.tags : [];
  return {
    id: `${method} ${path}`,
    method,
    path,
    tag: textOf(tags[0]) || "other",
    summary: textOf(operation.summary),
    description: textOf(operation.description),
    parameters: parameters.map((one) => parameterOf(resolve(one, doc))),
    body: schemaOf(resolve(operation.requestBody, doc)),
    replies: Object.entries(isObject(operation.responses) ? operation.responses : {}).map(([status, reply]) => ({
      status,
      description: textOf(resolve(reply, doc).description),
      schema: schemaOf(resolve(reply, doc)),
    })),
  };
}

const parameterOf = (one: Schema): Parameter => ({
  name: textOf(one.name),
  in: textOf(one.in),
  required: one.required === true,
  description: textOf(one.description),
  schema: one.schema,
});

/** The JSON schema of a body; undefined when it has none. */
function schemaOf(holder: Schema): unknown {
  const content = isObject(holder.content) ? holder.content["application/json"] : undefined;
  return isObject(content) ? content.schema : undefined;
}

/** A body with what must be in it, for an example. */
export function sampleOf(schema: unknown, doc: Schema, depth = 0): unknown {
  const { kind, schema: resolved } = controlOf(schema, doc);
  if ("default" in resolved) return resolved.default;
  if (Array.isArray(resolved.examples)) return resolved.examples[0];
  switch (kind.is) {
    case "object": {
      const entries = kind.properties.filter(([name]) => kind.required.has(name) && depth < 4);
      return Object.fromEntries(entries.map(([name, one]) => [name, sampleOf(one, doc, depth + 1)]));
    }
    case "choice":
      return kind.options[0]?.value;
    case "number":
      return 0;
    case "boolean":
      return false;
    case "array":
      return [];
    case "string":
      return kind.format === "uri" ? "https://example.com" : "text";
    default:
      return {};
  }
}

/** The operation as a curl command; the token stays a variable of the shell. */
export function curlOf({ method, path, body, parameters }: Operation, doc: Schema): string {
  const query = parameters.filter((one) => one.in === "query" && one.required).map((one) => `${one.name}=`);
  const url = `${location.origin}${path}${query.length > 0 ? `?${query.join("&")}` : ""}`;
  const lines = [`curl -s -X ${method.toUpperCase()} '${url}'`, '  -H "Authorization: Bearer $GW_TOKEN"'];
  if (body !== undefined) {
    lines.push(
      "  -H 'Content-Type: application/json'",
      `  -d '${JSON.stringify(sampleOf(body, doc)).replaceAll("'", "'\\''")}'`,
    );
  }
  return lines.join(" \\\n");
}
