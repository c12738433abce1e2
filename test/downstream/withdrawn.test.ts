// A question that its server no longer wants answered (MCP 2025-11-25 basic/utilities/cancellation): the client is told
// under the id that the question has there.
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { startAsking, text } from "../fakes/asking.ts";
import { type Gateway, startGateway } from "../harness.ts";
import { openStream } from "../streams.ts";
import { initialize, send, session } from "../wire.ts";

let gateway: Gateway;

beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.dispose());

it.each(["here", "elsewhere"] as const)("a question asked %s is withdrawn from a session client", async (where) => {
  const server = await startAsking({
    asks: {
      run: async ({ ask, say }) => {
        const form = { message: "Who?", requestedSchema: { type: "object", properties: {} } };
        void ask("elicitation/create", form, where);
        const roots = ask("roots/list", {}, where);
        say("notifications/cancelled", { requestId: "s1", reason: "not needed" }, where);
        return text(JSON.stringify((await roots).result));
      },
    },
  });
  onTestFinished(() => server.close());
  const { url } = await gateway.bundle(`withdrawn ${where}`, server.url);
  const bearer = { authorization: `Bearer ${await gateway.token()}` };
  const begin = initialize();
  const { params } = JSON.parse(begin.body) as { params: object };
  const capabilities = { elicitation: {}, roots: {} };
  const body = JSON.stringify({ ...JSON.parse(begin.body), params: { ...params, capabilities } });
  const sessionId = (await send(url, { ...begin, body }, bearer)).headers.get("mcp-session-id") ?? "";
  const call = session(1, "tools/call", { name: "asks", arguments: {} }, sessionId);
  const answer = await openStream(url, { method: "POST", body: call.body, headers: { ...call.headers, ...bearer } });
  onTestFinished(() => answer.drop());
  const [form, roots, cancelled] = [await answer.nextMessage(), await answer.nextMessage(), await answer.nextMessage()];
  expect(form).toMatchObject({ method: "elicitation/create", id: expect.stringMatching(/^q-/) });
  expect(cancelled).toEqual({
    jsonrpc: "2.0",
    method: "notifications/cancelled",
    params: { requestId: form?.id, reason: "not needed" },
  });
  const reply = JSON.stringify({ jsonrpc: "2.0", id: roots?.id, result: { roots: [] } });
  await send(url, { ...call, body: reply }, bearer);
  expect(await answer.nextMessage()).toMatchObject({ id: 1, result: text('{"roots":[]}') });
  expect(server.heard.filter(({ id }) => id === "s1")).toEqual([]);
});
