// The two forms of tasks, and how one is told in the other: the experimental one of MCP 2025-11-25
// (basic/utilities/tasks), and the extension io.modelcontextprotocol/tasks of 2026-07-28 (ext-tasks).
import { taskFormOf } from "../catalog/target.ts";
import type { View } from "../catalog/view.ts";
import { memberAt as at, isObject, type JsonObject } from "../lib/json.ts";
import { PROTOCOL_META, RELATED_TASK, TASKS_EXTENSION } from "../lib/mcp.ts";

/** Whether anything here can become a task. */
export const hasTasks = (view: View): boolean =>
  view.data.upstreams.some((upstream) => taskFormOf(upstream) !== undefined);

/** Whether a client of 2026-07-28 declares the extension on this request. */
export const declaresTasks = (params: JsonObject): boolean =>
  at(params, "_meta", PROTOCOL_META.clientCapabilities, "extensions", TASKS_EXTENSION) !== undefined;

/** Client capabilities with the extension among them. */
export const withTasks = (capabilities: JsonObject): JsonObject => {
  const { tasks: _tasks, extensions, ...rest } = capabilities;
  return { ...rest, extensions: { ...(isObject(extensions) ? extensions : {}), [TASKS_EXTENSION]: {} } };
};

export const isTerminal = ({ status }: JsonObject): boolean =>
  status === "completed" || status === "failed" || status === "cancelled";

/** A task of the extension as 2025-11-25 has it. There, a tool that reports an error has failed. */
export function toSessionTask(task: JsonObject, taskId: string): JsonObject {
  const { status, statusMessage, createdAt, lastUpdatedAt, ttlMs = null, pollIntervalMs } = task;
  return {
    taskId,
    status: status === "completed" && at(task, "result", "isError") === true ? "failed" : (status ?? "working"),
    ...(statusMessage === undefined ? {} : { statusMessage }),
    createdAt: createdAt ?? null,
    lastUpdatedAt: lastUpdatedAt ?? null,
    ttl: ttlMs,
    ...(pollIntervalMs === undefined ? {} : { pollInterval: pollIntervalMs }),
  };
}

/** A task of 2025-11-25 as the extension has it, without what its status brings along. */
export function toExtensionTask(task: JsonObject, taskId: string): JsonObject {
  const { status, statusMessage, createdAt, lastUpdatedAt, ttl = null, pollInterval } = task;
  return {
    taskId,
    status: status ?? "working",
    ...(statusMessage === undefined ? {} : { statusMessage }),
    createdAt: createdAt ?? null,
    lastUpdatedAt: lastUpdatedAt ?? null,
    ttlMs: ttl,
    ...(pollInterval === undefined ? {} : { pollIntervalMs: pollInterval }),
  };
}

/** A result, or the params of a message, related to a task. */
export const related = (value: JsonObject, taskId: string): JsonObject => ({
  ...value,
  _meta: { ...(isObject(value._meta) ? value._meta : {}), [RELATED_TASK]: { taskId } },
});

/** The same, related to none. */
export function unrelated(value: JsonObject): JsonObject {
  if (!isObject(value._meta) || value._meta[RELATED_TASK] === undefined) return value;
  const { [RELATED_TASK]: _task, ...meta } = value._meta;
  const { _meta, ...rest } = value;
  return Object.keys(meta).length > 0 ? { ...rest, _meta: meta } : rest;
}
