// The REST API of a running gateway as tests call it.

/** An answer of the REST API: status, headers, and the body as JSON (null when empty). */
export interface Answer<Body> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

/** Calls the REST API with the token it was made for, or with the given headers instead. */
export type Api = <Body = Record<string, never>>(
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
) => Promise<Answer<Body>>;

/** Registers an upstream and bundles all it offers into a virtual server; gives the URL of its MCP endpoint. */
export type Bundle = (
  name: string,
  upstreamUrl: string,
  server?: Record<string, unknown>,
  upstream?: Record<string, unknown>,
) => Promise<{ url: string; serverId: string; gatewayId: string }>;

/** The API of the gateway at a URL, for the holder of a token. */
export const apiOf =
  (url: string, token: string): Api =>
  async <Body>(method: string, path: string, body?: unknown, headers?: Record<string, string>) => {
    const response = await fetch(url + path, {
      method,
      headers: headers ?? { authorization: `Bearer ${token}`, "content-type": "application/json" },
      redirect: "manual",
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: (text === "" ? null : JSON.parse(text)) as Body,
    };
  };

/** Approves all that an upstream changed. */
export async function approveAll(api: Api, gatewayId: string): Promise<void> {
  const { body } = await api<{ changes: { toolId: string; hash: string }[] }>(
    "GET",
    `/changes?gateway_id=${gatewayId}`,
  );
  const items = body.changes.map(({ toolId, hash }) => ({ toolId, hash }));
  const { status, body: answer } = await api<{ outcomes: { approved: boolean }[] }>("POST", "/changes/approve", {
    items,
  });
  if (status !== 200 || answer.outcomes.some(({ approved }) => !approved))
    throw new Error(`POST /changes/approve answered ${status}: ${JSON.stringify(answer)}`);
}

/** `Bundle` by way of an API. */
export const bundleBy =
  (api: Api, url: string): Bundle =>
  async (name, upstreamUrl, server = {}, upstream = {}) => {
    const gateway = await api<{ id: string }>("POST", "/gateways", { name, url: upstreamUrl, ...upstream });
    if (gateway.status !== 201)
      throw new Error(`POST /gateways answered ${gateway.status}: ${JSON.stringify(gateway.body)}`);
    const ids = async (noun: string) =>
      (await api<{ id: string }[]>("GET", `/${noun}?limit=0&gateway_id=${gateway.body.id}`)).body.map((row) => row.id);
    const [associatedTools, associatedPrompts, associatedResources] = await Promise.all([
      ids("tools"),
      ids("prompts"),
      ids("resources"),
    ]);
    const created = await api<{ id: string }>("POST", "/servers", {
      name,
      associatedTools,
      associatedPrompts,
      associatedResources,
      ...server,
    });
    if (created.status !== 201)
      throw new Error(`POST /servers answered ${created.status}: ${JSON.stringify(created.body)}`);
    return { url: `${url}/servers/${created.body.id}/mcp`, serverId: created.body.id, gatewayId: gateway.body.id };
  };
