// /tools: REST tools of our own, and tools that come from upstreams.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ToolRead, toolRead } from "../../src/schemas/tools.ts";
import { type Gateway, startGateway } from "../harness.ts";
import { type Example, type Failure, keepsTheRules } from "./entity.ts";
import { listsByTheRules } from "./listing.ts";
import { callTool, toolNames } from "./mcp.ts";
import { type RestApi, startRestApi } from "./rest-api.ts";

let gateway: Gateway;
let service: RestApi;
beforeAll(async () => {
  [gateway, service] = await Promise.all([startGateway(), startRestApi()]);
});
afterAll(() => Promise.all([gateway.dispose(), service.close()]));

const example: Example = {
  path: "/tools",
  wrapper: "tool",
  singular: "Tool",
  read: toolRead,
  unique: "name",
  make: (name) => ({ name, url: "http://127.0.0.1:9/x", requestType: "GET", inputSchema: { type: "object" } }),
};

describe("a tool", () => {
  keepsTheRules(example, () => gateway);
});

describe("a list of tools", () => {
  listsByTheRules(example, () => gateway);
});
