// Every client of the matrix, in the order of the table.
import { aiSdk } from "./adapters/ai-sdk.ts";
import { inspectorAuto, inspectorLegacy, inspectorModern } from "./adapters/inspector.ts";
import { langchain } from "./adapters/langchain.ts";
import { mcpRemoteAuto, mcpRemoteLegacy } from "./adapters/mcp-remote.ts";
import { mcporter } from "./adapters/mcporter.ts";
import { openaiAgents } from "./adapters/openai-agents.ts";
import { sdkV1 } from "./adapters/sdk-v1.ts";
import { sdkV2Auto, sdkV2Legacy, sdkV2Pinned } from "./adapters/sdk-v2.ts";
import type { Client } from "./client.ts";

export const clients: readonly Client[] = [
  inspectorLegacy,
  inspectorAuto,
  inspectorModern,
  sdkV1,
  sdkV2Legacy,
  sdkV2Auto,
  sdkV2Pinned,
  mcpRemoteLegacy,
  mcpRemoteAuto,
  mcporter,
  aiSdk,
  langchain,
  openaiAgents,
];
