// What needs somebody: servers that do not answer, or offer what could not be taken.
import type { UpstreamRead } from "../../api.ts";
import { Badge, Monogram, StatusBadge } from "../../parts/badges.tsx";
import { count } from "../../parts/time.tsx";

/** Up, but some of what it offers could not be taken. */
export const isDegraded = (one: UpstreamRead): boolean => one.status === "up" && one.validationErrors.length > 0;

export function Needs({ upstreams }: { upstreams: readonly UpstreamRead[] }) {
  const needy = upstreams.filter((one) => one.status === "down" || isDegraded(one));
  if (needy.length === 0) return null;
  return (
    <section class="card" aria-labelledby="needs">
      <header>
        <h2 id="needs">Needs attention</h2>
      </header>
      <ul class="list">
        {needy.map((one) => (
          <li key={one.id}>
            <Monogram name={one.name} size="sm" />
            <span class="grow">
              <a href={`/ui/servers/${encodeURIComponent(one.id)}${one.status === "down" ? "" : "?tab=problems"}`}>
                {one.name}
              </a>
              <small>
                {one.status === "down"
                  ? (one.lastError ?? "It does not answer.")
                  : `${count(one.validationErrors.length, "definition")} could not be taken`}
              </small>
            </span>
            {one.status === "down" ? (
              <StatusBadge status="down" />
            ) : (
              <Badge tone="warn" icon="warn">
                Problems
              </Badge>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
