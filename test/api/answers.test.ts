// The answers of every operation, held against /openapi.json: successes and failures, lists and single ones.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startChanging } from "../fakes/changing.ts";
import { plainTool } from "../fakes/plain-mcp.ts";
import { type Gateway, startGateway } from "../harness.ts";
import { answerSchema, type Document, documentOf, type Json, operationsOf, validator } from "./document.ts";
import { callLogins, callTokens, callUsers } from "./people-answers.ts";
import { type Call, callTeamsAndRoles } from "./team-answers.ts";
import { upstreams } from "./upstreams.ts";

let gateway: Gateway;
let document: Document;
const { server, closeAll } = upstreams();
beforeAll(async () => {
  gateway = await startGateway({
    EMAIL_WEBHOOK_URL: "http://127.0.0.1:9/", // nobody is there: links are shown instead
    PUBLIC_REGISTRATION_ENABLED: "true",
  });
  document = await documentOf(gateway);
});
afterAll(() => Promise.all([gateway.dispose(), closeAll()]));

/** Names of operations that succeeded. */
const called = new Set<string>();

/** Calls an operation as somebody, and holds the answer against what the document says of its status. */
const call: Call = async (method, template, ids = {}, body = undefined, query = "", by = undefined) => {
  const path = template.replace(/\{(\w+)\}/g, (_, key: string) => String(ids[key])) + query;
  const credential = by?.startsWith("cws_") ? by : await gateway.token(by ? { subject: by } : {});
  const headers = { authorization: `Bearer ${credential}`, "content-type": "application/json" };
  const answer = await gateway.api<Json>(method, path, body, headers);
  const name = `${method} ${template}`;
  const documented = Object.keys(document.paths[template]?.[method.toLowerCase()]?.responses ?? {});
  expect(documented, `${name} answered ${JSON.stringify(answer.body)}`).toContain(String(answer.status));
  const schema = answerSchema(document, method, template, answer.status);
  if (schema) expect(validator(document, schema)(answer.body), `${name} ${answer.status}`).toEqual([]);
  else expect(answer.body, name).toBeNull();
  if (answer.status < 300) called.add(name);
  return answer.body;
};

