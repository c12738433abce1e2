// How each client is told about an MCP server: one declaration per client, in the exact format it reads.
// Tokens never appear: configurations name the environment variable, or ask for it.
import type { IconName } from "../../parts/icon.tsx";
import { bridged, type Connection, headersFor, json, PASTE, TOKEN } from "./connection.ts";

/** One way to add it: a command for the terminal, or a file. `file` is the name of a download. */
export type Snippet = { label: string; where: string; text: string; file?: string; note?: string };
export type Client = {
  id: string;
  name: string;
  icon: IconName;
  /** undefined: this client has no such form. */
  http?: (to: Connection) => Snippet[];
  /** It speaks Streamable HTTP only; else its `http` knows the HTTP+SSE of 2024-11-05 too. */
  noSse?: true;
  stdio?: (to: Connection) => Snippet[];
  /** A link that opens the client and adds the server; carries no secret. */
  link?: (to: Connection) => string;
  /** How to see that it works. */
  check: string;
};

const BEARER = `Authorization: Bearer $${TOKEN}`;
const shellHeader = (to: Connection, flag: string): string => (to.open ? "" : ` \\\n  ${flag} "${BEARER}"`);
const servers = (to: Connection, entry: object): string => json({ mcpServers: { [to.name]: entry } });
const vscodeInputs = (to: Connection): object =>
  to.open ? {} : { inputs: [{ type: "promptString", id: "gw", description: "Gateway token", password: true }] };
/** What the Inspector is to try: HTTP+SSE is of one era. */
const eraFor = (to: Connection): string => (to.type === "sse" ? "legacy" : "auto");
const transportClass = (to: Connection): string =>
  to.type === "sse" ? "SSEClientTransport" : "StreamableHTTPClientTransport";
const b64 = (value: object): string => btoa(JSON.stringify(value));

