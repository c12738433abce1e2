// Issuers of tokens as the configuration writes them: what is taken, and that nothing weaker slips in.
import { describe, expect, test } from "vitest";
import { accessIssuer, issuersIn } from "../../src/lib/issuers.ts";

const GOOD = { issuer: "https://issuer.example", jwks_url: "https://issuer.example/keys", audience: "gateway" };
const read = (value: unknown) => issuersIn(typeof value === "string" ? value : JSON.stringify(value), "ours");

describe("issuers", () => {
  test("have three algorithms and the claim email unless they say otherwise", () => {
    expect([...read([GOOD]).values()]).toEqual([
      {
        issuer: "https://issuer.example",
        jwksUrl: "https://issuer.example/keys",
        audience: ["gateway"],
        algorithms: ["RS256", "ES256", "EdDSA"],
        emailClaim: "email",
      },
    ]);
    const own = { ...GOOD, audience: ["a", "b"], algorithms: ["PS512"], email_claim: "sub" };
    expect(read([own]).get(GOOD.issuer)).toMatchObject({
      audience: ["a", "b"],
      algorithms: ["PS512"],
      emailClaim: "sub",
    });
    expect(read("[]").size).toBe(0);
  });

  test.each<[string, unknown, string]>([
    ["no JSON", "[", "not JSON"],
    ["no array", {}, "no array"],
    ["a text", ["https://issuer.example"], "issuer must be a text"],
    ["the gateway itself", [{ ...GOOD, issuer: "ours" }], "this gateway's own"],
    ["an address that is none", [{ ...GOOD, jwks_url: "keys" }], "must be a URL"],
    ["no audience", [{ ...GOOD, audience: [] }], "audience"],
    ["an audience that is left out", [{ ...GOOD, audience: undefined }], "audience"],
    ["an algorithm with a shared secret", [{ ...GOOD, algorithms: ["RS256", "HS256"] }], "algorithms"],
    ["no signature at all", [{ ...GOOD, algorithms: ["none"] }], "algorithms"],
    ["a claim that is no text", [{ ...GOOD, email_claim: 7 }], "email_claim"],
    ["a switch nobody knows", [{ ...GOOD, verify: false }], "verify is unknown"],
    ["the same one twice", [GOOD, GOOD], "twice"],
  ])("that are %s are refused", (_what, value, why) => {
    expect(() => read(value)).toThrow(why);
  });
});

test("Cloudflare Access is an issuer by its team's domain", () => {
  expect(accessIssuer("team.cloudflareaccess.com", "tag")).toMatchObject({
    issuer: "https://team.cloudflareaccess.com",
    jwksUrl: "https://team.cloudflareaccess.com/cdn-cgi/access/certs",
    audience: ["tag"],
    algorithms: ["RS256"],
  });
  expect(() => accessIssuer("not a host", "tag")).toThrow("host name");
});
