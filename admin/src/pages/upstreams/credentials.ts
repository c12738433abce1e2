// The credentials part of the server form: which fields each kind has, and what is sent for it.
// Write-only: nothing here is ever filled from an answer of the gateway.
import type { UpstreamCreate } from "../../../../src/schemas/upstreams.ts";

export type Header = { key: string; value: string };
export type Credentials = {
  type: "none" | "bearer" | "basic" | "authheaders" | "query_param";
  token: string;
  username: string;
  password: string;
  headers: Header[];
  param: string;
  paramValue: string;
};

export const NO_CREDENTIALS: Credentials = {
  type: "none",
  token: "",
  username: "",
  password: "",
  headers: [{ key: "", value: "" }],
  param: "",
  paramValue: "",
};

export const KINDS = [
  { value: "none", label: "None" },
  { value: "bearer", label: "Bearer token" },
  { value: "basic", label: "User and password (Basic)" },
  { value: "authheaders", label: "Custom headers" },
  { value: "query_param", label: "Query parameter" },
] as const;

type AuthBody = Pick<
  UpstreamCreate,
  | "authType"
  | "authToken"
  | "authUsername"
  | "authPassword"
  | "authHeaders"
  | "authQueryParamKey"
  | "authQueryParamValue"
>;

/** The fields of the request body. */
export function authBody(given: Credentials): AuthBody {
  switch (given.type) {
    case "none":
      return { authType: "none" };
    case "bearer":
      return { authType: "bearer", authToken: given.token };
    case "basic":
      return { authType: "basic", authUsername: given.username, authPassword: given.password };
    case "authheaders":
      return { authType: "authheaders", authHeaders: given.headers.filter((header) => header.key !== "") };
    case "query_param":
      return { authType: "query_param", authQueryParamKey: given.param, authQueryParamValue: given.paramValue };
  }
}

/** What is missing, as a sentence; undefined when complete. */
export function missingIn(given: Credentials): string | undefined {
  switch (given.type) {
    case "none":
      return undefined;
    case "bearer":
      return given.token === "" ? "Enter the token" : undefined;
    case "basic":
      return given.username === "" ? "Enter the user" : undefined;
    case "authheaders":
      return given.headers.some((header) => header.key !== "") ? undefined : "Enter at least one header";
    case "query_param":
      return given.param === "" ? "Enter the name of the parameter" : undefined;
  }
}
