// `npm start` on a fresh clone: what it says, what it makes, and that nothing acknowledged is lost when it is killed.
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { withClient } from "../api/mcp.ts";
import { type Copy, copyProject, freePort, type Running } from "./copy.ts";

interface Entry {
  readonly type: string;
  readonly url: string;
  readonly headers: { readonly Authorization: string };
}

let copy: Copy;
let port: number;
let gateway: Running;

/** Starts the gateway and resolves with the client configuration it prints. */
async function start(vars: Record<string, string> = {}) {
  gateway = copy.run("npm", ["start"], { PORT: String(port), STATE_DIR: join(copy.directory, "state"), ...vars });
  const [, json = ""] = await gateway.says(/valid 7 days\):\n(\{[\s\S]*?\n\})\n/);
  return (JSON.parse(json) as { mcpServers: Record<string, Entry> }).mcpServers;
}

const url = (path: string) => `http://127.0.0.1:${port}${path}`;
async function adminToken(): Promise<string> {
  const signing = copy.run("npm", ["run", "-s", "token"]);
  await signing.ended;
  return signing.out().trim();
}
async function api<Body>(method: string, path: string, body?: object): Promise<{ status: number; body: Body }> {
  const headers = { authorization: `Bearer ${await adminToken()}`, "content-type": "application/json" };
  const response = await fetch(url(path), { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
  return { status: response.status, body: (await response.json()) as Body };
}
const names = async (noun: string) =>
  (await api<{ name: string }[]>("GET", `/${noun}?limit=0`)).body.map(({ name }) => name);

/** How a request that names this host is answered. */
const statusFor = (host: string) =>
  new Promise<number | undefined>((resolve, reject) =>
    request({ host: "127.0.0.1", port, path: "/health", headers: { host } }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    })
      .once("error", reject)
      .end(),
  );

beforeAll(async () => {
  copy = copyProject();
  port = await freePort();
});
afterAll(async () => {
  await gateway?.kill();
  copy.remove();
});

describe("npm start", () => {
  let first: Record<string, Entry>;

  test("prints where it runs and a client configuration that works as it stands", async () => {
    first = await start({ MCPGATEWAY_COLOUR: "red", DATABASE_URL: "sqlite:///x", SKIP_SSL_VERIFY: "true" });
    expect(gateway.out()).toContain(`Causeway runs at ${url("")}`);
    expect(Object.keys(first)).toEqual(["demo"]);
    expect(first.demo).toMatchObject({ type: "http", url: url("/servers/demo/mcp") });
    const token = (first.demo?.headers.Authorization ?? "").replace("Bearer ", "");
    const seen = await withClient(first.demo?.url ?? "", token, async (client) => ({
      tools: (await client.listTools()).tools.map(({ name }) => name).sort(),
      echo: await client.callTool({ name: "echo", arguments: { message: "Hello" } }),
    }));
    expect(seen.tools).toEqual(["convert_time", "echo", "get_current_time", "slow"]);
    expect(seen.echo.content).toEqual([{ type: "text", text: "Hello" }]);
  }, 120_000);

  test("makes settings with random secrets that nobody else reads, and says so once", () => {
    const file = join(copy.directory, ".dev.vars");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const secrets = [
      ...readFileSync(file, "utf8").matchAll(/^(JWT_SECRET_KEY|AUTH_ENCRYPTION_SECRET)="([\w-]{43})"$/gm),
    ].map(([, , value]) => value);
    expect(new Set(secrets).size).toBe(2);
    expect(gateway.err()).toContain("Made .dev.vars");
    for (const secret of secrets) expect(gateway.out() + gateway.err()).not.toContain(secret);
  });

  test("says nothing that is for logs, not for people", () => {
    const lines = (gateway.out() + gateway.err()).split("\n");
    expect(lines.filter((line) => /"?event"?: ?["']|era found/.test(line))).toEqual([]);
  });

  test("names the variables that have no effect, unknown ones among them", async () => {
    for (const name of ["MCPGATEWAY_COLOUR", "DATABASE_URL", "SKIP_SSL_VERIFY"])
      expect(gateway.err()).toContain(`Note: ${name} has no effect here`);
    const { settings_without_effect } = (await (await fetch(url("/ready"))).json()) as {
      settings_without_effect: { name: string }[];
    };
    expect(settings_without_effect.map(({ name }) => name).sort()).toEqual([
      "DATABASE_URL",
      "MCPGATEWAY_COLOUR",
      "SKIP_SSL_VERIFY",
    ]);
  });

  test("serves the dashboard, and refuses another Host", async () => {
    const page = await fetch(url("/ui/"));
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining("<!doctype html>")]);
    const [, asset = ""] = /src="(\/assets\/[^"]+\.js)"/.exec(await (await fetch(url("/ui/"))).text()) ?? [];
    expect((await fetch(url(asset))).status).toBe(200);
    expect(await statusFor(`127.0.0.1:${port}`)).toBe(200);
    expect(await statusFor(`localhost:${port}`)).toBe(200);
    expect(await statusFor(`evil.example:${port}`)).toBe(403);
  });

  test("prints a link that claims it; the command line makes another while it runs; one is used, and then there are none", async () => {
    const LINK = /^ {2}(http:\S+)\/ui\/claim#(cwl_[\w-]{43})$/m;
    const [, printedAt, printed = ""] = LINK.exec(gateway.out()) ?? [];
    expect(printedAt).toBe(url(""));
    const making = () =>
      copy.run("npm", ["run", "claim"], { PORT: String(port), STATE_DIR: join(copy.directory, "state") });
    const claiming = making();
    expect(await claiming.ended).toBe(0);
    const [, madeAt, made = ""] = LINK.exec(claiming.out()) ?? [];
    expect([madeAt, made === printed]).toEqual([url(""), false]);

    const claim = async (token: string) => {
      const body = JSON.stringify({ token, email: "owner@example.com", password: "walnut-ferry-orbit-lagoon" });
      const headers = { "content-type": "application/json" };
      return (await fetch(url("/auth/claim"), { method: "POST", headers, body })).status;
    };
    expect([await claim(`${made}x`), await claim(made), await claim(printed)]).toEqual([401, 201, 409]);
    const late = making();
    expect(await late.ended).toBe(1);
    expect([late.out().includes("cwl_"), late.err()]).toEqual([false, expect.stringContaining("claimed already")]);
    expect(gateway.err()).not.toContain("cwl_");
  }, 60_000);

  test("a second one on the same port says so and ends", async () => {
    const second = copy.run("npm", ["start"], { PORT: String(port), STATE_DIR: join(copy.directory, "other") });
    expect(await second.ended).not.toBe(0);
    expect(second.err()).toContain(`port ${port} is taken`);
  }, 60_000);

  test("killed without warning and started again, everything acknowledged is there, and nothing is made twice", async () => {
    const written: string[] = [];
    await Promise.all(
      Array.from({ length: 10 }, async (_, n) => {
        const { status } = await api("POST", "/tools", { name: `kept_${n}`, url: "http://127.0.0.1:9/" });
        if (status === 201) written.push(`kept_${n}`);
      }),
    );
    expect(written).toHaveLength(10);
    expect((await api("PUT", "/servers/demo", { description: "Changed just before" })).status).toBe(200);
    await gateway.kill();

    const second = await start();
    expect(gateway.err()).not.toContain("Made .dev.vars");
    expect(gateway.out()).not.toMatch(/claim|cwl_/);
    expect(await names("gateways")).toEqual(["sample"]);
    expect(await names("servers")).toEqual(["demo"]);
    expect(await names("tools")).toEqual(expect.arrayContaining(written));
    expect((await api<{ description: string }>("GET", "/servers/demo")).body.description).toBe("Changed just before");
    for (const { demo } of [first, second]) {
      const token = (demo?.headers.Authorization ?? "").replace("Bearer ", "");
      expect(await withClient(demo?.url ?? "", token, (client) => client.ping())).toEqual({});
    }
  }, 120_000);

  test("interrupted, it ends; what an administrator made of the sample stays so after another start", async () => {
    await api("POST", "/servers", { name: "mine" });
    await api("DELETE", "/servers/demo");
    const { body } = await api<{ id: string }[]>("GET", "/gateways");
    await api("DELETE", `/gateways/${body[0]?.id}`);
    await gateway.interrupt();
    await expect(fetch(url("/health"))).rejects.toThrow("fetch failed");
    await start();
    expect([await names("gateways"), await names("servers")]).toEqual([[], ["mine"]]);
  }, 120_000);
});

describe("npm start that can't", () => {
  test("work with a setting names it and ends before anything is built or listens", async () => {
    for (const [name, value] of [
      ["HSTS_MAX_AGE", "long"],
      ["JWT_ALGORITHM", "none"],
      ["TOOL_TIMEOUT", "-1"],
    ]) {
      const wrong = copy.run("npm", ["start"], { PORT: String(await freePort()), [String(name)]: String(value) });
      expect(await wrong.ended, name).not.toBe(0);
      expect(wrong.err()).toContain(`could not start: ${name} must be`);
      expect(wrong.err()).not.toContain("Building");
    }
  }, 60_000);

  test("find a secret in settings that somebody wrote names it", async () => {
    const other = copyProject();
    writeFileSync(join(other.directory, ".dev.vars"), "JWT_SECRET_KEY=\nAUTH_ENCRYPTION_SECRET=x\n");
    const started = other.run("npm", ["start"], { PORT: String(await freePort()) });
    expect(await started.ended).not.toBe(0);
    expect(started.err()).toContain("JWT_SECRET_KEY is not set");
    other.remove();
  }, 60_000);
});
