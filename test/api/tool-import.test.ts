// Many tools at once: those that fit are added, the others told with the reason, and nothing in between.
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Gateway, startGateway } from "../harness.ts";

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway({ MCPGATEWAY_BULK_IMPORT_MAX_TOOLS: "4", AUTH_LIMITS_ENABLED: "false" });
});
afterAll(() => gateway.dispose());

const url = "https://api.example.com/x";
const importing = (body: unknown) => gateway.api<Record<string, unknown>>("POST", "/admin/tools/import", body);

test("those that fit are added, each of the others is told why not", async () => {
  const { status, body } = await importing([
    { name: "one", url, request_type: "GET", jsonpath_filter: ".a" },
    { name: "two words", url },
    { name: "one", url },
    { name: "two", url, unknown: 1 },
  ]);
  expect(status).toBe(200);
  expect(body).toMatchObject({
    success: false,
    total: 4,
    imported: 1,
    failed: 3,
    created: [{ index: 0, name: "one" }],
    errors: [
      { index: 1, name: "two words", error: expect.stringContaining("name") },
      { index: 2, name: "one", error: expect.stringMatching(/name.*taken|taken.*name/) },
      { index: 3, name: "two", error: expect.stringContaining("unknown") },
    ],
    details: { success: ["one"] },
  });
  const { body: tools } = await gateway.api<{ name: string }[]>("GET", "/tools");
  expect(tools.map(({ name }) => name)).toEqual(["one"]);
});

test.each([{ tools: [{ name: "three", url }] }, { tools_json: JSON.stringify([{ name: "four", url }]) }])(
  "the list may be wrapped: %j",
  async (body) => {
    expect((await importing(body)).body).toMatchObject({ success: true, imported: 1 });
  },
);

test("a list that is too long, or none, is refused as a whole", async () => {
  const many = Array.from({ length: 5 }, (_, at) => ({ name: `t${at}`, url }));
  expect((await importing(many)).status).toBe(413);
  for (const none of [[], {}, { tools_json: "nonsense" }]) expect((await importing(none)).status).toBe(422);
});
