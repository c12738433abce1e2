// MCP Inspector's command line, one process per request, in each era it can be told to speak.
import { type Client, MODERN, SESSION, textIn } from "../client.ts";
import { fileOf, runCommand } from "../programs.ts";

interface Printed {
  tools: { name: string }[];
  resources: { uri: string }[];
  prompts: { name: string }[];
  content: { text?: string }[];
  contents: { text?: string }[];
  messages: { content: { text?: string } }[];
}

const inspector = (era: "legacy" | "auto" | "modern", revision: string): Client => ({
  name: `Inspector ${era}`,
  revision,
  connect: async ({ url, token, home }) => {
    const ask = async (method: string, ...more: string[]): Promise<Printed> => {
      const target = [
        "--cli",
        url,
        "--transport",
        "http",
        "--header",
        `Authorization: Bearer ${token}`,
        "--protocol-era",
        era,
      ];
      const file = fileOf("@modelcontextprotocol/inspector", "clients/launcher/build/index.js");
      const args = [...target, "--stored-auth-only", "--method", method, ...more, "--format", "json", "--quiet"];
      return JSON.parse(await runCommand(home, file, args, { MCP_INSPECTOR_SECRET_STORE: "memory" })).result;
    };
    const pairs = (args: object): string[] => Object.entries(args).map(([key, value]) => `${key}=${value}`);
    return {
      tools: async () => (await ask("tools/list")).tools.map(({ name }) => name),
      call: async (tool, args) =>
        textIn((await ask("tools/call", "--tool-name", tool, "--tool-args-json", JSON.stringify(args))).content),
      resources: async () => (await ask("resources/list")).resources.map(({ uri }) => uri),
      read: async (uri) => textIn((await ask("resources/read", "--uri", uri)).contents),
      prompts: async () => (await ask("prompts/list")).prompts.map(({ name }) => name),
      prompt: async (name, args) => {
        const given = pairs(args).length > 0 ? ["--prompt-args", ...pairs(args)] : [];
        return textIn(
          (await ask("prompts/get", "--prompt-name", name, ...given)).messages.map(({ content }) => content),
        );
      },
      close: async () => {},
    };
  },
});

export const inspectorLegacy = inspector("legacy", SESSION);
export const inspectorAuto = inspector("auto", MODERN);
export const inspectorModern = inspector("modern", MODERN);
