// What one MCP server offers, and the definitions the gateway could not take.
import type { ProbeResult } from "../../../../src/schemas/upstreams.ts";
import { changes, listAll } from "../../api.ts";
import { useLoad } from "../../load.ts";
import { Badge, EffectBadge } from "../../parts/badges.tsx";
import { ErrorNote } from "../../parts/note.tsx";
import { Skeleton } from "../../parts/skeleton.tsx";

export function UpstreamTools({ id }: { id: string }) {
  const { data, error, reload } = useLoad(`tools of ${id} ${changes.value.tools ?? 0}`, (signal) =>
    listAll("tools", { gateway_id: id }, signal),
  );
  if (error) return <ErrorNote error={error} retry={reload} what="Its tools did not load" />;
  if (data === undefined) return <Skeleton />;
  if (data.length === 0) return <p class="hint">It offers no tools, or none could be taken.</p>;
  return (
    <ul class="list">
      {data.map((tool) => (
        <li key={tool.id}>
          <span class="grow">
            <a class="m" href={`/ui/tools/${encodeURIComponent(tool.id)}`}>
              {tool.name}
            </a>
            <small>{tool.description}</small>
          </span>
          {!tool.enabled && <Badge tone="idle">Disabled</Badge>}
          <EffectBadge annotations={tool.annotations} />
        </li>
      ))}
    </ul>
  );
}

export const UpstreamProblems = ({ problems }: { problems: ProbeResult["problems"] }) => (
  <>
    <p class="hint">
      These definitions break the protocol, so the gateway left them out. Clients don't see them until the server is
      corrected and refreshed.
    </p>
    <ul class="list">
      {problems.map((problem) => (
        <li key={`${problem.kind} ${problem.name} ${problem.reason}`}>
          <span class="grow">
            <b class="m">{problem.name}</b>
            <small class="wrap">{problem.reason}</small>
          </span>
          <Badge tone="warn" icon="warn">
            {problem.kind}
          </Badge>
        </li>
      ))}
    </ul>
  </>
);