describe("the answers", () => {
  test("of a gateway whose database is not migrated are as documented", async () => {
    const other = await startGateway();
    await other.sql("DELETE FROM d1_migrations");
    const { status, body } = await other.api<Json>("GET", "/ready");
    await other.dispose();
    expect(status).toBe(503);
    expect(body).toMatchObject({
      status: "unready",
      status_items: [{ name: "database", message: expect.stringContaining("wrangler d1 migrations apply") }],
    });
    expect(validator(document, answerSchema(document, "GET", "/ready", 503) ?? {})(body)).toEqual([]);
  });

  test("of the system, the catalog and the audit trail, successes and failures, are as documented", async () => {
    const { url } = await server();

    for (const path of ["/health", "/ready", "/version", "/openapi.json", "/auth/session"]) await call("GET", path);
    await call("POST", "/auth/session", {}, { token: await gateway.token() });
    await call("DELETE", "/auth/session");
    await call("POST", "/rpc", {}, { jsonrpc: "2.0", id: 1, method: "tools/list" });
    await call("POST", "/rpc", {}, { jsonrpc: "2.0", id: 1, method: "no/such" });
    await call("POST", "/gateways/test", {}, { url });
    const upstream = await call(
      "POST",
      "/gateways",
      {},
      { name: "up", url, authType: "bearer", authToken: "x", tags: ["documented"] },
    );
    const tool = await call(
      "POST",
      "/tools",
      {},
      { name: "tool", url: "http://127.0.0.1:9/", headers: { "x-a": "b" }, tags: ["documented"] },
    );
    const prompt = await call(
      "POST",
      "/prompts",
      {},
      { name: "prompt", template: "Hi", arguments: [{ name: "a", description: "A" }] },
    );
    const resource = await call("POST", "/resources", {}, { name: "resource", uri: "memo://r", content: "x" });
    const bundled = { associatedTools: [tool.id], associatedPrompts: [prompt.id], associatedResources: [resource.id] };
    const bundle = await call("POST", "/servers", {}, { name: "server", ...bundled });
    const nouns = { tools: tool, prompts: prompt, resources: resource, servers: bundle, gateways: upstream };

    for (const [noun, { id }] of Object.entries(nouns)) {
      await call("GET", `/${noun}`);
      await call("GET", `/${noun}`, {}, undefined, "?include_pagination=true&limit=1");
      await call("GET", `/${noun}`, {}, undefined, "?limit=-1");
      await call("GET", `/${noun}/{id}`, { id });
      await call("GET", `/${noun}/{id}`, { id: "absent" });
      await call("PUT", `/${noun}/{id}`, { id }, { description: "changed" });
      await call("PUT", `/${noun}/{id}`, { id }, { wrong: 1, description: 2 });
      await call(
        "POST",
        `/${noun}`,
        {},
        { name: nouns[noun as keyof typeof nouns].name, uri: "memo://r", content: "x", template: "x", url },
      );
      for (const word of ["state", "toggle"])
        await call("POST", `/${noun}/{id}/${word}`, { id }, undefined, "?activate=true");
    }
    await call("POST", "/gateways", {}, { name: "refused", url: "http://127.0.0.1:9/" });
    await call("POST", "/tools", {}, { name: "nowhere", url: "http://127.0.0.1:9/", teamId: "absent" });
    await call("POST", "/gateways/{id}/tools/refresh", { id: upstream.id });
    await call("POST", "/prompts/{id}", { id: prompt.id }, { a: "b" });
    await call("GET", "/resources/{id}/info", { id: resource.id });
    await call("GET", "/resources/templates/list");
    for (const noun of ["tools", "prompts", "resources"]) await call("GET", `/servers/{id}/${noun}`, { id: bundle.id });
    await call("GET", "/tags", {}, undefined, "?include_entities=true");
    const twin = await call("POST", "/tools", {}, { name: "twin", url: "http://127.0.0.1:9/" });
    for (const query of ["", "?limit=0"]) await call("GET", "/tools/duplicates", {}, undefined, query);
    const instead = { keep: twin.id, replace: [tool.id], disable: true };
    for (const body of [instead, { ...instead, keep: tool.id }, { ...instead, keep: "absent" }])
      await call("POST", "/tools/duplicates/resolve", {}, body);
    for (const query of ["?q=documented", "?q="]) await call("GET", "/search", {}, undefined, query);
    await call("GET", "/tags/{tag}/entities", { tag: "documented" });
    const { webhook } = await call("POST", "/webhooks", {}, { name: "hook", url: "http://127.0.0.1:9/" });
    const { id: hook } = webhook as Json;
    await call("POST", "/webhooks", {}, { name: "hook", url: "nonsense" });
    await call("PUT", "/webhooks/{id}", { id: hook }, { enabled: true });
    const { id: did } = await call("POST", "/webhooks/{id}/test", { id: hook });
    await call("POST", "/webhooks/{id}/deliveries/{did}/retry", { id: hook, did });
    await call("POST", "/webhooks/{id}/rotate", { id: hook }, {});
    for (const path of ["/webhooks", "/webhooks/{id}", "/webhooks/{id}/deliveries"])
      await call("GET", path, { id: hook });
    await call("DELETE", "/webhooks/{id}", { id: hook });
    for (const query of ["?group_by=target", "?limit=0"]) await call("GET", "/metrics/query", {}, undefined, query);
    for (const query of ["?tab=unused", "?days=0"]) await call("GET", "/metrics/usage", {}, undefined, query);
    for (const path of ["/metrics", "/admin/metrics"]) await call("GET", path);
    for (const query of ["?entity=tool", "?entity_id=x"]) await call("POST", "/metrics/reset", {}, undefined, query);
    const headers = { authorization: `Bearer ${await gateway.token()}` };
    const text = await fetch(`${gateway.url}/metrics/prometheus`, { headers });
    expect([text.status, text.headers.get("content-type")]).toEqual([200, expect.stringMatching(/^text\/plain;/)]);
    called.add("GET /metrics/prometheus");
    for (const list of [[{ name: "imported", url: "https://api.example.com" }, {}], [{}]])
      await call("POST", "/admin/tools/import", {}, list);
    for (const ids of [[tool.id, "absent"], []]) await call("POST", "/tools/disable", {}, { ids });
    await call("GET", "/requests", {}, undefined, "?errors_only=true");
    await call("GET", "/requests", {}, undefined, "?cursor=wrong");
    const { requests } = (await call("GET", "/requests")) as { requests: Json[] };
    const [{ id: requestId }] = requests as [Json];
    for (const id of [requestId, "absent"]) await call("GET", "/requests/{id}", { id });
    await call("GET", "/requests/export", {}, undefined, `?request_id=${requestId}`);
    for (const query of ["?order=asc&limit=2", "?offset=10001"]) await call("GET", "/admin/logs", {}, undefined, query);
    await call("GET", "/admin/logs/export", {}, undefined, "?level=warning");
    for (const body of [{ level: ["INFO"], limit: 2 }, { sort_by: "wrong" }])
      await call("POST", "/api/logs/search", {}, body);
    await call("GET", "/api/logs/trace/{correlation_id}", { correlation_id: requestId });
    const { id: filterId } = await call("POST", "/saved-filters", {}, { page: "requests", name: "slow", query: "" });
    await call("GET", "/saved-filters", {}, undefined, "?page=requests");
    for (let twice = 0; twice < 2; twice++) await call("DELETE", "/saved-filters/{id}", { id: filterId });
    for (const path of ["/audit", "/audit/verify", "/audit/counts"]) await call("GET", path);
    for (const id of [1, 999_999, "absent"]) await call("GET", "/audit/{id}", { id });
    await call("GET", "/audit/export", {}, undefined, "?action=prompt.create"); // a line, and so JSON as a whole
    for (const [noun, { id }] of Object.entries(nouns).reverse()) await call("DELETE", `/${noun}/{id}`, { id });
  });

  test("of changes are as documented", async () => {
    const upstream = await startChanging("modern");
    const { id } = await call("POST", "/gateways", {}, { name: "changing", url: upstream.url });
    const change = async (description: string) => {
      upstream.replace("first", { ...plainTool("first"), description });
      await call("POST", "/gateways/{id}/tools/refresh", { id });
      const { changes } = await call("GET", "/changes", {}, undefined, `?gateway_id=${id}`);
      const [{ toolId, hash }] = changes as { toolId: string; hash: string }[] as [{ toolId: string; hash: string }];
      return { id: toolId, toolId, hash };
    };
    const { hash: old, ...other } = await change("Another");
    await call("GET", "/changes/{id}", other);
    await call("GET", "/changes/{id}", { id: "absent" });
    await call("POST", "/changes/{id}/reject", other, { hash: old });
    const third = await change("A third");
    for (const word of ["approve", "reject"]) {
      await call("POST", `/changes/{id}/${word}`, third, { hash: old });
      await call("POST", `/changes/{id}/${word}`, third, { hash: "no hash" });
    }
    await call("POST", "/changes/{id}/approve", third, { hash: third.hash });
    const { toolId, hash } = await change("A fourth");
    const items = [old, hash].map((one) => ({ toolId, hash: one }));
    await call("POST", "/changes/approve", {}, { items });
    await call("GET", "/changes", {}, undefined, "?status=all&limit=2");
    await call("DELETE", "/gateways/{id}", { id });
    await upstream.close();
  });

  test("of teams and roles are as documented", () => callTeamsAndRoles(gateway, call));
  test("of logins and passwords are as documented", () => callLogins(gateway, call));
  test("of users are as documented", () => callUsers(gateway, call));
  test("of API tokens are as documented", () => callTokens(gateway, call));

  test("of every operation were seen, but for streams", () => {
    for (const path of ["/requests/stream", "/admin/logs/stream"]) called.add(`GET ${path}`);
    const names = operationsOf(document).map(({ name }) => name);
    expect(names.filter((name) => !called.has(name))).toEqual([]);
  });

  test("are held against the document for real: a field that is missing or too many is found", async () => {
    const schema = answerSchema(document, "GET", "/tools/{id}", 200) ?? {};
    const { body: tool } = await gateway.api<Json>("POST", "/tools", { name: "probe", url: "http://127.0.0.1:9/" });
    expect(validator(document, schema)(tool)).toEqual([]);
    expect(validator(document, schema)({ ...tool, surplus: 1 })).not.toEqual([]);
    expect(validator(document, schema)({ ...tool, name: undefined })).not.toEqual([]);
  });
});