export const CLIENTS: readonly Client[] = [
  {
    id: "claude-code",
    name: "Claude Code",
    icon: "term",
    check: "claude mcp list shows it as connected.",
    http: (to) => [
      {
        label: "Command",
        where: "Terminal",
        text: `claude mcp add --transport ${to.type} --scope user ${to.name} \\\n  ${to.url}${shellHeader(to, "--header")}`,
      },
      {
        label: ".mcp.json",
        where: ".mcp.json in the project",
        file: ".mcp.json",
        text: servers(to, { type: to.type, url: to.url, ...headersFor(to, `\${${TOKEN}}`) }),
        note: "Shared with the project; each person approves it once.",
      },
    ],
    stdio: (to) => [
      {
        label: ".mcp.json",
        where: ".mcp.json in the project",
        file: ".mcp.json",
        text: servers(to, bridged(to, `\${${TOKEN}}`)),
      },
    ],
  },
  {
    id: "claude-desktop",
    name: "Claude Desktop",
    icon: "window",
    check: "Restart Claude Desktop; the server appears under Connectors.",
    stdio: (to) => [
      {
        label: "Configuration",
        where: "claude_desktop_config.json",
        file: "claude_desktop_config.json",
        text: servers(to, bridged(to, PASTE)),
        note: `Its file takes commands only, so mcp-remote bridges. It is in ~/Library/Application Support/Claude/ or %APPDATA%\\Claude\\.${to.open ? "" : ` Put your token in place of ${PASTE}.`}`,
      },
    ],
  },
  {
    id: "cursor",
    name: "Cursor",
    icon: "edit",
    check: "Cursor Settings, MCP shows a green dot.",
    link: (to) =>
      `cursor://anysphere.cursor-deeplink/mcp/install?name=${encodeURIComponent(to.name)}&config=${encodeURIComponent(b64({ url: to.url, ...headersFor(to, `\${env:${TOKEN}}`) }))}`,
    http: (to) => [
      {
        label: "mcp.json",
        where: "~/.cursor/mcp.json, or .cursor/mcp.json in the project",
        file: "mcp.json",
        text: servers(to, { url: to.url, ...headersFor(to, `\${env:${TOKEN}}`) }),
      },
    ],
    stdio: (to) => [
      {
        label: "mcp.json",
        where: "~/.cursor/mcp.json, or .cursor/mcp.json in the project",
        file: "mcp.json",
        text: servers(to, bridged(to, `\${env:${TOKEN}}`)),
      },
    ],
  },
  {
    id: "vscode",
    name: "VS Code",
    icon: "code",
    check: "MCP: List Servers shows it as running.",
    link: (to) =>
      `vscode:mcp/install?${encodeURIComponent(JSON.stringify({ name: to.name, type: to.type, url: to.url }))}`,
    http: (to) => [
      {
        label: "mcp.json",
        where: ".vscode/mcp.json in the project",
        file: "mcp.json",
        text: json({
          ...vscodeInputs(to),
          servers: { [to.name]: { type: to.type, url: to.url, ...headersFor(to, `\${input:gw}`) } },
        }),
        note: to.open ? undefined : "VS Code asks for the token once and keeps it.",
      },
    ],
    stdio: (to) => [
      {
        label: "mcp.json",
        where: ".vscode/mcp.json in the project",
        file: "mcp.json",
        text: json({ ...vscodeInputs(to), servers: { [to.name]: { type: "stdio", ...bridged(to, `\${input:gw}`) } } }),
      },
    ],
  },
  {
    id: "codex",
    name: "Codex",
    icon: "term",
    noSse: true,
    check: "codex mcp list shows it.",
    http: (to) => [
      {
        label: "Command",
        where: "Terminal",
        text: `codex mcp add ${to.name} --url ${to.url}${to.open ? "" : ` --bearer-token-env-var ${TOKEN}`}`,
      },
      {
        label: "config.toml",
        where: "~/.codex/config.toml",
        file: "config.toml",
        text: [
          `[mcp_servers.${to.name}]`,
          `url = "${to.url}"`,
          ...(to.open ? [] : [`bearer_token_env_var = "${TOKEN}"`]),
          "",
        ].join("\n"),
        note: to.open ? undefined : `Codex reads the token from ${TOKEN} each time it starts.`,
      },
    ],
    stdio: (to) => {
      const { command, args, env } = bridged(to, PASTE);
      return [
        {
          label: "config.toml",
          where: "~/.codex/config.toml",
          file: "config.toml",
          text: [
            `[mcp_servers.${to.name}]`,
            `command = "${command}"`,
            `args = ${JSON.stringify(args).replaceAll(`","`, `", "`)}`,
            ...(env ? [`env = { AUTH = "${env.AUTH}" }`] : []),
            "",
          ].join("\n"),
          note: to.open ? undefined : `Put your token in place of ${PASTE}.`,
        },
      ];
    },
  },
  {
    id: "gemini",
    name: "Gemini CLI",
    icon: "term",
    check: "gemini mcp list shows it as connected.",
    http: (to) => [
      {
        label: "Command",
        where: "Terminal",
        text: `gemini mcp add -s user -t ${to.type}${to.open ? "" : ` -H "${BEARER}"`} ${to.name} ${to.url}`,
      },
      {
        label: "settings.json",
        where: "~/.gemini/settings.json",
        file: "settings.json",
        text: servers(to, { url: to.url, type: to.type, ...headersFor(to, `$${TOKEN}`) }),
      },
    ],
    stdio: (to) => [
      {
        label: "settings.json",
        where: "~/.gemini/settings.json",
        file: "settings.json",
        text: servers(to, bridged(to, `$${TOKEN}`)),
      },
    ],
  },
  {
    id: "devin",
    name: "Windsurf, Devin",
    icon: "window",
    check: "The MCP list of the editor shows it after a refresh.",
    http: (to) => [
      {
        label: "Devin Desktop",
        where: "~/.config/devin/mcp_config.json, or .devin/mcp_config.json",
        file: "mcp_config.json",
        text: servers(to, { url: to.url, transport: to.type, ...headersFor(to, PASTE) }),
        note: to.open ? undefined : `Put your token in place of ${PASTE}.`,
      },
      {
        label: "Windsurf",
        where: "~/.codeium/windsurf/mcp_config.json (before June 2026)",
        file: "mcp_config.json",
        text: servers(to, { serverUrl: to.url, ...headersFor(to, `\${env:${TOKEN}}`) }),
      },
    ],
    stdio: (to) => [
      {
        label: "mcp_config.json",
        where: "~/.config/devin/mcp_config.json or ~/.codeium/windsurf/mcp_config.json",
        file: "mcp_config.json",
        text: servers(to, bridged(to, PASTE)),
        note: to.open ? undefined : `Put your token in place of ${PASTE}.`,
      },
    ],
  },
  {
    id: "inspector",
    name: "MCP Inspector",
    icon: "search",
    check: "The command prints the tools as JSON.",
    http: (to) => [
      {
        label: "Command",
        where: "Terminal",
        text: `npx @modelcontextprotocol/inspector --cli ${to.url} --transport ${to.type}${shellHeader(to, "--header")} \\\n  --protocol-era ${eraFor(to)} --method tools/list --format json -q`,
      },
      {
        label: "Catalog",
        where: "~/.mcp-inspector/mcp.json",
        file: "mcp.json",
        text: servers(to, { type: to.type, url: to.url, ...headersFor(to, PASTE), protocolEra: eraFor(to) }),
        note: to.open ? undefined : `Put your token in place of ${PASTE}.`,
      },
    ],
  },
  {
    id: "mcporter",
    name: "mcporter",
    icon: "term",
    check: "npx mcporter list prints its tools.",
    http: (to) => [
      {
        label: "mcporter.json",
        where: "config/mcporter.json",
        file: "mcporter.json",
        text: servers(to, { baseUrl: to.url, ...headersFor(to, `\${${TOKEN}}`) }),
        note: `Then: npx mcporter list ${to.name} --json`,
      },
    ],
    stdio: (to) => [
      {
        label: "mcporter.json",
        where: "config/mcporter.json",
        file: "mcporter.json",
        text: servers(to, bridged(to, `\${${TOKEN}}`)),
      },
    ],
  },
  {
    id: "curl",
    name: "curl",
    icon: "globe",
    check: "Both print the name of this server.",
    http: (to) =>
      to.type === "sse"
        ? [
            {
              label: "2024-11-05",
              where: "Terminal",
              text: `curl -sN ${to.url}${shellHeader(to, "-H")}`,
              note: "Prints where this connection takes messages by POST, then stays open for the answers.",
            },
          ]
        : [
            {
              label: "2026-07-28",
              where: "Terminal",
              text: curl(to, MODERN, ["MCP-Protocol-Version: 2026-07-28", "Mcp-Method: server/discover"]),
            },
            { label: "2025-11-25", where: "Terminal", text: curl(to, LEGACY, []) },
          ],
  },
  {
    id: "typescript",
    name: "TypeScript",
    icon: "code",
    check: "It prints the names of the tools.",
    http: (to) => [
      {
        label: "SDK",
        where: "client.ts, with @modelcontextprotocol/client",
        file: "client.ts",
        text: [
          `import { Client, ${transportClass(to)} } from "@modelcontextprotocol/client";`,
          "",
          `const client = new Client({ name: "my-agent", version: "1.0.0" }${to.type === "sse" ? "" : ', { versionNegotiation: { mode: "auto" } }'});`,
          `const transport = new ${transportClass(to)}(new URL("${to.url}")${to.open ? ");" : ", {"}`,
          ...(to.open
            ? []
            : [`  requestInit: { headers: { Authorization: \`Bearer \${process.env.${TOKEN}}\` } },`, "});"]),
          "await client.connect(transport);",
          "const { tools } = await client.listTools();",
          'console.log(tools.map((tool) => tool.name).join("\\n"));',
          "await client.close();",
          "",
        ].join("\n"),
      },
    ],
  },
  {
    id: "python",
    name: "Python",
    icon: "code",
    check: "It prints the names of the tools.",
    http: (to) => [
      {
        label: "FastMCP",
        where: "client.py, with fastmcp",
        file: "client.py",
        text: [
          "import asyncio",
          ...(to.open ? [] : ["import os"]),
          "",
          "from fastmcp import Client",
          "",
          "",
          "async def main():",
          `    async with Client("${to.url}"${to.open ? "" : `, auth=os.environ["${TOKEN}"]`}) as client:`,
          "        for tool in await client.list_tools():",
          "            print(tool.name)",
          "",
          "",
          "asyncio.run(main())",
          "",
        ].join("\n"),
      },
    ],
  },
];

const MODERN = {
  jsonrpc: "2.0",
  id: 1,
  method: "server/discover",
  params: {
    _meta: {
      "io.modelcontextprotocol/protocolVersion": "2026-07-28",
      "io.modelcontextprotocol/clientInfo": { name: "curl", version: "0" },
      "io.modelcontextprotocol/clientCapabilities": {},
    },
  },
};
const LEGACY = {
  jsonrpc: "2.0",
  id: 1,
  method: "initialize",
  params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "curl", version: "0" } },
};

function curl(to: Connection, body: object, headers: string[]): string {
  const all = ["content-type: application/json", "accept: application/json, text/event-stream", ...headers];
  return [
    `curl -sX POST ${to.url} \\`,
    ...(to.open ? [] : [`  -H "${BEARER}" \\`]),
    ...all.map((header) => `  -H '${header}' \\`),
    `  -d '${JSON.stringify(body)}'`,
  ].join("\n");
}
