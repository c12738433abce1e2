// What a probe found, before anything is saved.
import { useEffect, useRef } from "preact/hooks";
import type { ProbeResult } from "../../../../src/schemas/upstreams.ts";
import { EffectBadge, EraBadge, effectOf } from "../../parts/badges.tsx";
import { Fact, Note } from "../../parts/note.tsx";
import { count } from "../../parts/time.tsx";
import { WarningLine } from "../changes/marks.tsx";
import { seen } from "./era.tsx";
import { Capabilities, Instructions, softwareOf } from "./facts.tsx";
import { UpstreamProblems } from "./offers.tsx";

const SHOWN = 100;

export function ProbeFound({ found }: { found: ProbeResult }) {
  const destructive = found.tools.filter((tool) => effectOf(tool.annotations) === "destroys").length;
  const top = useRef<HTMLElement>(null);
  useEffect(() => top.current?.scrollIntoView({ block: "start" }), []);
  const { tools, prompts, resources, templates } = found.componentCounts;
  return (
    <section class="sect" aria-label="What the probe found" ref={top}>
      <Note tone="ok" live>
        <b>It answered</b> in {Math.round(found.latencyMs)} ms. Nothing is saved yet.
      </Note>
      <dl class="facts">
        <Fact name="Era">
          <EraBadge era={found.era} version={found.protocolVersion} />
        </Fact>
        <Fact name="Seen">{seen(found.evidence)}</Fact>
        <Fact name="Software">
          <span class="m">{softwareOf(found.serverInfo) || "not said"}</span>
        </Fact>
        <Fact name="Offers">
          {[
            count(tools, "tool"),
            count(prompts, "prompt"),
            count(resources, "resource"),
            count(templates, "template"),
          ].join(", ")}
        </Fact>
      </dl>
      {found.problems.length > 0 && (
        <section class="sect">
          <header>
            <h3>{count(found.problems.length, "problem")}</h3>
          </header>
          <UpstreamProblems problems={found.problems} />
        </section>
      )}
      <section class="sect">
        <header>
          <h3>Tools</h3>
          {destructive > 0 && <small>{count(destructive, "says it", "say they")} may destroy data</small>}
        </header>
        {found.tools.length === 0 && <p class="hint">It offers no tools.</p>}
        <ul class="list">
          {found.tools.slice(0, SHOWN).map((tool) => (
            <li key={tool.name}>
              <span class="grow">
                <b class="m">{tool.name}</b>
                <small>{tool.description ?? tool.title}</small>
                {tool.warnings.length > 0 && <WarningLine warnings={tool.warnings} />}
              </span>
              <EffectBadge annotations={tool.annotations} />
            </li>
          ))}
        </ul>
        {found.tools.length > SHOWN && <p class="hint">and {found.tools.length - SHOWN} more</p>}
      </section>
      <Capabilities capabilities={found.capabilities} />
      {found.instructions && <Instructions text={found.instructions} />}
    </section>
  );
}
