// What was asked and answered, where its virtual server keeps it.
import { Code } from "../../parts/code.tsx";
import { Note } from "../../parts/note.tsx";
import { JsonViewer } from "./json-viewer.tsx";
import type { StoredPayload } from "./requests.ts";

export const Asked = ({ payload }: { payload: StoredPayload }) => (
  <>
    <Kept payload={payload} />
    <Message title="Request" text={payload.request} />
  </>
);

export function Answered({ payload }: { payload: StoredPayload }) {
  const messages = payload.response.split("\n").filter(Boolean);
  return (
    <>
      <Kept payload={payload} />
      {messages.length === 0 && <p class="hint">The answer was too large to be kept, or passed on unread.</p>}
      {messages.map((text, at) => (
        <Message key={at} title={messages.length === 1 ? "Answer" : `Message ${at + 1}`} text={text} />
      ))}
    </>
  );
}

const Kept = ({ payload: { mode, cut } }: { payload: StoredPayload }) => (
  <>
    {cut && (
      <Note tone="warn">
        <b>It is cut.</b> Some of it was too large to be kept.
      </Note>
    )}
    {mode === "redacted" && <p class="hint">What looked like a secret was taken out before it was kept.</p>}
  </>
);

/** JSON as a tree; what was cut in its middle is none, and stands as it is. */
function Message({ title, text }: { title: string; text: string }) {
  const value = parsed(text);
  return value === undefined ? (
    <Code title={`${title}, as it is kept`} text={text} wrap />
  ) : (
    <JsonViewer title={title} value={value} />
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
