// The environment: what the Worker is given, and the checked configuration made from the variables (variables.ts).
// Nothing else reads raw variables.
import { accessIssuer, type Issuer, issuersIn } from "./lib/issuers.ts";
import { VARIABLES } from "./variables.ts";

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
  /** What share of failed calls is too much, of how many at least, and within how many minutes. */
  readonly alerts: { readonly rate: number; readonly minCalls: number; readonly minutes: number };
  /** Whether many tools can be added at once, and how many. */
  readonly bulkImport: { readonly enabled: boolean; readonly most: number };
  /** Whether calls are recorded, and for how many days they and their sums are kept. */
  readonly recording: { readonly calls: boolean; readonly callDays: number; readonly rollupDays: number };
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
  const share = (name: string): number => {
    const value = Number(text(name));
    if (!(value > 0 && value <= 1)) throw new ConfigError(`${name} must be a number above 0, 1 at most`);
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
    alerts: {
      rate: share("ALERT_ERROR_RATE"),
      minCalls: count("ALERT_MIN_CALLS"),
      minutes: count("ALERT_WINDOW_MINUTES"),
    },
    bulkImport: {
      enabled: flag("MCPGATEWAY_BULK_IMPORT_ENABLED"),
      most: count("MCPGATEWAY_BULK_IMPORT_MAX_TOOLS"),
    },
    recording: {
      calls: flag("DB_METRICS_RECORDING_ENABLED"),
      callDays: count("METRICS_RETENTION_DAYS"),
      rollupDays: count("METRICS_ROLLUP_RETENTION_DAYS"),
    },
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
