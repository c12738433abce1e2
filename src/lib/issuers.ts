// Who else signs tokens that are taken here, as it is written in the configuration (RFC 7517, RFC 7518).

/** Somebody else whose tokens are taken: signed with a key of its key set (RFC 7517), for one of these audiences. */
export interface Issuer {
  readonly issuer: string;
  readonly jwksUrl: string;
  readonly audience: readonly string[];
  readonly algorithms: readonly string[];
  /** The claim that names the user by e-mail address. */
  readonly emailClaim: string;
}

/** Algorithms that outside issuers may sign with: those with a public key (RFC 7518 §3.1, RFC 8037). */
const PUBLIC_KEY_ALGORITHMS = /^(?:RS|PS|ES)(?:256|384|512)$|^EdDSA$/;

/**
 * The issuers in a JSON array of `{issuer, jwks_url, audience, algorithms?, email_claim?}`, by name. `ours`: the name of
 * the gateway itself, which can't be among them. @throws TypeError that says what is wrong.
 */
export function issuersIn(text: string, ours: string): ReadonlyMap<string, Issuer> {
  const wrong = (what: string) => new TypeError(`must be a JSON array of issuers: ${what}`);
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    throw wrong("this is not JSON");
  }
  if (!Array.isArray(given)) throw wrong("this is no array");
  const issuers = given.map((one: unknown): Issuer => {
    const {
      issuer,
      jwks_url,
      audience,
      algorithms = ["RS256", "ES256", "EdDSA"],
      email_claim = "email",
      ...others
    } = typeof one === "object" && one !== null ? (one as Record<string, unknown>) : {};
    const [unknown] = Object.keys(others);
    if (unknown) throw wrong(`${unknown} is unknown; known are issuer, jwks_url, audience, algorithms, email_claim`);
    if (!isText(issuer)) throw wrong("issuer must be a text");
    if (issuer === ours) throw wrong(`${issuer} is JWT_ISSUER, this gateway's own`);
    if (!isText(jwks_url) || !URL.canParse(jwks_url)) throw wrong(`jwks_url of ${issuer} must be a URL`);
    const audiences = [audience].flat();
    if (audiences.length === 0 || !audiences.every(isText)) throw wrong(`audience of ${issuer} must be a text`);
    if (!Array.isArray(algorithms) || !algorithms.every((name) => PUBLIC_KEY_ALGORITHMS.test(String(name))))
      throw wrong(`algorithms of ${issuer} must be some of RS256, PS256, ES256, their larger ones, and EdDSA`);
    if (!isText(email_claim)) throw wrong(`email_claim of ${issuer} must be a text`);
    return { issuer, jwksUrl: jwks_url, audience: audiences, algorithms, emailClaim: email_claim };
  });
  const byName = new Map(issuers.map((one) => [one.issuer, one]));
  if (byName.size < issuers.length) throw wrong("an issuer stands there twice");
  return byName;
}

const isText = (value: unknown): value is string => typeof value === "string" && value !== "";

/** Cloudflare Access as an issuer: its name and its keys follow from the team's domain. @throws TypeError */
export function accessIssuer(domain: string, audience: string): Issuer {
  const issuer = domain.includes("://") ? domain.replace(/\/+$/, "") : `https://${domain}`;
  if (!URL.canParse(issuer)) throw new TypeError("must be a host name");
  const jwksUrl = `${issuer}/cdn-cgi/access/certs`;
  return { issuer, jwksUrl, audience: [audience], algorithms: ["RS256"], emailClaim: "email" };
}
