// The overview of one tool.
import type { ToolRead } from "../../api.ts";
import { Tags } from "../../parts/badges.tsx";
import { CopyButton } from "../../parts/code.tsx";
import { Fact } from "../../parts/note.tsx";
import { When } from "../../parts/time.tsx";

const HINTS = [
  ["readOnlyHint", "reads only", "changes things"],
  ["destructiveHint", "may destroy data", "only adds"],
  ["idempotentHint", "calling twice does no more", "calling twice does more"],
  ["openWorldHint", "reaches the outside world", "stays in a closed world"],
] as const;

export function ToolFacts({ tool }: { tool: ToolRead }) {
  const hints = HINTS.filter(([key]) => typeof tool.annotations?.[key] === "boolean").map(([key, yes, no]) =>
    tool.annotations?.[key] ? yes : no,
  );
  return (
    <>
      {tool.title && <b class="foreign">{tool.title}</b>}
      <p class="foreign">{tool.description ?? "It has no description."}</p>
      <dl class="facts">
        <Fact name="Source">
          {tool.gatewayId ? (
            <a href={`/ui/servers/${encodeURIComponent(tool.gatewayId)}`}>{tool.gatewayName}</a>
          ) : (
            "this gateway"
          )}
        </Fact>
        <Fact name="Kind">{tool.integrationType}</Fact>
        {tool.integrationType === "REST" && (
          <Fact name="Request">
            <code>
              {tool.requestType} {tool.url}
            </code>
          </Fact>
        )}
        {tool.originalName !== tool.name && (
          <Fact name="There called">
            <code>{tool.originalName}</code>
          </Fact>
        )}
        <Fact name="Says it">
          {hints.length > 0 ? hints.join(", ") : <span class="mut">nothing about its effects</span>}
        </Fact>
        <Fact name="Used in">
          {tool.servers.length === 0 && <span class="mut">no virtual server</span>}
          {tool.servers.map((server) => (
            <a key={server.id} href={`/ui/virtual-servers/${encodeURIComponent(server.id)}`}>
              {server.name}
            </a>
          ))}
        </Fact>
        {tool.tags.length > 0 && (
          <Fact name="Tags">
            <Tags tags={tool.tags} most={20} />
          </Fact>
        )}
        <Fact name="Changed">
          <When at={tool.updatedAt} />
        </Fact>
        <Fact name="Id">
          <code>{tool.id}</code>
          <CopyButton text={tool.id} label="Copy id" />
        </Fact>
      </dl>
    </>
  );
}
