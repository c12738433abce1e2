// The client under test of `conformance client`: a running gateway, with a small client at one of its virtual servers.
// Registers the scenario's server as an upstream of that gateway and does what the scenario wants to see done.
// GATEWAY_URL=… GATEWAY_TOKEN=… node test/conformance/as-client.ts <serverUrl>; the suite adds MCP_CONFORMANCE_*.
import { ElicitRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import { MODERN_VERSION } from "../../src/lib/mcp.ts";
import { connectModern, connectSession, type Raw, rawModern, rawSession } from "../peers.ts";
import { apiOf, bundleBy } from "../rest.ts";

const { GATEWAY_URL = "", GATEWAY_TOKEN = "", MCP_CONFORMANCE_SCENARIO = "" } = process.env;
const isModern = process.env.MCP_CONFORMANCE_PROTOCOL_VERSION === MODERN_VERSION;
const serverUrl = process.argv[2] ?? "";

/** A call of a tool. */
interface Call {
  readonly name: string;
  readonly arguments?: Record<string, unknown>;
}
const { toolCalls = [] } = JSON.parse(process.env.MCP_CONFORMANCE_CONTEXT ?? "{}") as { toolCalls?: Call[] };

/** The small client. */
interface Peer {
  readonly tools: readonly { readonly name: string; readonly inputSchema: unknown }[];
  call(tool: Call): Promise<unknown>;
  readonly raw: Raw;
  leave(): Promise<unknown>;
}

/** What each scenario wants its client to do beside listing tools. */
const WANTED: Readonly<Record<string, (peer: Peer) => Promise<unknown>>> = {
  tools_call: ({ call }) => call({ name: "add_numbers", arguments: { a: 5, b: 3 } }),
  "elicitation-sep1034-client-defaults": ({ call }) => call({ name: "test_client_elicitation_defaults" }),
  "sse-retry": ({ call }) => call({ name: "test_reconnection" }),
  async "sep-2322-client-request-state"({ call }) {
    for (const name of ["echo_state", "unrelated", "no_state", "no_result_type"])
      await call({ name: `test_mrtr_${name}` });
  },
  async "http-standard-headers"({ tools, call, raw }) {
    for (const { name } of tools) await call({ name });
    const { resources } = await raw("resources/list");
    for (const { uri } of resources as { uri: string }[]) await raw("resources/read", { uri });
    const { prompts } = await raw("prompts/list");
    for (const { name } of prompts as { name: string }[]) await raw("prompts/get", { name });
  },
  async "http-custom-headers"({ call }) {
    for (const tool of toolCalls) await call(tool);
  },
  async "http-invalid-tool-headers"({ tools, call }) {
    for (const { name } of tools) await call({ name, arguments: { region: "here" } });
  },
  async "json-schema-2020-12-preservation"({ tools, call }) {
    const schema = tools.find(({ name }) => name === "json_schema_2020_12_tool")?.inputSchema;
    await call({ name: "json_schema_echo", arguments: { schema } });
  },
};

/** A client that accepts whatever it is asked: with what a modern scenario asks for, else with the defaults. */
async function connect(url: string): Promise<Peer> {
  if (isModern) {
    const client = await connectModern(url, GATEWAY_TOKEN, { capabilities: { elicitation: { form: {} } } });
    client.setRequestHandler("elicitation/create", () => ({ action: "accept", content: { confirmed: true } }));
    const { tools } = await client.listTools();
    return { tools, raw: rawModern(client), call: (tool) => client.callTool(tool), leave: () => client.close() };
  }
  const capabilities = { elicitation: { form: { applyDefaults: true } } };
  const { client, transport } = await connectSession(url, GATEWAY_TOKEN, { capabilities });
  client.setRequestHandler(ElicitRequestSchema, () => ({ action: "accept", content: {} }));
  const { tools } = await client.listTools();
  const leave = () => transport.terminateSession();
  return { tools, raw: rawSession(client), call: (tool) => client.callTool({ ...tool }), leave };
}

if (MCP_CONFORMANCE_SCENARIO.startsWith("auth/")) throw new Error("The gateway does not log in at upstreams yet");
const bundle = bundleBy(apiOf(GATEWAY_URL, GATEWAY_TOKEN), GATEWAY_URL);
const era = isModern ? "modern" : "session";
const { url } = await bundle(`${MCP_CONFORMANCE_SCENARIO} ${serverUrl}`, serverUrl, {}, { transport: era });
const peer = await connect(url);
await WANTED[MCP_CONFORMANCE_SCENARIO]?.(peer);
await peer.leave();
process.exit(0); // connections that are kept alive would hold it
