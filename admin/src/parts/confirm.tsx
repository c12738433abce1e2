// Asking before something is lost. The text names the consequence; the button is the verb.
import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { Dialog } from "./drawer.tsx";
import { TextField } from "./fields.tsx";

/** `typed`: what the person must type before the button works. */
type Question = { title: string; body: ComponentChildren; verb: string; danger?: boolean; typed?: string };
type Asked = Question & { answer: (yes: boolean) => void };

const asked = signal<Asked | undefined>(undefined);

/** Asks the person; resolves to true when they say yes. */
export function confirm(question: Question): Promise<boolean> {
  asked.value?.answer(false);
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const answer = (yes: boolean): void => {
    asked.value = undefined;
    resolve(yes);
  };
  asked.value = { ...question, answer };
  return promise;
}

/** Asks whether unsaved changes may be lost. */
export const confirmDiscard = (): Promise<boolean> =>
  confirm({ title: "Discard your changes?", body: "What you typed here is not saved.", verb: "Discard", danger: true });

export const ConfirmHost = () => asked.value && <Ask key={asked.value.title} {...asked.value} />;

function Ask({ title, body, verb, danger, typed, answer }: Asked) {
  const [text, setText] = useState("");
  return (
    <Dialog
      title={title}
      onClose={() => answer(false)}
      foot={
        <>
          <button type="button" class="btn" data-first={typed === undefined || undefined} onClick={() => answer(false)}>
            Cancel
          </button>
          <button
            type="button"
            class={danger ? "btn pri danger" : "btn pri"}
            disabled={typed !== undefined && text.trim() !== typed}
            onClick={() => answer(true)}
          >
            {verb}
          </button>
        </>
      }
    >
      {typeof body === "string" ? <p>{body}</p> : body}
      {typed !== undefined && (
        <TextField
          first
          label={
            <span>
              Type <b>{typed}</b> to go on
            </span>
          }
          value={text}
          onValue={setText}
          input={{ autocapitalize: "none", spellcheck: false }}
        />
      )}
    </Dialog>
  );
}
