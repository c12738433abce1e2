// Text to take along: a block with Copy and Download, and the small copy button.
import { useState } from "preact/hooks";
import { Icon } from "./icon.tsx";

const SHOWN_MS = 1600;

type CopyProps = { text: string; label: string; small?: boolean; word?: boolean | string };

/** Copies a text and says so for a moment; `word` shows "Copy", or itself, beside the icon. */
export function CopyButton({ text, label, small = true, word }: CopyProps) {
  const [state, setState] = useState<"rest" | "done" | "failed">("rest");
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      setState("done");
    } catch {
      setState("failed");
    }
    setTimeout(setState, SHOWN_MS, "rest");
  };
  const said = { rest: label, done: "Copied", failed: "The browser did not allow copying" }[state];
  const icon = ({ rest: "copy", done: "check", failed: "x" } as const)[state];
  return (
    <button
      type="button"
      class={`btn quiet ${word ? "" : "icon"} ${small ? "sm" : ""}`}
      aria-label={state === "rest" ? label : said}
      title={said}
      onClick={copy}
    >
      <Icon name={icon} />
      {word && (state === "rest" ? (word === true ? "Copy" : word) : said)}
      <span class="sr" role="status">
        {state === "rest" ? "" : said}
      </span>
    </button>
  );
}

/** A block of code with what it is above it. `file` adds a download under that name. */
export function Code(props: { title: string; text: string; file?: string; wrap?: boolean }) {
  return (
    <figure class={props.wrap ? "code wrap" : "code"}>
      <figcaption>
        <span>{props.title}</span>
        {props.file && <DownloadButton text={props.text} file={props.file} />}
        <CopyButton word text={props.text} label={`Copy ${props.title}`} />
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it */}
      <pre tabIndex={0}>
        <code>{props.text}</code>
      </pre>
    </figure>
  );
}

const DownloadButton = ({ text, file }: { text: string; file: string }) => (
  <button
    type="button"
    class="btn quiet icon sm"
    aria-label={`Download ${file}`}
    title={`Download ${file}`}
    onClick={() => {
      const url = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
      const link = Object.assign(document.createElement("a"), { href: url, download: file });
      link.click();
      URL.revokeObjectURL(url);
    }}
  >
    <Icon name="download" />
  </button>
);
