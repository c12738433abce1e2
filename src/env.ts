// The environment: one table of every variable Causeway knows, ContextForge's names included, and the checked
// configuration made from it. docs/configuration.md is generated from this table; nothing else reads raw variables.
import { accessIssuer, type Issuer, issuersIn } from "./lib/issuers.ts";

/** What a variable does here. */
export type Effect = "used" | "local start" | "command line" | "not yet" | "replaced" | "ignored";

/** One row of the table. `value` is the documented default; an absent one means "unset". */
export interface Variable {
  readonly name: string;
  readonly group: string;
  readonly effect: Effect;
  readonly value?: string;
  readonly meaning: string;
}

const row = (group: string, effect: Effect, name: string, meaning: string, value?: string): Variable =>
  value === undefined ? { name, group, effect, meaning } : { name, group, effect, value, meaning };

/** Every variable, in the order the documentation shows them. */
export const VARIABLES: readonly Variable[] = [
  row(
    "Gateway",
    "used",
    "APP_NAME",
    "Name shown to MCP clients as `serverInfo.name` and in the dashboard.",
    "Causeway",
  ),
  row("Gateway", "used", "ENVIRONMENT", "`local` while developing; anything else is a deployment.", "production"),
  row("Gateway", "used", "PUBLIC_URL", "Origin clients reach the gateway at; derived from each request when unset."),
  row("Gateway", "local start", "HOST", "Address `npm start` listens on.", "127.0.0.1"),
  row("Gateway", "local start", "PORT", "Port `npm start` listens on.", "8787"),
  row("Gateway", "local start", "STATE_DIR", "Folder `npm start` keeps its data in.", ".wrangler/state/v3"),
  row("Gateway", "used", "MAX_BODY_BYTES", "Largest request body accepted, in bytes.", "4194304"),
  row("Gateway", "used", "MAX_RESULT_BYTES", "Largest answer accepted from an upstream, in bytes.", "16777216"),
  row("Gateway", "used", "TOOL_TIMEOUT", "Seconds an upstream may take for one call.", "60"),
  row(
    "Gateway",
    "used",
    "UPSTREAM_CONNECT_TIMEOUT",
    "Seconds an upstream may take to answer while it is added or tested.",
    "10",
  ),
  row(
    "Gateway",
    "used",
    "AUTO_REFRESH_SERVERS",
    "Look at upstreams now and then, also when they do not tell of changes.",
    "true",
  ),
  row("Gateway", "used", "GATEWAY_AUTO_REFRESH_INTERVAL", "Seconds between two such looks at an upstream.", "300"),
  row("Gateway", "used", "LIST_PAGE_SIZE", "Tools, prompts or resources on one page of an MCP list.", "1000"),
  row("Gateway", "used", "MCPGATEWAY_UI_ENABLED", "Serve the dashboard at `/ui/`.", "true"),
  row("Gateway", "used", "MCPGATEWAY_ADMIN_API_ENABLED", "Serve the REST calls that change the catalog.", "true"),
  row("Gateway", "not yet", "MCPGATEWAY_BULK_IMPORT_ENABLED", "Bulk import of tools.", "true"),

  row(
    "Who may enter",
    "used",
    "JWT_SECRET_KEY",
    "Secret that signs bearer tokens; at least 32 characters outside `local`.",
  ),
  row("Who may enter", "used", "JWT_ALGORITHM", "The one algorithm accepted: HS256, HS384 or HS512.", "HS256"),
  row("Who may enter", "used", "JWT_ISSUER", "Issuer that tokens must name when they name one.", "mcpgateway"),
  row("Who may enter", "used", "JWT_AUDIENCE", "Audience that tokens must name when they name one.", "mcpgateway-api"),
  row("Who may enter", "command line", "TOKEN_EXPIRY", "Minutes a token made by `npm run token` lives.", "10080"),
  row(
    "Who may enter",
    "used",
    "AUTH_ENCRYPTION_SECRET",
    "Secret that seals stored credentials and session ids. Several, separated by commas: the first seals, all open.",
  ),
  row(
    "Who may enter",
    "used",
    "AUTH_REQUIRED",
    "`false` lets everybody in as administrator; refused unless `ENVIRONMENT=local`.",
    "true",
  ),
  row(
    "Who may enter",
    "used",
    "PLATFORM_ADMIN_EMAIL",
    "E-mail address of the bootstrap administrator, who is also called `admin`.",
    "admin@example.com",
  ),
  row(
    "Who may enter",
    "used",
    "PLATFORM_ADMIN_PASSWORD",
    "While the gateway is unclaimed, logging in as `PLATFORM_ADMIN_EMAIL` with this claims it; then it must be changed. At least 12 characters outside `local`.",
  ),
  row(
    "Who may enter",
    "used",
    "BOOTSTRAP_TOKEN",
    "Claims the gateway, once: at least 16 characters. Without effect afterwards.",
  ),
  row(
    "Who may enter",
    "used",
    "ADMIN_EMAILS",
    "Addresses that may claim the gateway when Cloudflare Access vouches for them, separated by commas or as a JSON array.",
    "[]",
  ),
  row(
    "Who may enter",
    "used",
    "CF_ACCESS_TEAM_DOMAIN",
    "Cloudflare Access in front of this gateway: the team's domain, such as `example.cloudflareaccess.com`.",
  ),
  row("Who may enter", "used", "CF_ACCESS_AUD", "Cloudflare Access: the application's audience tag."),
  row(
    "Who may enter",
    "used",
    "JWT_ISSUERS",
    "Issuers whose tokens are taken besides our own: a JSON array of `{issuer, jwks_url, audience, algorithms?, email_claim?}`. Their users must exist here.",
    "[]",
  ),
  row(
    "Who may enter",
    "used",
    "BASIC_AUTH_USER",
    "User name for basic authentication on REST; off unless the password is set too.",
  ),
  row(
    "Who may enter",
    "used",
    "BASIC_AUTH_PASSWORD",
    "Password for basic authentication on REST; at least 12 characters outside `local`.",
  ),
  row("Who may enter", "used", "SESSION_IDLE_MINUTES", "Minutes after which a login that is not used ends.", "60"),
  row("Who may enter", "used", "SESSION_MAX_MINUTES", "Minutes after which a login ends in any case.", "720"),
  row(
    "Who may enter",
    "used",
    "PUBLIC_REGISTRATION_ENABLED",
    "Let people make themselves an account, which they open through a link that is sent to them.",
    "false",
  ),
  row(
    "Who may enter",
    "used",
    "PASSWORD_HASH",
    "How passwords are hashed: `scrypt`, or `pbkdf2` where a request has 10 ms of CPU (Workers Free). Either is verified.",
    "scrypt",
  ),
  row("Who may enter", "replaced", "ARGON2ID_TIME_COST", "`PASSWORD_HASH`."),
  row("Who may enter", "replaced", "ARGON2ID_MEMORY_COST", "`PASSWORD_HASH`."),
  row("Who may enter", "replaced", "ARGON2ID_PARALLELISM", "`PASSWORD_HASH`."),
  row("Who may enter", "ignored", "PASSWORD_MIN_LENGTH", "Passwords have at least 12 characters."),
  row("Who may enter", "ignored", "PASSWORD_REQUIRE_UPPERCASE", "Length is what counts (NIST SP 800-63B)."),
  row("Who may enter", "ignored", "PASSWORD_REQUIRE_LOWERCASE", "Length is what counts (NIST SP 800-63B)."),
  row("Who may enter", "ignored", "PASSWORD_REQUIRE_NUMBERS", "Length is what counts (NIST SP 800-63B)."),
  row("Who may enter", "ignored", "PASSWORD_REQUIRE_SPECIAL", "Length is what counts (NIST SP 800-63B)."),
  row("Who may enter", "command line", "MCPGATEWAY_BEARER_TOKEN", "Token the command line presents."),
  row("Who may enter", "command line", "MCP_AUTH", "`Authorization` value the stdio wrapper presents."),
  row("Who may enter", "command line", "MCP_SERVER_URL", "URL the stdio wrapper connects to."),
  row("Who may enter", "command line", "MCP_TOOL_CALL_TIMEOUT", "Seconds the stdio wrapper waits for a call."),

  row(
    "Doors",
    "used",
    "ALLOWED_HOSTS",
    "Host names (with port) requests may name, separated by commas; unset: those the platform routes here, and with `ENVIRONMENT=local` this machine's own names only.",
  ),
  row(
    "Doors",
    "used",
    "ALLOWED_ORIGINS",
    "Origins of other sites that browsers may call from, separated by commas or as a JSON array; never `*`. They send a token: cookies work from our own pages alone.",
    "[]",
  ),
  row("Doors", "used", "CORS_ENABLED", "Answer the CORS questions of the allowed origins.", "true"),
  row(
    "Doors",
    "used",
    "SECURITY_HEADERS_ENABLED",
    "Send the security headers; `false` is refused unless `ENVIRONMENT=local`.",
    "true",
  ),
  row("Doors", "used", "HSTS_ENABLED", "Send Strict-Transport-Security on https.", "true"),
  row("Doors", "used", "HSTS_MAX_AGE", "Its lifetime in seconds.", "31536000"),
  row("Doors", "used", "X_FRAME_OPTIONS", "`DENY` or `SAMEORIGIN`.", "DENY"),
  row("Doors", "ignored", "SECURE_COOKIES", "Cookies are always `__Host-` and Secure."),
  row("Doors", "ignored", "COOKIE_SAMESITE", "Cookies are always SameSite=Strict."),
  row("Doors", "ignored", "REMOVE_SERVER_HEADERS", "No server header is ever sent."),

  row(
    "Limits",
    "used",
    "MAX_FAILED_LOGIN_ATTEMPTS",
    "Failed logins in a row after which an address (IPv6: a /64) is locked out of an account. The account itself never is.",
    "5",
  ),
  row("Limits", "used", "ACCOUNT_LOCKOUT_DURATION_MINUTES", "Minutes it is locked out for.", "60"),
  row(
    "Limits",
    "used",
    "AUTH_LIMITS_ENABLED",
    "Count logins, registrations, password resets and new tokens exactly; `false` is refused unless `ENVIRONMENT=local`.",
    "true",
  ),
  row(
    "Limits",
    "used",
    "RATE_LIMIT_PER_IP",
    "Requests a minute from one address (IPv6: a /64), `0` for no limit; with `ENVIRONMENT=local` none unless set. Approximate: each isolate counts for itself.",
    "6000",
  ),
  row(
    "Limits",
    "used",
    "RATE_LIMIT_PER_USER",
    "Requests a minute of one user, `0` for no limit; with `ENVIRONMENT=local` none unless set. Approximate: each isolate counts for itself.",
    "3000",
  ),

  row(
    "Upstreams",
    "used",
    "ALLOW_PRIVATE_UPSTREAMS",
    "Private addresses upstreams may have: `true` for all, or host names separated by commas (`localhost,10.0.0.5`).",
    "false",
  ),
  row("Upstreams", "ignored", "SKIP_SSL_VERIFY", "The platform always verifies certificates."),

  row("Mail", "used", "EMAIL_FROM", "Sender of mail; needs a `send_email` binding called `EMAIL`."),
  row(
    "Mail",
    "used",
    "EMAIL_WEBHOOK_URL",
    "Where mail is handed to instead, as a POST of JSON `{to, subject, text}`. Without either, administrators hand on links.",
  ),

  row("Agents", "not yet", "MCPGATEWAY_A2A_ENABLED", "A2A agents.", "true"),
  row("Agents", "not yet", "MCPGATEWAY_A2A_MAX_AGENTS", "Agents at most.", "100"),
  row("Agents", "not yet", "MCPGATEWAY_A2A_DEFAULT_TIMEOUT", "Seconds an agent may take.", "30"),
  row("Agents", "not yet", "MCPGATEWAY_A2A_MAX_RETRIES", "Retries of a failed agent call.", "3"),

  row("Federation", "not yet", "FEDERATION_ENABLED", "Peer gateways.", "false"),
  row("Federation", "not yet", "FEDERATION_DISCOVERY", "Look for peers of peers.", "false"),
  row("Federation", "not yet", "FEDERATION_PEERS", "Peers, as a JSON array of URLs."),
  row("Federation", "not yet", "FEDERATION_TIMEOUT", "Seconds a peer may take.", "30"),
  row("Federation", "not yet", "FEDERATION_SYNC_INTERVAL", "Seconds between two syncs.", "300"),

  row("Observability", "not yet", "OTEL_ENABLE_OBSERVABILITY", "Export OpenTelemetry.", "false"),
  row("Observability", "not yet", "OTEL_TRACES_EXPORTER", "otlp, zipkin, console or none."),
  row("Observability", "not yet", "OTEL_EXPORTER_OTLP_ENDPOINT", "OTLP/HTTP endpoint."),
  row("Observability", "not yet", "OTEL_EXPORTER_OTLP_HEADERS", "Headers sent with each export."),
  row("Observability", "not yet", "OTEL_SERVICE_NAME", "Service name in traces."),
  row("Observability", "not yet", "OTEL_DEPLOYMENT_ENVIRONMENT", "Deployment environment in traces."),

  row("Storage", "replaced", "DATABASE_URL", "The D1 binding `DB`."),
  row("Storage", "replaced", "CACHE_TYPE", "The KV binding `VIEWS`."),
  row("Storage", "replaced", "REDIS_URL", "The KV binding `VIEWS`."),
  row("Storage", "replaced", "CACHE_PREFIX", "The KV binding `VIEWS`."),
];

