// An upstream whose tools a test changes, and whose listeners it tells of that. It lists no resources.
import { answerTo, type Era, plainTool } from "./plain-mcp.ts";
import { eventStream, type Script, type Scripted, startScripted } from "./scripted.ts";

type Fields = Record<string, unknown>;
type Tell = (...messages: object[]) => void;

const ACKNOWLEDGED = "notifications/subscriptions/acknowledged";
const CAPABILITIES = { tools: { listChanged: true }, resources: { subscribe: true } };
export const TOOLS_CHANGED = { jsonrpc: "2.0", method: "notifications/tools/list_changed" };

export interface Changing extends Scripted {
  readonly tools: Fields[];
  /** The streams of those who listen. */
  readonly listeners: Tell[];
  /** True: it answers everything with 500. */
  failing: boolean;
  /** Puts another tool in the place of the one of this name. */
  replace(name: string, tool: Fields): void;
}

/** Starts the server with two tools, `first` and `second`, or these. */
export async function startChanging(
  era: Era,
  tools: Fields[] = [plainTool("first"), plainTool("second")],
): Promise<Changing> {
  const listeners: Tell[] = [];
  const replace = (name: string, tool: Fields): void =>
    void tools.splice(
      tools.findIndex((one) => one.name === name),
      1,
      tool,
    );
  const state = { tools, listeners, failing: false, replace };
  const lists: Fields = { "tools/list": { tools }, "resources/list": { resources: [] } };
  lists["resources/templates/list"] = { resourceTemplates: [] };
  const script: Script = ({ message }, outgoing) => {
    if (!message) return false;
    const { method, params } = message;
    if (method === "subscriptions/listen") {
      const tell = eventStream(outgoing);
      tell({ jsonrpc: "2.0", method: ACKNOWLEDGED, params: { notifications: params?.notifications } });
      listeners.push(tell);
      return true;
    }
    const begun = /^(initialize|server\/discover)$/.test(method) ? answerTo(message, era)?.message.result : undefined;
    const listed = lists[method] as Fields | undefined;
    if (!begun && !listed) return false;
    if (state.failing) {
      outgoing.writeHead(500).end();
      return true;
    }
    const modernly = era === "modern" ? { resultType: "complete", ttlMs: 0, cacheScope: "private" } : {};
    const result = begun ? { ...begun, capabilities: CAPABILITIES } : { ...modernly, ...listed };
    outgoing.writeHead(200, { "content-type": "application/json" });
    outgoing.end(JSON.stringify({ jsonrpc: "2.0", id: message.id, result }));
    return true;
  };
  return Object.assign(state, await startScripted(script, era));
}
