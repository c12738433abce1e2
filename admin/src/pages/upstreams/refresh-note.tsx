// What a refresh changed, in one sentence.
import type { RefreshResult } from "../../../../src/schemas/upstreams.ts";
import { Note } from "../../parts/note.tsx";
import { count } from "../../parts/time.tsx";

export type Refreshed = RefreshResult;

const KINDS = ["tools", "resources", "prompts"] as const;
const WAYS = ["Added", "Updated", "Removed"] as const;

function sentence(result: RefreshResult): string {
  const parts = KINDS.flatMap((kind) =>
    WAYS.map((way) => ({ n: result[`${kind}${way}`], text: `${kind.slice(0, -1)}`, way: way.toLowerCase() })),
  ).filter((part) => part.n > 0);
  return parts.length === 0
    ? "Nothing changed."
    : `${parts.map((part) => `${count(part.n, part.text)} ${part.way}`).join(", ")}.`;
}

export const RefreshNote = ({ result }: { result: RefreshResult }) => (
  <Note tone={result.validationErrors.length > 0 ? "warn" : "ok"} live>
    <b>Refreshed.</b> {sentence(result)}
    {result.toolsWithheld > 0 && (
      <>
        {" "}
        <a href="/ui/changes">{count(result.toolsWithheld, "tool waits", "tools wait")} for approval.</a>
      </>
    )}
    {result.validationErrors.length > 0 &&
      ` ${count(result.validationErrors.length, "definition")} could not be taken.`}{" "}
    <small class="n">{Math.round(result.durationMs)} ms</small>
  </Note>
);
