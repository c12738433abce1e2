// mcporter's command line, one process per request, configured by the file its users write.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Client, SESSION, textIn } from "../client.ts";
import { fileOf, runCommand } from "../programs.ts";

interface Printed {
  tools: { name: string }[];
  resources: { uri: string }[];
  contents: { text?: string }[];
}

export const mcporter: Client = {
  name: "mcporter",
  revision: SESSION,
  connect: async ({ url, token, home }) => {
    const config = join(home, "mcporter.json");
    const server = { baseUrl: url, headers: { Authorization: `Bearer ${token}` }, allowHttp: true };
    await writeFile(config, JSON.stringify({ mcpServers: { gateway: server }, imports: [] }));
    const run = (...args: string[]): Promise<string> =>
      runCommand(home, fileOf("mcporter", "dist/cli.js"), ["--config", config, ...args, "--no-oauth"]);
    const ask = async (...args: string[]): Promise<Printed> => JSON.parse(await run(...args, "--json"));
    return {
      tools: async () => (await ask("list", "gateway")).tools.map(({ name }) => name),
      call: async (tool, args) => {
        const given = ["--args", JSON.stringify(args), "--output", "text"];
        return await run("call", "--server", "gateway", "--tool", tool, ...given);
      },
      resources: async () => (await ask("resource", "gateway")).resources.map(({ uri }) => uri),
      read: async (uri) => textIn((await ask("resource", "gateway", uri)).contents),
      close: async () => {},
    };
  },
};
