// The drawer on the right and the small dialog: native <dialog>, so focus is held and given back by the browser.
import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import { Icon } from "./icon.tsx";

type ModalProps = { class: string; label: string; onClose: () => void; children: ComponentChildren };

/** A modal <dialog>. Escape and a click beside it call onClose; focus goes to `[data-first]`, else to the dialog. */
export function Modal({ class: name, label, onClose, children }: ModalProps) {
  const ref = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const dialog = ref.current;
    if (dialog === null) return;
    dialog.showModal();
    const first = dialog.querySelector<HTMLElement>("[data-first]") ?? dialog;
    first.focus();
    return () => dialog.close();
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape arrives as the cancel event
    <dialog
      ref={ref}
      class={name}
      tabIndex={-1}
      aria-labelledby={label}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => event.target === event.currentTarget && onClose()}
    >
      {children}
    </dialog>
  );
}

type DrawerProps = {
  title: string;
  lead?: ComponentChildren;
  marks?: ComponentChildren;
  sub?: ComponentChildren;
  tabs?: ComponentChildren;
  foot?: ComponentChildren;
  wide?: boolean;
  onClose: () => void;
  onSubmit?: () => void;
  children: ComponentChildren;
};

/** The right drawer: head with title and tabs, a body that scrolls, a foot with what can be done. */
export function Drawer(props: DrawerProps) {
  const id = useId();
  const inner = (
    <>
      <div class="drawer-h">
        <div class="drawer-t">
          {props.lead}
          <div>
            <div class="row">
              <h2 id={id}>{props.title}</h2>
              {props.marks}
            </div>
            {props.sub && <small>{props.sub}</small>}
          </div>
          <button type="button" class="btn quiet icon sm" aria-label="Close" title="Close" onClick={props.onClose}>
            <Icon name="x" />
          </button>
        </div>
        {props.tabs}
      </div>
      <div class="drawer-b">{props.children}</div>
      {props.foot && <div class="drawer-f">{props.foot}</div>}
    </>
  );
  return (
    <Modal class={props.wide ? "drawer wide" : "drawer"} label={id} onClose={props.onClose}>
      {props.onSubmit === undefined ? (
        inner
      ) : (
        <form
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            props.onSubmit?.();
          }}
        >
          {inner}
        </form>
      )}
    </Modal>
  );
}

/** A small dialog in the middle. */
export function Dialog(props: {
  title: string;
  foot: ComponentChildren;
  onClose: () => void;
  children: ComponentChildren;
}) {
  const id = useId();
  return (
    <Modal class="dialog" label={id} onClose={props.onClose}>
      <header>
        <h2 id={id}>{props.title}</h2>
      </header>
      <div class="dialog-b">{props.children}</div>
      <footer>{props.foot}</footer>
    </Modal>
  );
}
