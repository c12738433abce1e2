// One group of duplicates: its tools side by side, what they do not have in common marked.
import { useState } from "preact/hooks";
import { Badge } from "../../parts/badges.tsx";
import { count } from "../../parts/time.tsx";
import { may } from "../../session.ts";
import { argumentsOf, descriptions, type Group, type Piece, sourceOf, type Tool } from "./differences.ts";
import { UseDialog } from "./use.tsx";

export const WHY = {
  name: { label: "Same name", title: "The servers call it the same" },
  url: { label: "Same address", title: "They call the same URL" },
  similar: { label: "Similar", title: "Description and arguments are nearly the same" },
} as const;

export function GroupCard({ group }: { group: Group }) {
  const [kept, setKept] = useState<Tool>();
  const { tools, why, similarity } = group;
  const [texts, inputs] = [descriptions(tools), argumentsOf(tools)];
  const names = [...new Set(tools.map(({ originalName }) => originalName))];
  return (
    <section class="card" aria-label={names.join(", ")}>
      <header>
        <h2 class="m twins-n">{names.join(", ")}</h2>
        {why.map((one) => (
          <Badge key={one} tone="tide" title={WHY[one].title}>
            {WHY[one].label}
          </Badge>
        ))}
        <small class="push n" title="By description and arguments: the first one and the one least like it">
          {Math.round(similarity * 100)} % alike
        </small>
      </header>
      <ul class="twins">
        {tools.map((tool, at) => (
          <li key={tool.id}>
            <Twin tool={tool} text={texts[at] ?? []} inputs={inputs[at] ?? []} />
            {may("servers.update") && (
              <button
                type="button"
                class="btn sm"
                aria-label={`Use this one: ${tool.name} of ${sourceOf(tool)}`}
                onClick={() => setKept(tool)}
              >
                Use this one
              </button>
            )}
          </li>
        ))}
      </ul>
      {kept && <UseDialog kept={kept} tools={tools} onClose={() => setKept(undefined)} />}
    </section>
  );
}

const Twin = ({ tool, text, inputs }: { tool: Tool; text: readonly Piece[]; inputs: readonly Piece[] }) => (
  <>
    <div class="twin-h">
      <a class="m" href={`/ui/tools/${encodeURIComponent(tool.id)}`}>
        {tool.name}
      </a>
      <small>{sourceOf(tool)}</small>
    </div>
    <p class="foreign">{text.length === 0 ? <span class="mut">No description</span> : text.map(marked)}</p>
    <ul class="twin-a m" aria-label="Arguments">
      {inputs.length === 0 && <li class="mut">No arguments</li>}
      {inputs.map((input) => (
        <li key={input.text}>{marked(input)}</li>
      ))}
    </ul>
    <small title={tool.usedIn.map(({ name }) => name).join(", ")}>
      {tool.usedIn.length === 0 ? "In no virtual server" : `In ${count(tool.usedIn.length, "virtual server")}`}
    </small>
  </>
);

const marked = ({ text, differs }: Piece) => (differs ? <mark>{text}</mark> : text);
