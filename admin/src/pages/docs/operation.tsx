// One operation of the API: parameters, what it takes, what it answers, how to call it.
import { useState } from "preact/hooks";
import { Badge } from "../../parts/badges.tsx";
import { Code } from "../../parts/code.tsx";
import type { Schema } from "../../parts/schema/schema.ts";
import { typeName } from "../../parts/schema/schema.ts";
import { SchemaTree } from "../../parts/schema/tree.tsx";
import { curlOf, type Operation, type Reply } from "./openapi.ts";

export function OperationCard({ operation, doc }: { operation: Operation; doc: Schema }) {
  const { method, path, summary } = operation;
  const [open, setOpen] = useState(false);
  return (
    <details class="op" name="operation" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <span class={`verb ${method}`}>{method.toUpperCase()}</span>
        <span class="m">{path}</span>
        <span class="mut">{summary}</span>
      </summary>
      {open && <Opened operation={operation} doc={doc} />}
    </details>
  );
}

/** Drawn when opened: all of them at once are tens of thousands of elements. */
function Opened({ operation, doc }: { operation: Operation; doc: Schema }) {
  const { description, parameters, body, replies } = operation;
  return (
    <div class="op-b">
      {description && <p class="foreign">{description}</p>}
      {parameters.length > 0 && (
        <section class="sect">
          <h3>Parameters</h3>
          <ul class="schema">
            {parameters.map((one) => (
              <li key={`${one.in} ${one.name}`}>
                <div class="row">
                  <b class="m">{one.name}</b>
                  <code class="mut">{typeName(one.schema, doc)}</code>
                  <span class="req">
                    in {one.in}
                    {one.required && ", required"}
                  </span>
                </div>
                {one.description && <p>{one.description}</p>}
              </li>
            ))}
          </ul>
        </section>
      )}
      {body !== undefined && (
        <section class="sect">
          <h3>Body</h3>
          <SchemaTree schema={body} root={doc} />
        </section>
      )}
      <section class="sect">
        <h3>Answers</h3>
        {replies.map((reply) => (
          <ReplyRow key={reply.status} reply={reply} doc={doc} />
        ))}
      </section>
      <Code title="curl" text={curlOf(operation, doc)} wrap />
    </div>
  );
}

function ReplyRow({ reply, doc }: { reply: Reply; doc: Schema }) {
  const { status, description, schema } = reply;
  const good = status.startsWith("2");
  const head = (
    <>
      <Badge tone={good ? "ok" : "bad"} icon={good ? "ok" : "bad"}>
        {status}
      </Badge>{" "}
      <span>{description}</span>
    </>
  );
  if (schema === undefined) return <p class="hint">{head}</p>;
  return (
    <details>
      <summary>{head}</summary>
      <SchemaTree schema={schema} root={doc} />
    </details>
  );
}
