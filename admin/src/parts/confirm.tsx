// Asking before something is lost. The text names the consequence; the button is the verb.
import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { Dialog } from "./drawer.tsx";

type Question = { title: string; body: ComponentChildren; verb: string; danger?: boolean };

const asked = signal<(Question & { answer: (yes: boolean) => void }) | undefined>(undefined);

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

export function ConfirmHost() {
  const question = asked.value;
  if (question === undefined) return null;
  return (
    <Dialog
      title={question.title}
      onClose={() => question.answer(false)}
      foot={
        <>
          <button type="button" class="btn" data-first onClick={() => question.answer(false)}>
            Cancel
          </button>
          <button
            type="button"
            class={question.danger ? "btn pri danger" : "btn pri"}
            onClick={() => question.answer(true)}
          >
            {question.verb}
          </button>
        </>
      }
    >
      {typeof question.body === "string" ? <p>{question.body}</p> : question.body}
    </Dialog>
  );
}
