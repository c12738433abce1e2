// /prompts: Jinja templates of our own, and prompts that come from upstreams.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type PromptRead, promptRead } from "../../src/schemas/prompts.ts";
import { type Gateway, startGateway } from "../harness.ts";
import { type Example, type Failure, keepsTheRules, outcome } from "./entity.ts";
import { listsByTheRules } from "./listing.ts";
import { rpc, withClient } from "./mcp.ts";

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.dispose());

const example: Example = {
  path: "/prompts",
  wrapper: "prompt",
  singular: "Prompt",
  read: promptRead,
  unique: "name",
  make: (name) => ({ name, template: "Hello {{ who }}", teamId: null }),
};

describe("a prompt", () => {
  keepsTheRules(example, () => gateway);
});

describe("a list of prompts", () => {
  listsByTheRules(example, () => gateway);
});

const add = async (name: string, template: string, more: object = {}) => {
  const answer = await gateway.api<PromptRead>("POST", "/prompts", { name, template, ...more });
  expect(outcome(answer)).toBe(201);
  return answer.body;
};
const render = (id: string, args: object) =>
  gateway.api<
    Failure & { messages: { role: string; content: { type: string; text: string } }[]; description?: string }
  >("POST", `/prompts/${id}`, args);

describe("rendering a prompt", () => {
  test("fills the arguments in, by REST and for MCP clients alike", async () => {
    const { id } = await add("greet", "Hello {{ who }}{% if polite %}, please{% endif %}!", {
      description: "Greets",
      arguments: [
        { name: "who", description: "Whom", required: true },
        { name: "polite", required: false },
      ],
    });
    const messages = [{ role: "user", content: { type: "text", text: "Hello Ada, please!" } }];
    expect((await render(id, { who: "Ada", polite: "yes" })).body).toEqual({ description: "Greets", messages });
    const got = await withClient(`${gateway.url}/mcp`, await gateway.token(), async (client) => ({
      listed: (await client.listPrompts()).prompts.find(({ name }) => name === "greet"),
      prompt: await client.getPrompt({ name: "greet", arguments: { who: "Ada", polite: "yes" } }),
    }));
    expect(got.listed).toMatchObject({
      description: "Greets",
      arguments: [{ name: "who", description: "Whom", required: true }, { name: "polite" }],
    });
    expect(got.prompt.messages).toEqual(messages);
  });

  test("what an argument says is text, never template", async () => {
    const { id } = await add("safe", "{{ who }}");
    const { body } = await render(id, { who: "{{ 7 * 7 }}{% for x in range(9) %}x{% endfor %}" });
    expect(body.messages[0]?.content.text).toBe("{{ 7 * 7 }}{% for x in range(9) %}x{% endfor %}");
  });

  test("a missing argument is named; arguments that are no texts are refused", async () => {
    const { id } = await add("needs", "{{ a }}", { arguments: [{ name: "a", required: true }] });
    expect(await render(id, {})).toMatchObject({ status: 422, body: { field: "a" } });
    expect((await render(id, { a: 7 })).status).toBe(422);
  });

  test("a template that can't be read is refused when it is saved, and a change that breaks it too", async () => {
    expect(await gateway.api("POST", "/prompts", { name: "broken", template: "{% if %}" })).toMatchObject({
      status: 422,
      body: { field: "template" },
    });
    const { id } = await add("whole", "fine");
    expect(await gateway.api("PUT", `/prompts/${id}`, { template: "{{ unclosed" })).toMatchObject({
      status: 422,
      body: { field: "template" },
    });
    expect((await render(id, {})).body.messages[0]?.content.text).toBe("fine");
  });

  test("a template that grows without end is stopped, and says so", async () => {
    const { id } = await add(
      "bomb",
      "{% for a in range(400) %}{% for b in range(400) %}xxxxxxxxxx{% endfor %}{% endfor %}",
    );
    const { status, body } = await render(id, {});
    expect([status, body.detail]).toEqual([422, expect.stringContaining("template can't be filled in")]);
  });

  test("a new template and name are what clients get from then on", async () => {
    const { id } = await add("old-name", "old");
    const { body } = await gateway.api<PromptRead>("PUT", `/prompts/${id}`, {
      name: "new-name",
      template: "new {{ x }}",
      arguments: [{ name: "x" }],
      title: "New",
    });
    expect(body).toMatchObject({ name: "new-name", template: "new {{ x }}", title: "New", arguments: [{ name: "x" }] });
    expect((await rpc(gateway, "prompts/get", { name: "new-name", arguments: { x: "1" } })).result).toMatchObject({
      messages: [{ content: { text: "new 1" } }],
    });
    expect((await rpc(gateway, "prompts/get", { name: "old-name" })).error?.code).toBe(-32602);
  });

  test("a disabled prompt is not rendered and not listed", async () => {
    const { id } = await add("asleep", "zzz");
    await gateway.api("POST", `/prompts/${id}/state?activate=false`);
    expect((await render(id, {})).status).toBe(409);
    const { result } = await rpc<{ prompts: { name: string }[] }>(gateway, "prompts/list");
    expect(result.prompts.map(({ name }) => name)).not.toContain("asleep");
    expect((await rpc(gateway, "prompts/get", { name: "asleep" })).error?.code).toBe(-32602);
  });

  test("one that is absent answers 404", async () => {
    expect((await render("0".repeat(32), {})).status).toBe(404);
  });
});
