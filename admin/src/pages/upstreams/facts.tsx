// The overview of one MCP server: what it said about itself and how the gateway reaches it.
import type { UpstreamRead } from "../../api.ts";
import { Badge, ERAS, EraBadge, Tags } from "../../parts/badges.tsx";
import { CopyButton } from "../../parts/code.tsx";
import { Json } from "../../parts/json.tsx";
import { Fact, Note } from "../../parts/note.tsx";
import { count, When } from "../../parts/time.tsx";
import { EraSection } from "./era.tsx";

const AUTH: Record<string, string> = {
  none: "None",
  bearer: "Bearer token",
  basic: "Basic",
  authheaders: "Custom headers",
  api_key: "API key",
  query_param: "Query parameter",
};
export const authName = (type: string): string => AUTH[type] ?? type;

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

/** "name 1.2.3" of a serverInfo object. */
export const softwareOf = (info: Record<string, unknown> | null): string =>
  info === null ? "" : `${textOf(info.name)} ${textOf(info.version)}`.trim();

export function UpstreamFacts({ upstream }: { upstream: UpstreamRead }) {
  const software = softwareOf(upstream.serverInfo);
  return (
    <>
      {upstream.lastError && upstream.status === "down" && (
        <Note tone="bad">
          <b>The last attempt failed.</b> <span class="foreign">{upstream.lastError}</span>
        </Note>
      )}
      {upstream.description && <p class="foreign">{upstream.description}</p>}
      <dl class="facts">
        <Fact name="Era">
          <EraBadge era={upstream.era} version={upstream.protocolVersion} />
          {ERAS[upstream.era].word}
          {upstream.transportSetting === "auto" && <span class="mut">detected</span>}
        </Fact>
        {software && (
          <Fact name="Software">
            <span class="m">{software}</span>
          </Fact>
        )}
        <Fact name="Credentials">
          {authName(upstream.authType)}
          {upstream.authValue !== null && <span class="mut">stored, never shown</span>}
        </Fact>
        <Fact name="Offers">
          {[
            count(upstream.toolCount, "tool"),
            count(upstream.promptCount, "prompt"),
            count(upstream.resourceCount, "resource"),
          ].join(", ")}
        </Fact>
        <Fact name="Last seen">
          <When at={upstream.lastSeen} />
        </Fact>
        <Fact name="Last refresh">
          <When at={upstream.lastRefreshAt} />
        </Fact>
        {upstream.tags.length > 0 && (
          <Fact name="Tags">
            <Tags tags={upstream.tags} most={20} />
          </Fact>
        )}
        <Fact name="Added">
          <When at={upstream.createdAt} />
          {upstream.createdBy && <span class="mut">by {upstream.createdBy}</span>}
        </Fact>
        <Fact name="Id">
          <code>{upstream.id}</code>
          <CopyButton text={upstream.id} label="Copy id" />
        </Fact>
      </dl>
      <EraSection upstream={upstream} />
      <Capabilities capabilities={upstream.capabilities} />
      {upstream.instructions && <Instructions text={upstream.instructions} />}
    </>
  );
}

export const Capabilities = ({ capabilities }: { capabilities: Record<string, unknown> }) => {
  const names = Object.keys(capabilities);
  return (
    <section class="sect">
      <header>
        <h3>Capabilities</h3>
      </header>
      {names.length === 0 ? (
        <p class="hint">It declared none.</p>
      ) : (
        <>
          <div class="chips">
            {names.map((name) => (
              <Badge key={name} tone="line">
                {name}
              </Badge>
            ))}
          </div>
          <Json value={capabilities} />
        </>
      )}
    </section>
  );
};

export const Instructions = ({ text }: { text: string }) => (
  <section class="sect">
    <header>
      <h3>Instructions</h3>
      <small>what it tells the model</small>
    </header>
    <p class="foreign">{text}</p>
  </section>
);
