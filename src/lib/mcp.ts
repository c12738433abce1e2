// Names the protocol fixes: revisions, `_meta` keys, error codes. MCP schema of each revision.
import { isRawNumber } from "./json.ts";

/** The stateless revision. */
export const MODERN_VERSION = "2026-07-28";

/** Revisions that begin with `initialize`, newest first. */
export const SESSION_VERSIONS = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"] as const;

/** Reserved `_meta` keys of 2026-07-28 basic. */
export const PROTOCOL_META = {
  protocolVersion: "io.modelcontextprotocol/protocolVersion",
  clientInfo: "io.modelcontextprotocol/clientInfo",
  clientCapabilities: "io.modelcontextprotocol/clientCapabilities",
  logLevel: "io.modelcontextprotocol/logLevel",
  serverInfo: "io.modelcontextprotocol/serverInfo",
  subscriptionId: "io.modelcontextprotocol/subscriptionId",
} as const;

/** The extension that has tasks since 2026-07-28 (ext-tasks specification/2026-07-28/tasks). */
export const TASKS_EXTENSION = "io.modelcontextprotocol/tasks";

/** The `_meta` key that names the task a message belongs to (2025-11-25 basic/utilities/tasks). */
export const RELATED_TASK = "io.modelcontextprotocol/related-task";

/** JSON-RPC error codes of MCP. */
export const RPC = {
  parse: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internal: -32603,
  resourceNotFound: -32002,
  headerMismatch: -32020,
  missingClientCapability: -32021,
  unsupportedVersion: -32022,
  urlElicitationRequired: -32042,
} as const;

/** A JSON-RPC request id: text or number, never null. */
export const isRequestId = (value: unknown): boolean =>
  typeof value === "string" || typeof value === "number" || isRawNumber(value);

/** The param that the header `Mcp-Name` mirrors, by method (2026-07-28 basic/transports/streamable-http; ext-tasks). */
export const NAMED_BY: Readonly<Record<string, string>> = {
  "tools/call": "name",
  "prompts/get": "name",
  "resources/read": "uri",
  "tasks/get": "taskId",
  "tasks/update": "taskId",
  "tasks/cancel": "taskId",
};
