// What is shown this one time: a link or a secret to hand on, with a button that copies it.
import type { ComponentChildren } from "preact";
import { Code } from "../../parts/code.tsx";
import { Note } from "../../parts/note.tsx";

type OnceProps = { title: string; text: string; children: ComponentChildren };

/** `children` say what to do with it. */
export const Once = ({ title, text, children }: OnceProps) => (
  <div class="stack s2">
    <Note tone="ok" live>
      {children} <b>It is shown this once only.</b>
    </Note>
    <Code wrap title={title} text={text} />
  </div>
);
