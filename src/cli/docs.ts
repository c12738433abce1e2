// `npm run docs`: writes docs/configuration.md from the table of variables in src/variables.ts, into docs/protocols.md the table
// of what is lost between revisions from src/schemas/losses.ts, and into docs/access.md the roles that are built in.
import { readFileSync, writeFileSync } from "node:fs";
import { BUILT_IN } from "../identity/permissions.ts";
import { inWords, LOSSES, upstreamInWords } from "../schemas/losses.ts";
import { type Effect, VARIABLES, type Variable } from "../variables.ts";
import { ROOT } from "./local-vars.ts";

export const FILE = `${ROOT}docs/configuration.md`;
export const PROTOCOLS = `${ROOT}docs/protocols.md`;
export const ACCESS = `${ROOT}docs/access.md`;

const EFFECTS: Readonly<Record<Effect, string>> = {
  used: "read by the gateway",
  "local start": "read by `npm start`",
  "command line": "read by the command-line tools",
  "not yet": "understood; the feature it belongs to is not built yet",
  replaced: "has no effect: what it chose is chosen by what its meaning names",
  ignored: "has no effect, for the reason given",
};

const INTRODUCTION = `# Configuration

Every variable Causeway knows, with ContextForge's names where it had one. This page is written by \`npm run docs\` from
\`src/variables.ts\`; change it there.

- On this machine, \`npm start\` reads \`.dev.vars\` (made with random secrets when there is none); the environment wins.
- Deployed, variables stand under \`[vars]\` in \`wrangler.toml\` or in Cloudflare's dashboard; secrets are set by
  \`npx wrangler secret put NAME\`.
- A value that can't be worked with stops every request with 503 \`misconfigured\`, naming the variable.
- Variables that are set but change nothing here are named by \`npm start\`, \`GET /ready\` and \`GET /version\`; unknown
  names that begin with \`MCPGATEWAY_\` are among them.
- Texts count as true: \`true\`, \`1\`, \`yes\`, \`on\`; as false: \`false\`, \`0\`, \`no\`, \`off\`. An empty text means the default.
`;

const cell = (text: string): string => text.replaceAll("|", "\\|");

const line = ({ name, meaning, value, effect }: Variable): string[] => [
  `\`${name}\``,
  cell(meaning),
  value === undefined ? "" : `\`${cell(value)}\``,
  effect,
];

/** A table in Markdown, from its head and its rows. */
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");

const section = (group: string, variables: readonly Variable[]): string =>
  `## ${group}\n\n${table(["Name", "Meaning", "Default", "Effect"], variables.map(line))}`;

/** The whole page. */
export function page(): string {
  const groups = Map.groupBy(VARIABLES, (variable) => variable.group);
  const effects = Object.entries(EFFECTS).map(([effect, what]) => `- **${effect}**: ${what}.`);
  const sections = [...groups].map(([group, variables]) => section(group, variables));
  return `${[INTRODUCTION.trimEnd(), `What the last column says:\n\n${effects.join("\n")}`, ...sections].join("\n\n")}\n`;
}

const WRITTEN_HERE = /(?<=<!-- written by .* -->\n).*(?=<!-- end -->)/s;

/** The page about protocols with its table of losses as it must be. */
export function protocols(text: string): string {
  const rows = LOSSES.map(({ upstream, client, what }) => [upstreamInWords(upstream), inWords(client), cell(what)]);
  const losses = table(["Upstream", "Clients", "What does not come through"], rows);
  return text.replace(WRITTEN_HERE, () => `\n${losses}\n\n`);
}

/** The page about access with its table of built-in roles as it must be. */
export function access(text: string): string {
  const rows = BUILT_IN.map(({ name, scope, description, permissions }) => [
    `\`${name}\``,
    scope === "global" ? "everywhere" : "in a team",
    cell(description),
    permissions.map((permission) => `\`${permission}\``).join(" "),
  ]);
  const roles = table(["Role", "Held", "What it is for", "Permissions"], rows);
  return text.replace(WRITTEN_HERE, () => `\n${roles}\n\n`);
}

if (import.meta.main) {
  writeFileSync(FILE, page());
  writeFileSync(PROTOCOLS, protocols(readFileSync(PROTOCOLS, "utf8")));
  writeFileSync(ACCESS, access(readFileSync(ACCESS, "utf8")));
}
