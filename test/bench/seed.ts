// Makes a fresh gateway ready for load, through its REST API alone, as an administrator would: one upstream and one
// virtual server of all its tools and resources for each catalog.
import { randomUUID } from "node:crypto";
import { SignJWT } from "jose";

export type Seeded = {
  /** Sent as `authorization: Bearer <token>`. */
  token: string;
  /** MCP URL of the virtual server made for each upstream, by the upstream's name. */
  mcp: Record<string, string>;
  /** Calls the REST API. Throws when the answer is no 2xx. */
  api(method: string, path: string, body?: object): Promise<unknown>;
};

/** Where an upstream is, and how it is spoken to (`auto`: as it turns out). */
export type Upstream = { url: string; transport: string };

const TOKEN_LIFE_S = 2 * 3600;

/**
 * Registers `upstreams` (by name) at the gateway whose origin is `url` and whose JWT_SECRET_KEY is `secret`.
 * Throws when an answer is no 2xx or an upstream brought no tools.
 */
export async function seedGateway(url: string, secret: string, upstreams: Record<string, Upstream>): Promise<Seeded> {
  const token = await adminToken(secret);
  const api = (method: string, path: string, body?: object) => request(`${url}${path}`, method, token, body);
  const mcp: Record<string, string> = {};
  for (const [name, upstream] of Object.entries(upstreams)) {
    const gateway = (await api("POST", "/gateways", { name, ...upstream })) as { id: string };
    const idsOf = async (noun: string) =>
      ((await api("GET", `/${noun}?limit=0&gateway_id=${gateway.id}`)) as { id: string }[]).map(({ id }) => id);
    const [associatedTools, associatedResources] = [await idsOf("tools"), await idsOf("resources")];
    if (associatedTools.length === 0) throw new Error(`the upstream ${name} brought no tools`);
    const server = (await api("POST", "/servers", { name, associatedTools, associatedResources })) as { id: string };
    mcp[name] = `${url}/servers/${server.id}/mcp`;
  }
  return { token, mcp, api };
}

function adminToken(secret: string): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT({ jti: randomUUID() })
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .setSubject("admin@example.com")
    .setIssuer("mcpgateway")
    .setAudience("mcpgateway-api")
    .setIssuedAt(now)
    .setExpirationTime(now + TOKEN_LIFE_S)
    .sign(new TextEncoder().encode(secret));
}

async function request(url: string, method: string, token: string, body?: object): Promise<unknown> {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const answer = await fetch(url, { method, headers, body: body && JSON.stringify(body) });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${url}: ${answer.status} ${text.slice(0, 500)}`);
  return JSON.parse(text);
}
