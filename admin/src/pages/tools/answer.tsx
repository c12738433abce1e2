// The answer of a tool: content block by block, structured content, errors as errors, and the raw message.
// Whatever an upstream sends is shown as text; images only when they came inside the answer.
import type { Answer } from "../../mcp.ts";
import { Badge } from "../../parts/badges.tsx";
import { Code } from "../../parts/code.tsx";
import { Json } from "../../parts/json.tsx";
import { Note } from "../../parts/note.tsx";
import { check } from "../../parts/schema/check.ts";
import { isObject, type Schema } from "../../parts/schema/schema.ts";
import { count } from "../../parts/time.tsx";

const IMAGES = /^image\/(png|jpeg|gif|webp|avif)$/;

type Props = { answer: Answer; notices: unknown[]; outputSchema: Schema | null };

export function AnswerCard({ answer, notices, outputSchema }: Props) {
  const { result, error } = answer;
  const failed = result?.isError === true;
  const blocks = Array.isArray(result?.content) ? result.content : [];
  const structured = result?.structuredContent;
  const mismatches = structured !== undefined && outputSchema ? [...check(structured, outputSchema, outputSchema)] : [];
  return (
    <div class="stack">
      <div class="row" role="status">
        {error || failed ? (
          <Badge tone="bad" icon="bad">
            {error ? "Protocol error" : "The tool failed"}
          </Badge>
        ) : (
          <Badge tone="ok" icon="ok">
            Answered
          </Badge>
        )}
        <span class="n mut">{Math.round(answer.ms).toLocaleString("en")} ms</span>
      </div>
      {error && (
        <Note tone="bad">
          <b>{error.message}</b> <small class="n">code {error.code}</small>
          {error.data !== undefined && <Json value={error.data} />}
        </Note>
      )}
      {result?.resultType === "input_required" && (
        <Note tone="auth">
          The tool asks something back before it can answer. This page can't answer it yet; the raw message shows the
          question.
        </Note>
      )}
      {blocks.map((block, at) => (
        <Block key={at} block={block} failed={failed} />
      ))}
      {structured !== undefined && (
        <section class="sect">
          <header>
            <h3>Structured content</h3>
            {mismatches.length > 0 && (
              <Badge
                tone="warn"
                icon="warn"
                title={mismatches.map(([path, text]) => `${path || "/"}: ${text}`).join("\n")}
              >
                Does not match its output schema
              </Badge>
            )}
          </header>
          <Json value={structured} />
        </section>
      )}
      {result && blocks.length === 0 && structured === undefined && result.resultType !== "input_required" && (
        <p class="hint">The answer is empty.</p>
      )}
      {notices.length > 0 && (
        <details>
          <summary>{count(notices.length, "message")} on the way</summary>
          <Json value={notices} />
        </details>
      )}
      <details>
        <summary>Raw message</summary>
        <Code
          title={`HTTP ${answer.status}${answer.requestId ? `, request ${answer.requestId}` : ""}`}
          text={JSON.stringify(answer.message, null, 2)}
          file="answer.json"
          wrap
        />
      </details>
    </div>
  );
}

function Block({ block, failed }: { block: unknown; failed: boolean }) {
  if (!isObject(block)) return <Json value={block} />;
  const { type, text, mimeType, data, uri, name, resource } = block;
  if (type === "text") return <pre class={failed ? "block bad" : "block"}>{String(text)}</pre>;
  if (type === "image" && typeof data === "string" && IMAGES.test(String(mimeType)))
    return <img class="picture" alt="Sent by the tool" src={`data:${mimeType};base64,${data}`} />;
  if (type === "resource_link")
    return (
      <p class="block">
        <Badge tone="line" icon="file">
          Link
        </Badge>{" "}
        {String(name ?? "")} <code class="foreign">{String(uri)}</code>
      </p>
    );
  if (type === "resource" && isObject(resource) && typeof resource.text === "string")
    return <Code title={String(resource.uri)} text={resource.text} wrap />;
  if (typeof data === "string")
    return (
      <p class="hint">{`${String(type)}, ${String(mimeType)}, ${count(data.length, "character")} of base64. See the raw message.`}</p>
    );
  return <Json value={block} />;
}
