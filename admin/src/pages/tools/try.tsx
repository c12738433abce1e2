// Trying a tool through the gateway's own endpoint: a form for its arguments, progress, the answer.
import { useEffect, useRef, useState } from "preact/hooks";
import { type ApiError, asApiError, type ToolRead } from "../../api.ts";
import { type Answer, callTool, type Progress, toolRequest } from "../../mcp.ts";
import { effectOf } from "../../parts/badges.tsx";
import { CopyButton } from "../../parts/code.tsx";
import { confirm } from "../../parts/confirm.tsx";
import { BusyButton } from "../../parts/fields.tsx";
import { Icon } from "../../parts/icon.tsx";
import { ErrorNote, Note } from "../../parts/note.tsx";
import type { Problems } from "../../parts/schema/check.ts";
import { ArgumentsForm, finish, startArguments } from "../../parts/schema/form.tsx";
import { AnswerCard } from "./answer.tsx";
import { asCurl } from "./curl.ts";

type Run =
  | { state: "idle" }
  | { state: "running"; began: number; progress: Progress | null; notices: unknown[] }
  | { state: "done"; answer: Answer; notices: unknown[] }
  | { state: "failed"; error: ApiError }
  | { state: "cancelled" };

export function TryTool({ tool }: { tool: ToolRead }) {
  const [edited, setEdited] = useState(() => startArguments(tool.inputSchema));
  const [problems, setProblems] = useState<Problems>(new Map());
  const [run, setRun] = useState<Run>({ state: "idle" });
  const abort = useRef<AbortController>(undefined);
  const form = useRef<HTMLFormElement>(null);
  const shown = useRef<HTMLElement>(null);
  useEffect(() => () => abort.current?.abort(), []);
  useEffect(() => {
    if (problems.size > 0) form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }, [problems]);
  useEffect(() => {
    if (run.state !== "idle") shown.current?.scrollIntoView({ block: "nearest" });
  }, [run.state]);

  const start = async (): Promise<void> => {
    const finished = finish(edited, tool.inputSchema);
    setProblems("problems" in finished ? finished.problems : new Map());
    if ("problems" in finished) return;
    if (effectOf(tool.annotations) === "destroys" && !(await confirmDestructive(tool))) return;
    const controller = new AbortController();
    abort.current = controller;
    setRun({ state: "running", began: performance.now(), progress: null, notices: [] });
    const grow = (change: (before: Run & { state: "running" }) => Run): void =>
      setRun((before) => (before.state === "running" ? change(before) : before));
    try {
      const answer = await callTool(tool.name, tool.inputSchema, finished.value, {
        signal: controller.signal,
        onProgress: (progress) => grow((before) => ({ ...before, progress })),
        onNotice: (notice) => grow((before) => ({ ...before, notices: [...before.notices, notice] })),
      });
      setRun((before) => ({ state: "done", answer, notices: before.state === "running" ? before.notices : [] }));
    } catch (error) {
      setRun(controller.signal.aborted ? { state: "cancelled" } : { state: "failed", error: asApiError(error) });
    }
  };
  const sendable = finish(edited, tool.inputSchema);
  return (
    <div class="try">
      <form
        class="try-f"
        ref={form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void start();
        }}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) event.currentTarget.requestSubmit();
        }}
      >
        <ArgumentsForm schema={tool.inputSchema} edited={edited} onEdited={setEdited} problems={problems} />
        {problems.size > 0 && (
          <Note tone="bad" live>
            {problems.size === 1 ? "One value needs" : `${problems.size} values need`} your attention.
          </Note>
        )}
        {!tool.enabled && <Note tone="warn">This tool is disabled. Clients can't call it, and neither can you.</Note>}
        <div class="try-go">
          <BusyButton class="pri" icon="play" submit busy={run.state === "running"}>
            Run
          </BusyButton>
          {run.state === "running" && (
            <button type="button" class="btn" onClick={() => abort.current?.abort()}>
              <Icon name="stop" />
              Cancel
            </button>
          )}
          <small class="push">Ctrl Enter</small>
          {"value" in sendable && (
            <CopyButton
              small={false}
              label="Copy as curl"
              text={asCurl(toolRequest(tool.name, tool.inputSchema, sendable.value))}
            />
          )}
        </div>
      </form>
      <section class="try-a" aria-label="Answer" ref={shown}>
        {run.state === "idle" && (
          <p class="hint">
            The call goes through this gateway's own endpoint, with your rights. The answer appears here.
          </p>
        )}
        {run.state === "running" && <Running {...run} />}
        {run.state === "cancelled" && (
          <Note tone="info" live>
            Cancelled. The tool may still have done part of its work.
          </Note>
        )}
        {run.state === "failed" && <ErrorNote error={run.error} what="The call failed" />}
        {run.state === "done" && (
          <AnswerCard answer={run.answer} notices={run.notices} outputSchema={tool.outputSchema} />
        )}
      </section>
    </div>
  );
}

const confirmDestructive = (tool: ToolRead): Promise<boolean> =>
  confirm({
    title: `Run ${tool.name}?`,
    body: `It says it may destroy data. The call is real and goes to ${tool.gatewayName ?? "its REST API"}.`,
    verb: "Run it",
    danger: true,
  });

const TICK_MS = 100;

function Running({ began, progress, notices }: Run & { state: "running" }) {
  const [now, setNow] = useState(performance.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(performance.now()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  return (
    <div class="stack s2">
      <div class="row">
        <b role="status">Running</b>
        <span class="n mut">{(Math.max(0, now - began) / 1000).toFixed(1)} s</span>
        {progress && (
          <span class="push n mut">
            {progress.progress}
            {progress.total !== null && ` of ${progress.total}`}
          </span>
        )}
      </div>
      <progress
        class="progress"
        aria-label="Progress"
        max={progress?.total ?? undefined}
        value={progress?.total ? progress.progress : undefined}
      />
      {progress?.message && <p class="hint foreign">{progress.message}</p>}
      {notices.length > 0 && <p class="hint">{notices.length} other messages so far</p>}
    </div>
  );
}
