// What an empty local gateway is given, so that there is something to call: the built-in sample and a virtual server.

type Row = { id: string };

/** Adds the sample upstream and a virtual server over it, if the gateway has neither upstreams nor virtual servers. */
export async function seedSample(url: string, token: string, serverId: string): Promise<boolean> {
  const call = async <T>(method: string, path: string, body?: object): Promise<T> => {
    const response = await fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as T;
  };
  const [gateways, servers] = await Promise.all([
    call<Row[]>("GET", "/gateways?include_inactive=true"),
    call<Row[]>("GET", "/servers?include_inactive=true"),
  ]);
  if (gateways.length > 0 || servers.length > 0) return false;
  const sample = await call<Row>("POST", "/gateways", {
    name: "sample",
    url: "builtin:sample",
    description: "Built in: time, echo, and a slow tool with progress",
    tags: ["sample"],
  });
  const tools = await call<Row[]>("GET", `/tools?gateway_id=${sample.id}&limit=0`);
  await call("POST", "/servers", {
    id: serverId,
    name: "demo",
    description: "The built-in sample, to try clients with",
    associatedTools: tools.map((tool) => tool.id),
    tags: ["sample"],
  });
  return true;
}
