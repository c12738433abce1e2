// How a REST tool's arguments become an HTTP request, as the REST API takes it (ContextForge's names).
import * as z from "zod";

export const restMethod = z.enum(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]);
export type RestMethod = z.infer<typeof restMethod>;

/** How arguments are written into a body. */
export const restBody = z.enum(["json", "form", "multipart", "text"]);
export type RestBody = z.infer<typeof restBody>;

/** `{param}` may stand in path and query: which host is called is not for a caller to say. */
export const restUrl = z
  .url({ protocol: /^https?$/, error: "must be an http or https URL" })
  .refine((url) => !/^[^:]*:\/\/[^/?#]*[{}]/.test(url), { message: "can't have parameters in its host" })
  .refine((url) => !URL.parse(url)?.username, { message: "can't carry credentials; put them into headers" });

/** What of an answer is given on: a JSONPath (RFC 9535) or JSONata expression. */
export const responseFilter = z.strictObject({
  language: z.enum(["jsonpath", "jsonata"]),
  expression: z.string().trim().min(1).max(4_000),
});
export type ResponseFilter = z.infer<typeof responseFilter>;

const argument = z.string().min(1).max(128);

/** Headers that no argument may fill: they carry credentials, or belong to the connection. */
const NO_ARGUMENTS_PLACE =
  /^(authorization|proxy-.*|cookie|set-cookie|host|content-.*|transfer-encoding|connection|te|upgrade|cf-.*|x-forwarded-.*|x-api-key)$/i;

const argumentHeader = z
  .string()
  .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/, "must be the name of a header")
  .refine((name) => !NO_ARGUMENTS_PLACE.test(name), { message: "is a header that arguments can't fill" });

/** Where arguments go. Null takes a mapping out. */
export const restMapping = {
  queryMapping: z.record(argument, z.string().min(1).max(128)).nullish().describe("Argument to query parameter"),
  headerMapping: z.record(argument, argumentHeader).nullish().describe("Argument to header"),
  bodyType: restBody.nullish().describe("How the body is written; JSON unless told otherwise"),
  bodyArgument: argument.nullish().describe("The argument that is the whole body"),
};

/** How answers are filtered. Null takes the filter out. */
export const restFilter = {
  responseFilter: responseFilter.nullish(),
  jsonpathFilter: z
    .string()
    .max(4_000)
    .nullish()
    .describe("ContextForge's name: a JSONPath, or a jq program that is a path; any other leaves the tool disabled"),
};

/** A base and a path with `{param}`s as one URL. */
export const joined = (base: string, path: string): string => `${base.replace(/\/+$/, "")}/${path.replace(/^\/+/, "")}`;
