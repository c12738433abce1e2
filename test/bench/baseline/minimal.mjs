// The least work of a gateway that does its duty: check a hashed bearer token, read the JSON-RPC message, take the
// server's prefix off the tool name, write the message anew, go upstream over global fetch as ours does, return the
// answer as it comes. tools/list is answered from memory. No policy, no audit, no stored configuration.
const PREFIX = "fast__";
const encoder = new TextEncoder();
const hashes = new Map(); // token -> promise of its hash in hex
const catalogs = new Map(); // path -> JSON text of the tools

const json = (text, status = 200) => new Response(text, { status, headers: { "content-type": "application/json" } });

function hashOf(token) {
  let hash = hashes.get(token);
  if (!hash) {
    hash = crypto.subtle.digest("SHA-256", encoder.encode(token)).then((bytes) => new Uint8Array(bytes).toHex());
    if (hashes.size < 10_000) hashes.set(token, hash);
  }
  return hash;
}

async function list(q, upstream, headers) {
  let catalog = catalogs.get(upstream);
  if (!catalog) {
    const answer = await fetch(upstream, { method: "POST", headers, body: JSON.stringify(q) });
    const { result } = await answer.json();
    catalog = JSON.stringify(result.tools.map((tool) => ({ ...tool, name: PREFIX + tool.name })));
    catalogs.set(upstream, catalog);
  }
  const modern = q.params?._meta === undefined ? "" : '"resultType":"complete","ttlMs":60000,"cacheScope":"private",';
  return json(`{"jsonrpc":"2.0","id":${JSON.stringify(q.id)},"result":{${modern}"tools":${catalog}}}`);
}

export default {
  async fetch(request, env) {
    const token = (request.headers.get("authorization") ?? "").slice(7);
    if ((await hashOf(token)) !== env.KEY_HASH) return json('{"error":"unauthorized"}', 401);
    if (request.method !== "POST") return new Response(null, { status: 405 });
    const upstream = env.UPSTREAM + request.url.slice(request.url.indexOf("/", 8));
    const q = await request.json();
    const headers = { "content-type": "application/json", accept: "application/json, text/event-stream" };
    for (const name of ["mcp-protocol-version", "mcp-method", "mcp-session-id"]) {
      const value = request.headers.get(name);
      if (value) headers[name] = value;
    }
    if (q.method === "tools/list") return list(q, upstream, headers);
    if (q.method === "tools/call") {
      if (!q.params.name.startsWith(PREFIX))
        return json(`{"jsonrpc":"2.0","id":${JSON.stringify(q.id)},"error":{"code":-32602,"message":"Unknown tool"}}`);
      q.params.name = q.params.name.slice(PREFIX.length);
      if (headers["mcp-method"]) headers["mcp-name"] = q.params.name;
    }
    const answer = await fetch(upstream, { method: "POST", headers, body: JSON.stringify(q) });
    const type = answer.headers.get("content-type") ?? "application/json";
    return new Response(answer.body, { status: answer.status, headers: { "content-type": type } });
  },
};
