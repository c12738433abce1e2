// The one table of variables: every name Causeway knows, ContextForge's included, what it means here and its default.
// docs/configuration.md is generated from it; env.ts reads the values.

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
  row("Gateway", "used", "MCPGATEWAY_BULK_IMPORT_ENABLED", "Serve `POST /admin/tools/import`.", "true"),
  row("Gateway", "used", "MCPGATEWAY_BULK_IMPORT_MAX_TOOLS", "Tools in one bulk import.", "200"),

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

  row(
    "Observability",
    "used",
    "DB_METRICS_RECORDING_ENABLED",
    "Record calls: without it there are no metrics and no request log.",
    "true",
  ),
  row("Observability", "used", "METRICS_RETENTION_DAYS", "Days for which the request log keeps single calls.", "7"),
  row(
    "Observability",
    "used",
    "METRICS_ROLLUP_RETENTION_DAYS",
    "Days for which sums of days are kept; those of hours a tenth of it, those of minutes two days.",
    "365",
  ),
  row(
    "Observability",
    "used",
    "ALERT_ERROR_RATE",
    "Webhooks are told when this share of an MCP server's calls fails, above 0 to 1.",
    "0.25",
  ),
  row("Observability", "used", "ALERT_MIN_CALLS", "So many calls it takes at least.", "20"),
  row("Observability", "used", "ALERT_WINDOW_MINUTES", "Within so many minutes.", "5"),
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
