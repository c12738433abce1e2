// What somebody does not see tells them nothing, and stays as it is whatever they change: counts, members of virtual
// servers, moved gateways, teams of others, keys in addresses.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { addTeam } from "../auth/teams.ts";
import { addUser, as } from "../auth/users.ts";
import { type Gateway, startGateway } from "../harness.ts";

let gateway: Gateway;
const ANN = "ann@example.com";
const BOB = "bob@example.com";
let ann: Record<string, string>;
let bob: Record<string, string>;

beforeAll(async () => {
  gateway = await startGateway();
  await addUser(gateway, ANN);
  await addUser(gateway, BOB);
  [ann, bob] = await Promise.all([as(gateway, ANN), as(gateway, BOB)]);
  await addTeam(gateway, "red", { [ANN]: "owner" });
});
afterAll(() => gateway.dispose());

interface Entity {
  readonly id: string;
  readonly name: string;
  readonly visibility: string;
  readonly url: string;
  readonly toolCount: number;
  readonly associatedToolIds: string[];
}
const call = async (method: string, path: string, body?: object, headers?: Record<string, string>) => {
  const answer = await gateway.api<Entity & Entity[]>(method, path, body, headers);
  expect(answer.status, `${method} ${path}: ${JSON.stringify(answer.body)}`).toBeLessThan(300);
  return answer.body;
};
const restTool = (name: string, more: object = {}, headers?: Record<string, string>) =>
  call("POST", "/tools", { name, url: "http://127.0.0.1:9/?key=s3cr3t", requestType: "GET", ...more }, headers);

describe("a gateway", () => {
  test("counts what one sees of it", async () => {
    const { id, toolCount } = await call("POST", "/gateways", { name: "counted", url: "builtin:sample" });
    const [tool] = await call("GET", `/tools?gateway_id=${id}`);
    await call("PUT", `/tools/${tool?.id}`, { visibility: "private" });
    expect((await call("GET", `/gateways/${id}`)).toolCount).toBe(toolCount);
    expect((await call("GET", `/gateways/${id}`, undefined, bob)).toolCount).toBe(toolCount - 1);
  });

  test("that is moved takes its tools along, but for those made private meanwhile", async () => {
    const place = { visibility: "team", teamId: "red" };
    const { id } = await call("POST", "/gateways", { name: "moved", url: "builtin:sample", ...place }, ann);
    const [tool] = await call("GET", `/tools?gateway_id=${id}`);
    await call("PUT", `/tools/${tool?.id}`, { visibility: "private" });
    const seen = async () =>
      new Set((await call("GET", `/tools?gateway_id=${id}`)).map(({ visibility }) => visibility));
    expect(await seen()).toEqual(new Set(["team", "private"]));
    await call("PUT", `/gateways/${id}`, { visibility: "private" });
    expect(await seen()).toEqual(new Set(["private"]));
    await call("PUT", `/gateways/${id}`, { visibility: "team" });
    expect(await seen()).toEqual(new Set(["team"]));
    await call("PUT", `/tools/${tool?.id}`, { visibility: "private" });
    await addTeam(gateway, "blue", { [BOB]: "member" });
    await call("PUT", `/gateways/${id}`, { teamId: "blue" });
    expect((await gateway.api("GET", `/tools/${tool?.id}`, undefined, bob)).status).toBe(404);
    expect(await seen()).toEqual(new Set(["team", "private"]));
  });
});

test("what the editor of a virtual server does not see in it stays there, unnamed", async () => {
  const hidden = await restTool("hidden_one");
  const open = await restTool("open_one");
  const tools = [hidden.id, open.id];
  const { id } = await call("POST", "/servers", { name: "both", teamId: "red", associated_tools: tools });
  await call("PUT", `/tools/${hidden.id}`, { visibility: "private" });
  const holds = async () => (await call("GET", `/servers/${id}`)).associatedToolIds.toSorted();
  for (const change of [
    { aliases: { [open.id]: "renamed" } },
    { associated_tools: [] },
    { associated_tools: [open.id] },
  ]) {
    expect(JSON.stringify(await call("PUT", `/servers/${id}`, change, ann))).not.toContain(hidden.id);
    expect(await holds()).toEqual(
      "aliases" in change || change.associated_tools.length > 0 ? tools.toSorted() : [hidden.id],
    );
  }
  const known = { aliases: { [hidden.id]: "mine" } };
  const made_up = { aliases: { ["0".repeat(32)]: "mine" } };
  const told = async (body: object, unknown: string) => {
    const { status, body: answer } = await gateway.api<{ detail: string }>("PUT", `/servers/${id}`, body, ann);
    return [status, answer.detail.replace(unknown, "it")];
  };
  expect(await told(known, hidden.id)).toEqual(await told(made_up, "0".repeat(32)));
});

test("the address of a REST tool is whole for those who may change it, and without its query for others", async () => {
  const { id } = await restTool("keyed");
  expect((await call("GET", `/tools/${id}`)).url).toBe("http://127.0.0.1:9/?key=s3cr3t");
  expect((await call("GET", `/tools/${id}`, undefined, bob)).url).toBe("http://127.0.0.1:9/");
});

test("nothing is put down to a team by who is not in it, whether there is such a team or not", async () => {
  const body = { url: "http://127.0.0.1:9/", requestType: "GET", visibility: "private" };
  const mine = await restTool("mine", { visibility: "private" }, bob);
  for (const teamId of ["red", "none"]) {
    const made = await gateway.api<{ detail: string }>("POST", "/tools", { ...body, name: "theirs", teamId }, bob);
    const moved = await gateway.api<{ detail: string }>("PUT", `/tools/${mine.id}`, { teamId }, bob);
    expect([made.status, made.body.detail, moved.status, moved.body.detail]).toEqual([
      404,
      "Team not found",
      404,
      "Team not found",
    ]);
  }
});