/** What the Worker is given: bindings of wrangler.toml, then variables as text. */
export interface Bindings {
  readonly DB: D1Database;
  readonly VIEWS: KVNamespace;
  readonly SESSION: DurableObjectNamespace;
  readonly SYNC: DurableObjectNamespace;
  readonly LIMITER: DurableObjectNamespace;
  readonly ASSETS?: Fetcher;
  readonly EMAIL?: SendEmail;
  readonly [variable: string]: unknown;
}

/** What proves that somebody owns this gateway, besides a claim link. */
export interface Claiming {
  readonly token: string | undefined;
  readonly password: string | undefined;
  readonly access: { readonly issuer: Issuer; readonly emails: ReadonlySet<string> } | undefined;
}

/** The environment, checked and typed. Durations are milliseconds, sizes bytes. */
export interface Config {
  readonly appName: string;
  readonly local: boolean;
  readonly environment: string;
  readonly publicUrl: string | undefined;
  readonly maxBodyBytes: number;
  readonly maxResultBytes: number;
  readonly toolTimeout: number;
  readonly connectTimeout: number;
  /** Milliseconds between two looks at an upstream; undefined: only when it tells of changes. */
  readonly refreshInterval: number | undefined;
  readonly listPageSize: number;
  readonly ui: boolean;
  readonly adminApi: boolean;
  readonly jwt: {
    readonly secret: string;
    readonly algorithm: string;
    readonly issuer: string;
    readonly audience: string;
  };
  /** Issuers of tokens from outside, by name. */
  readonly jwtIssuers: ReadonlyMap<string, Issuer>;
  readonly claiming: Claiming;
  readonly sealingSecrets: readonly string[];
  readonly authRequired: boolean;
  readonly adminEmail: string;
  /** How long a login lasts, in seconds: unused, and at most. */
  readonly session: { readonly idle: number; readonly longest: number };
  readonly registration: boolean;
  readonly mail: { readonly from: string | undefined; readonly webhook: string | undefined };
  readonly basic: { readonly user: string; readonly password: string } | undefined;
  readonly passwordHash: "scrypt" | "pbkdf2";
  /** Failed logins in a row that lock an address out of an account, and for how many seconds. */
  readonly login: { readonly failures: number; readonly lock: number };
  readonly exactLimits: boolean;
  /** Requests a minute; 0: no limit. */
  readonly rates: { readonly perAddress: number; readonly perUser: number };
  readonly allowedHosts: ReadonlySet<string>;
  readonly allowedOrigins: ReadonlySet<string>;
  readonly cors: boolean;
  readonly securityHeaders: boolean;
  readonly hstsMaxAge: number;
  readonly frameOptions: string;
  readonly privateUpstreams: true | ReadonlySet<string>;
  /** Only with `ENVIRONMENT=local`, for tests: the header that says where a request comes from. */
  readonly testAddressHeader: string | undefined;
}

