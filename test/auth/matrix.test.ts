// Who may do what, route by route and method by method, held against matrix.txt: a file to be read and judged by people.
// A route or method that is not in it, or answers otherwise, fails. After a change that is meant: run with -u and read the
// difference.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MODERN_VERSION } from "../../src/lib/mcp.ts";
import { ADMIN, type Gateway, startGateway } from "../harness.ts";
import { modern, send } from "../wire.ts";
import { bearer, forge } from "./forge.ts";
import { CALLERS, headersOf, newOf, nounOf, populate, thing } from "./things.ts";
import { addUser } from "./users.ts";

interface Operation {
  readonly description?: string;
  readonly security?: readonly unknown[];
  readonly requestBody?: unknown;
}
interface Route {
  readonly method: string;
  readonly path: string;
  /** Undefined: needs no credential. */
  readonly permission: string | undefined;
}

let gateway: Gateway;
let routes: Route[];

beforeAll(async () => {
  gateway = await startGateway({ AUTH_LIMITS_ENABLED: "false" });
  await populate(gateway);
  await addUser(gateway, "target@example.com");
  const { body } = await gateway.api<{ paths: Record<string, Record<string, Operation>> }>("GET", "/openapi.json");
  routes = Object.entries(body.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, { description }]) => ({
      method: method.toUpperCase(),
      path,
      permission: /permission `([^`]+)`/.exec(description ?? "")?.[1],
    })),
  );
});
afterAll(() => gateway.dispose());

/** A path with its parameters filled in: things of team red's or its owner's, or what nobody made. */
async function filled(path: string): Promise<string> {
  const noun = nounOf(path);
  const named: Readonly<Record<string, string>> = { team_id: "red", email: "target@example.com" };
  const parts = path.split("/").map(async (part, position) => {
    const [, name] = /^\{(\w+)\}$/.exec(part) ?? [];
    if (name === undefined) return part;
    const first = noun !== undefined && position === noun.split("/").length + 1;
    return first ? await thing(gateway, noun) : (named[name] ?? "0".repeat(32));
  });
  return (await Promise.all(parts)).join("/");
}

/** Bodies of routes that make nothing, where an empty one says too little. */
const BODIES: Readonly<Record<string, object>> = {
  "POST /admin/tools/import": [{ name: "imported", url: "https://api.example.com/x" }],
  "POST /tools/disable": { ids: ["0".repeat(32)] },
  "POST /gateways/test": { url: "builtin:sample" },
  "POST /tools/duplicates/resolve": { keep: "0".repeat(32), replace: ["1".repeat(32)] },
  "POST /saved-filters": { page: "requests", name: "slow", query: "min_ms=1000" },
  "POST /rpc": { jsonrpc: "2.0", id: 1, method: "ping" },
  "POST /teams/{id}/members": { email: "target@example.com" },
  "PUT /teams/{id}/members/{email}": { role: "viewer" },
  "POST /teams/{id}/invitations": { email: "new@example.com" },
  "POST /rbac/users/{email}/roles": { role_id: "auditor" },
  "POST /rbac/permissions/check": { permission: "tools.read" },
};

/** Queries of routes that want one. */
const QUERIES: Readonly<Record<string, string>> = {
  "GET /requests/stream": "?seconds=0",
  "GET /admin/logs/stream": "?seconds=0",
  "GET /saved-filters": "?page=requests",
  "GET /search": "?q=a",
};

/** Bodies that are well formed, so that only permissions decide. */
function bodyFor({ method, path }: Route): unknown {
  if (method === "GET" || method === "DELETE") return undefined;
  const noun = nounOf(path);
  const given = BODIES[`${method} ${path}`];
  return given ?? (method === "POST" && noun !== undefined && path === `/${noun}` ? newOf(noun) : {});
}

/** What a route answers whoever has these headers; not every answer is JSON. */
async function ask(route: Route, headers: Record<string, string>): Promise<{ status: number; text: string }> {
  const body = bodyFor(route);
  const response = await fetch(
    gateway.url + (await filled(route.path)) + (QUERIES[`${route.method} ${route.path}`] ?? ""),
    {
      method: route.method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    },
  );
  return { status: response.status, text: await response.text() };
}

const table = (rows: readonly (readonly string[])[]): string => {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return `${rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n")}\n`;
};

it("every route answers every caller as it was agreed", { timeout: 120_000 }, async () => {
  const rows: string[][] = [["route", "permission", ...CALLERS]];
  for (const route of routes.toSorted((one, other) =>
    `${one.path} ${one.method}` < `${other.path} ${other.method}` ? -1 : 1,
  )) {
    const cells: string[] = [];
    for (const who of CALLERS) cells.push(String((await ask(route, await headersOf(gateway, who))).status));
    rows.push([`${route.method} ${route.path}`, route.permission ?? "-", ...cells]);
  }
  await expect(table(rows)).toMatchFileSnapshot("./matrix.txt");
});

/** What no narrowed credential does, whatever it was given: it would hand on more than it has. */
const FOR_PEOPLE = /^tokens\.(create|update)$/;

/** Routes that are about two nouns. */
const ALSO: Readonly<Record<string, readonly string[]>> = {
  "GET /tokens/teams/{team_id}": ["teams.read", "teams.manage_members"],
};

describe("a narrowed token", () => {
  it("passes where it has the permission of the route (and may read what it changes), and nowhere else", {
    timeout: 120_000,
  }, async () => {
    const all = [...new Set(routes.flatMap(({ permission }) => permission ?? []))];
    const holding = async (permissions: readonly string[]) => ({
      authorization: `Bearer ${await forge(gateway, { sub: ADMIN, scopes: { permissions } })}`,
      "content-type": "application/json",
    });
    for (const route of routes) {
      const { permission, method, path } = route;
      if (permission === undefined || path === "/rpc") continue;
      const refused = await ask(route, await holding(all.filter((one) => one !== permission)));
      expect([refused.status, JSON.parse(refused.text)], `${method} ${path} without ${permission}`).toMatchObject([
        403,
        { code: "insufficient_scope", permission },
      ]);
      const own = [permission, `${permission.split(".")[0]}.read`, ...(ALSO[`${method} ${path}`] ?? [])];
      const { text } = await ask(route, await holding(own));
      const outcome = expect(text.slice(0, 300), `${method} ${path} with ${permission}`);
      if (FOR_PEOPLE.test(permission)) outcome.toContain("Log in");
      else outcome.not.toContain("insufficient_scope");
    }
  });
});

const METHODS: Readonly<Record<string, object>> = {
  "server/discover": {},
  "tools/list": {},
  "tools/call": { name: "echo", arguments: { message: "hi" } },
  "prompts/list": {},
  "prompts/get": { name: "hello" },
  "resources/list": {},
  "resources/templates/list": {},
  "resources/read": { uri: "note://read" },
  "completion/complete": { ref: { type: "ref/prompt", name: "hello" }, argument: { name: "x", value: "" } },
};

it("every MCP method answers every caller as it was agreed", { timeout: 60_000 }, async () => {
  const place = { teamId: "red" };
  const made = async (noun: string, body: object) =>
    (await gateway.api<{ id: string }>("POST", `/${noun}`, { ...body, ...place }, await headersOf(gateway, "owner")))
      .body.id;
  const upstream = await made("gateways", { name: "echoes", url: "builtin:sample" });
  const tools = await gateway.api<{ id: string; originalName: string }[]>(
    "GET",
    `/tools?limit=0&gateway_id=${upstream}`,
    undefined,
    await headersOf(gateway, "owner"),
  );
  const server = await made("servers", {
    name: "all red",
    associatedTools: tools.body.filter(({ originalName }) => originalName === "echo").map(({ id }) => id),
    associatedPrompts: [await made("prompts", { name: "hello", template: "Hello" })],
    associatedResources: [await made("resources", { name: "read", uri: "note://read", content: "text" })],
  });
  const scoped = async (scopes: object) => bearer(await forge(gateway, { sub: ADMIN, scopes }));
  const callers: readonly [string, Record<string, string>][] = [
    ...(await Promise.all(
      CALLERS.map(async (who): Promise<[string, Record<string, string>]> => [who, await headersOf(gateway, who)]),
    )),
    ["token: this server", await scoped({ server_id: server })],
    ["token: another", await scoped({ server_id: "another" })],
    ...(await Promise.all(
      ["servers.use", "tools.read", "tools.execute", "prompts.read", "resources.read"].map(
        async (permission): Promise<[string, Record<string, string>]> => [
          `token: ${permission}`,
          await scoped({ permissions: [...new Set(["servers.use", permission])] }),
        ],
      ),
    )),
  ];
  const rows: string[][] = [["caller", ...Object.keys(METHODS)]];
  for (const [name, more] of callers) {
    const cells: string[] = [];
    for (const [method, params] of Object.entries(METHODS)) {
      const { status, answer } = await send(
        `${gateway.url}/servers/${server}/mcp`,
        modern(1, method, params as Record<string, unknown>),
        { ...more, "mcp-protocol-version": MODERN_VERSION },
      );
      cells.push(status === 200 && !answer?.error ? "yes" : String(status));
    }
    rows.push([name, ...cells]);
  }
  await expect(table(rows)).toMatchFileSnapshot("./matrix-mcp.txt");
});
