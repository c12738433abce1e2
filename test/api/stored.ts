// Everything a gateway keeps and shows, as one text: what a secret must not be found in.
import type { Gateway } from "../harness.ts";

const NOUNS = ["tools", "gateways", "servers", "prompts", "resources"];

/** Every row of every table, every text in KV, and every list and entity of the REST API. */
export async function everythingKept({ api, sql, host }: Gateway): Promise<string> {
  const tables = (await sql("SELECT name FROM sqlite_master WHERE type = 'table' AND substr(name, 1, 3) <> '_cf'")) as {
    name: string;
  }[];
  const rows = await Promise.all(tables.map(({ name }) => sql(`SELECT * FROM "${name}"`)));
  const views = await host.mf.getKVNamespace("VIEWS");
  const texts = await Promise.all((await views.list()).keys.map(({ name }) => views.get(name)));
  const shown = await Promise.all(
    NOUNS.map(async (noun) => {
      const { body } = await api<{ id: string }[]>("GET", `/${noun}?limit=0&include_inactive=true`);
      return [body, ...(await Promise.all(body.map(({ id }) => api("GET", `/${noun}/${id}`)))).map((one) => one.body)];
    }),
  );
  return JSON.stringify([rows, texts, shown, (await api("GET", "/version")).body]);
}
