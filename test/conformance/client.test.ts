// The official conformance suite with the gateway as the client under test: what it does as a client of its upstreams.
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Gateway, startGateway } from "../harness.ts";
import { type ClientResult, runClientConformance } from "./run-client.ts";

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.dispose());

const namesOf = (results: readonly ClientResult[]) => results.map(({ scenario }) => scenario).sort();
const saidOf = (results: readonly ClientResult[]) => results.map(({ scenario, said }) => `${scenario}: ${said}`);

/** Scenarios of an authorization server; they wait for the gateway to log in at upstreams. */
const needsLogin = ({ scenario }: ClientResult): boolean => scenario.startsWith("auth/");

const SHARED_LOGINS = [
  "auth/basic-cimd",
  "auth/metadata-default",
  "auth/metadata-var1",
  "auth/metadata-var2",
  "auth/metadata-var3",
  "auth/pre-registration",
  "auth/scope-from-scopes-supported",
  "auth/scope-from-www-authenticate",
  "auth/scope-omitted-when-undefined",
  "auth/scope-retry-limit",
  "auth/scope-step-up",
  "auth/token-endpoint-auth-basic",
  "auth/token-endpoint-auth-none",
  "auth/token-endpoint-auth-post",
];

const SETS = [
  {
    requirements: "2025-11-25",
    passes: ["elicitation-sep1034-client-defaults", "initialize", "sse-retry", "tools_call"],
    logins: SHARED_LOGINS,
  },
  {
    requirements: "2026-07-28",
    passes: [
      "http-custom-headers",
      "http-invalid-tool-headers",
      "http-standard-headers",
      "json-schema-ref-no-deref",
      "request-metadata",
      "sep-2322-client-request-state",
      "tools_call",
    ],
    logins: [
      ...SHARED_LOGINS,
      "auth/authorization-server-migration",
      "auth/iss-normalized",
      "auth/iss-not-advertised",
      "auth/iss-supported",
      "auth/iss-supported-missing",
      "auth/iss-unexpected",
      "auth/iss-wrong-issuer",
      "auth/metadata-issuer-mismatch",
      "auth/offline-access-not-supported",
      "auth/offline-access-scope",
      "auth/resource-mismatch",
    ].sort(),
  },
];

test.each(SETS)(
  "as a client of $requirements the gateway does all that needs no login",
  { timeout: 180_000 },
  async ({ requirements, passes, logins }) => {
    const results = await runClientConformance(gateway, requirements);
    const scored = results.filter((result) => result.scored);
    expect(saidOf(results.filter((result) => !needsLogin(result) && !result.passed))).toEqual([]);
    expect(namesOf(scored.filter((result) => result.passed))).toEqual(passes);
    expect(namesOf(scored.filter((result) => !result.passed))).toEqual(logins);
    const also = results.filter((result) => !result.scored && result.passed);
    expect(namesOf(also)).toEqual(["json-schema-2020-12-preservation"]);
  },
);
