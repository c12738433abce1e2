// Notes inside the page, and the one way a failure is told: what happened, to which upstream, what to do next,
// and the request id to ask about.
import type { ComponentChildren } from "preact";
import type { ApiError } from "../api.ts";
import { Icon, type IconName } from "./icon.tsx";

type NoteTone = "ok" | "warn" | "bad" | "auth" | "info";
const ICONS: Record<NoteTone, IconName> = { ok: "ok", warn: "warn", bad: "bad", auth: "key", info: "info" };

export const Note = (props: {
  tone: NoteTone;
  children: ComponentChildren;
  actions?: ComponentChildren;
  live?: boolean;
}) => (
  <div class={`note ${props.tone}`} role={props.live ? "alert" : undefined}>
    <Icon name={ICONS[props.tone]} />
    <div>{props.children}</div>
    {props.actions}
  </div>
);

const STAGES = {
  connect: "connecting",
  initialize: "introducing itself",
  list: "listing what it offers",
  call: "answering a call",
};

const NEXT: Record<string, string> = {
  no_answer: "Check the connection, then try again.",
  forbidden: "Ask an administrator for this permission, or sign in with another token.",
  insufficient_scope: "Sign in with a token that has this scope.",
  not_found: "It may have been deleted. Go back to the list.",
  conflict: "Choose another name, or change the one that has it.",
  stale_version: "Someone changed it meanwhile. Reload to see their version.",
  upstream_refused: "Check that the URL is right and that the server is running and reachable from the gateway.",
  upstream_tls: "The server's certificate could not be verified. Workers accept public certificate authorities only.",
  upstream_nonsense: "The URL answered, but not as an MCP server. Many servers live at a path such as /mcp or /sse.",
  upstream_too_large: "The server sent more than the gateway takes.",
  upstream_status: "The server answered with an error. Its own log says more.",
  upstream_blocked: "The gateway may not reach this address. Private addresses must be allowed by its configuration.",
  upstream_timeout: "The server took too long. Try again, or look at its load.",
  upstream_auth_required: "The server asks for credentials. Add them under Credentials and probe again.",
  upstream_disabled: "Enable the server first.",
};

const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);

/** A failed request, told in full. `retry` adds a button. */
export const ErrorNote = ({ error, retry, what }: { error: ApiError; retry?: () => void; what?: string }) => {
  const { upstream, url, stage, challenge } = error.more;
  const next =
    NEXT[error.code] ?? (error.status >= 500 ? "Try again. If it stays, the log of the gateway says more." : null);
  return (
    <Note
      live
      tone={error.status === 424 || error.status === 403 ? "auth" : "bad"}
      actions={
        retry && (
          <button type="button" class="btn sm" onClick={retry}>
            <Icon name="refresh" />
            Retry
          </button>
        )
      }
    >
      <div>
        <b>{what ?? (error.status === 403 ? "You may not do this" : "That did not work")}.</b>{" "}
        <span>{sentence(error.message)}</span> {next}
      </div>
      {(upstream || url || stage || challenge || error.requestId) && (
        <dl class="facts">
          {upstream && <Fact name="Server">{upstream}</Fact>}
          {url && <Fact name="URL">{<code>{url}</code>}</Fact>}
          {stage && <Fact name="While">{STAGES[stage]}</Fact>}
          {challenge && <Fact name="It asked for">{<code>{challenge}</code>}</Fact>}
          {error.requestId && <Fact name="Request">{<code>{error.requestId}</code>}</Fact>}
        </dl>
      )}
    </Note>
  );
};

/** One line of a list of facts. */
export const Fact = ({ name, children }: { name: string; children: ComponentChildren }) => (
  <>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </>
);