/** A setting that cannot be worked with. Its message names the variable and what to write instead. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/** scheme://host, with a port perhaps. Neither `*` nor `null`, behind which any site can be. */
const ORIGIN = /^[a-z][a-z0-9+.-]*:\/\/[^\s/?#@*]+$/;

const DEFAULTS = new Map(VARIABLES.map((v) => [v.name, v.value]));

/**
 * Reads the environment into a `Config`.
 * @throws ConfigError for the first value that does not fit, named.
 */
export function readConfig(env: Readonly<Record<string, unknown>>): Config {
  const text = (name: string): string => {
    const given = env[name];
    return typeof given === "string" && given !== "" ? given : (DEFAULTS.get(name) ?? "");
  };
  const flag = (name: string): boolean => {
    const value = text(name).toLowerCase();
    if (["true", "1", "yes", "on"].includes(value)) return true;
    if (["false", "0", "no", "off", ""].includes(value)) return false;
    throw new ConfigError(`${name} must be true or false`);
  };
  const count = (name: string): number => {
    const value = Number(text(name));
    if (!Number.isSafeInteger(value) || value < 1) throw new ConfigError(`${name} must be a whole number above 0`);
    return value;
  };
  const list = (name: string): string[] => {
    const value = text(name).trim();
    if (!value.startsWith("["))
      return value
        .split(",")
        .map((part) => part.trim())
        .filter(Boolean);
    try {
      const parsed: unknown = JSON.parse(value);
      if (Array.isArray(parsed) && parsed.every((part) => typeof part === "string")) return parsed;
    } catch {}
    throw new ConfigError(`${name} must be a list separated by commas, or a JSON array of texts`);
  };

  const local = text("ENVIRONMENT") === "local";
  const secret = (name: string): string => {
    const value = text(name);
    if (value === "")
      throw new ConfigError(
        `${name} is not set: run \`npx wrangler secret put ${name}\` (\`npm start\` makes one by itself)`,
      );
    if (!local && value.length < 32) throw new ConfigError(`${name} must have at least 32 characters`);
    return value;
  };
  const guarded = (name: string): boolean => {
    if (!flag(name) && !local) throw new ConfigError(`${name}=false is refused outside ENVIRONMENT=local`);
    return flag(name);
  };
  const oneOf = (name: string, allowed: readonly string[]): string => {
    if (!allowed.includes(text(name))) throw new ConfigError(`${name} must be one of ${allowed.join(", ")}`);
    return text(name);
  };
  const rate = (name: string): number => ((local && !env[name]) || text(name) === "0" ? 0 : count(name));
  const origins = (name: string): ReadonlySet<string> => {
    for (const origin of list(name)) {
      if (!ORIGIN.test(origin))
        throw new ConfigError(`${name} must name each origin as https://app.example; ${origin} is none`);
    }
    return new Set(list(name));
  };
  const basicPassword = text("BASIC_AUTH_PASSWORD");
  if (!local && basicPassword !== "" && basicPassword.length < 12) {
    throw new ConfigError("BASIC_AUTH_PASSWORD must have at least 12 characters");
  }
  const checked = <T>(name: string, read: () => T): T => {
    try {
      return read();
    } catch (cause) {
      throw new ConfigError(`${name} ${cause instanceof Error ? cause.message : "can't be read"}`);
    }
  };
  const accessIn = (domain: string, audience: string): Claiming["access"] => {
    const emails = new Set(list("ADMIN_EMAILS").map((email) => email.toLowerCase()));
    if (domain === "" || audience === "" || emails.size === 0) return undefined;
    return { issuer: checked("CF_ACCESS_TEAM_DOMAIN", () => accessIssuer(domain, audience)), emails };
  };
  const adminPassword = text("PLATFORM_ADMIN_PASSWORD");
  if (!local && adminPassword !== "" && adminPassword.length < 12)
    throw new ConfigError("PLATFORM_ADMIN_PASSWORD must have at least 12 characters");
  const bootstrapToken = text("BOOTSTRAP_TOKEN");
  if (bootstrapToken !== "" && bootstrapToken.length < 16)
    throw new ConfigError("BOOTSTRAP_TOKEN must have at least 16 characters");
  const privateUpstreams = text("ALLOW_PRIVATE_UPSTREAMS").toLowerCase();
  return {
    appName: text("APP_NAME"),
    local,
    environment: text("ENVIRONMENT"),
    publicUrl: text("PUBLIC_URL").replace(/\/+$/, "") || undefined,
    maxBodyBytes: count("MAX_BODY_BYTES"),
    maxResultBytes: count("MAX_RESULT_BYTES"),
    toolTimeout: count("TOOL_TIMEOUT") * 1000,
    connectTimeout: count("UPSTREAM_CONNECT_TIMEOUT") * 1000,
    refreshInterval: flag("AUTO_REFRESH_SERVERS") ? count("GATEWAY_AUTO_REFRESH_INTERVAL") * 1000 : undefined,
    listPageSize: count("LIST_PAGE_SIZE"),
    ui: flag("MCPGATEWAY_UI_ENABLED"),
    adminApi: flag("MCPGATEWAY_ADMIN_API_ENABLED"),
    jwt: {
      secret: secret("JWT_SECRET_KEY"),
      algorithm: oneOf("JWT_ALGORITHM", ["HS256", "HS384", "HS512"]),
      issuer: text("JWT_ISSUER"),
      audience: text("JWT_AUDIENCE"),
    },
    jwtIssuers: checked("JWT_ISSUERS", () => issuersIn(text("JWT_ISSUERS"), text("JWT_ISSUER"))),
    claiming: {
      token: bootstrapToken || undefined,
      password: adminPassword || undefined,
      access: accessIn(text("CF_ACCESS_TEAM_DOMAIN"), text("CF_ACCESS_AUD")),
    },
    sealingSecrets: secret("AUTH_ENCRYPTION_SECRET")
      .split(",")
      .map((part) => part.trim())
      .filter(Boolean),
    authRequired: guarded("AUTH_REQUIRED"),
    adminEmail: text("PLATFORM_ADMIN_EMAIL").toLowerCase(),
    session: { idle: count("SESSION_IDLE_MINUTES") * 60, longest: count("SESSION_MAX_MINUTES") * 60 },
    registration: flag("PUBLIC_REGISTRATION_ENABLED"),
    mail: { from: text("EMAIL_FROM") || undefined, webhook: text("EMAIL_WEBHOOK_URL") || undefined },
    basic:
      text("BASIC_AUTH_USER") && basicPassword ? { user: text("BASIC_AUTH_USER"), password: basicPassword } : undefined,
    passwordHash: oneOf("PASSWORD_HASH", ["scrypt", "pbkdf2"]) === "pbkdf2" ? "pbkdf2" : "scrypt",
    login: { failures: count("MAX_FAILED_LOGIN_ATTEMPTS"), lock: count("ACCOUNT_LOCKOUT_DURATION_MINUTES") * 60 },
    exactLimits: guarded("AUTH_LIMITS_ENABLED"),
    rates: { perAddress: rate("RATE_LIMIT_PER_IP"), perUser: rate("RATE_LIMIT_PER_USER") },
    allowedHosts: new Set(list("ALLOWED_HOSTS").map((host) => host.toLowerCase())),
    allowedOrigins: origins("ALLOWED_ORIGINS"),
    cors: flag("CORS_ENABLED"),
    securityHeaders: guarded("SECURITY_HEADERS_ENABLED"),
    hstsMaxAge: flag("HSTS_ENABLED") ? count("HSTS_MAX_AGE") : 0,
    frameOptions: oneOf("X_FRAME_OPTIONS", ["DENY", "SAMEORIGIN"]),
    testAddressHeader: local ? text("TEST_ADDRESS_HEADER") || undefined : undefined,
    privateUpstreams:
      privateUpstreams === "true" ? true : new Set(privateUpstreams === "false" ? [] : list("ALLOW_PRIVATE_UPSTREAMS")),
  };
}

/** Variables that are set but change nothing here, with the reason; unknown `MCPGATEWAY_*` names among them. */
export function withoutEffect(env: Readonly<Record<string, unknown>>): { name: string; reason: string }[] {
  const set = Object.keys(env).filter((name) => typeof env[name] === "string" && env[name] !== "");
  return set.flatMap((name) => {
    const known = VARIABLES.find((variable) => variable.name === name);
    if (!known) return name.startsWith("MCPGATEWAY_") ? [{ name, reason: "unknown to Causeway" }] : [];
    if (known.effect === "replaced") return [{ name, reason: `replaced by: ${known.meaning}` }];
    if (known.effect === "ignored") return [{ name, reason: known.meaning }];
    if (known.effect === "not yet") return [{ name, reason: "understood, but the feature is not built yet" }];
    return [];
  });
}

let latest: { env: object; config: Config } | undefined;

/** The configuration of this isolate's environment, read once. */
export function configOf(env: Bindings): Config {
  if (latest?.env !== env) latest = { env, config: readConfig(env) };
  return latest.config;
}
