// One tool: what it says about itself, what it takes and gives, and a place to try it.
import { changed, changes, get, send, setState, type ToolRead } from "../../api.ts";
import { useJob, useLoad } from "../../load.ts";
import { Badge, EffectBadge, OnOffBadge } from "../../parts/badges.tsx";
import { Code } from "../../parts/code.tsx";
import { confirm } from "../../parts/confirm.tsx";
import { Drawer } from "../../parts/drawer.tsx";
import { BusyButton } from "../../parts/fields.tsx";
import { ErrorNote } from "../../parts/note.tsx";
import { SchemaTree } from "../../parts/schema/tree.tsx";
import { Skeleton } from "../../parts/skeleton.tsx";
import { TabPanel, Tabs, tabOf } from "../../parts/tabs.tsx";
import { count } from "../../parts/time.tsx";
import { toast } from "../../parts/toast.tsx";
import { mayTo } from "../../session.ts";
import { PlaceBadge } from "../access/place.tsx";
import { Withheld } from "../changes/withheld.tsx";
import { ToolFacts } from "./facts.tsx";
import { TryTool } from "./try.tsx";

const TABS = [
  { id: "overview", label: "Overview" },
  { id: "try", label: "Try it" },
  { id: "schema", label: "Schema" },
  { id: "definition", label: "Definition" },
];

export function ToolDrawer({ id, onClose }: { id: string; onClose: () => void }) {
  const path = `/tools/${encodeURIComponent(id)}`;
  const { data, error, reload } = useLoad(`${path} ${changes.value.tools ?? 0}`, (signal) =>
    get<ToolRead>(path, signal),
  );
  if (data === undefined)
    return (
      <Drawer title={error ? "Tool" : "Loading"} onClose={onClose}>
        {error ? <ErrorNote error={error} retry={reload} what="This tool did not load" /> : <Skeleton />}
      </Drawer>
    );
  return <Opened tool={data} onClose={onClose} />;
}

function Opened({ tool, onClose }: { tool: ToolRead; onClose: () => void }) {
  const tab = tabOf(TABS);
  const state = useJob();
  const removal = useJob();
  const toggle = async (): Promise<void> => {
    await state.run(() => setState("tools", tool.id, !tool.enabled));
    changed("tools", "servers");
  };
  const remove = async (): Promise<void> => {
    const body =
      tool.servers.length === 0
        ? "No virtual server uses it. This can't be undone."
        : `${count(tool.servers.length, "virtual server loses", "virtual servers lose")} it: ${tool.servers.map((one) => one.name).join(", ")}. This can't be undone.`;
    if (!(await confirm({ title: `Delete ${tool.name}?`, body, verb: "Delete tool", danger: true }))) return;
    if (!(await removal.run(() => send("DELETE", `/tools/${tool.id}`).then(() => true)))) return;
    toast(`${tool.name} is deleted`);
    onClose();
    changed("tools", "servers");
  };
  const failure = state.error ?? removal.error;
  return (
    <Drawer
      title={tool.name}
      wide={tab === "try"}
      marks={
        <>
          <OnOffBadge on={tool.enabled} />
          <EffectBadge annotations={tool.annotations} />
          <PlaceBadge row={tool} />
          {tool.withheld && <Withheld id={tool.id} />}
          {tool.deprecated && <Badge tone="warn">deprecated</Badge>}
        </>
      }
      sub={tool.gatewayName ?? "REST tool of this gateway"}
      tabs={<Tabs tabs={TABS} label={`About ${tool.name}`} />}
      onClose={onClose}
      foot={
        tab === "overview" &&
        mayTo("tools.update", tool) && (
          <>
            {mayTo("tools.update", tool) && (
              <BusyButton busy={state.busy} icon="power" onClick={() => void toggle()}>
                {tool.enabled ? "Disable" : "Enable"}
              </BusyButton>
            )}
            <span class="push" />
            {tool.integrationType === "REST" && mayTo("tools.delete", tool) && (
              <BusyButton class="danger" busy={removal.busy} icon="trash" onClick={() => void remove()}>
                Delete
              </BusyButton>
            )}
          </>
        )
      }
    >
      {failure && <ErrorNote error={failure} />}
      <TabPanel id={tab}>
        {tab === "overview" && <ToolFacts tool={tool} />}
        {tab === "try" && <TryTool tool={tool} />}
        {tab === "schema" && <Schemas tool={tool} />}
        {tab === "definition" && (
          <Code
            title="As its server gave it"
            text={JSON.stringify(tool.definition, null, 2)}
            file={`${tool.name}.json`}
            wrap
          />
        )}
      </TabPanel>
    </Drawer>
  );
}

const Schemas = ({ tool }: { tool: ToolRead }) => (
  <>
    <SchemaSection title="Takes" schema={tool.inputSchema} none="It takes no arguments." />
    {tool.outputSchema ? (
      <SchemaSection title="Gives" schema={tool.outputSchema} none="An object of any shape." />
    ) : (
      <p class="hint">It does not say what it gives.</p>
    )}
  </>
);

const SchemaSection = ({ title, schema, none }: { title: string; schema: Record<string, unknown>; none: string }) => (
  <section class="sect">
    <header>
      <h3>{title}</h3>
    </header>
    {Object.keys(Object(schema.properties)).length === 0 && <p class="hint">{none}</p>}
    <SchemaTree schema={schema} root={schema} />
    <details>
      <summary>JSON Schema</summary>
      <Code title={title} text={JSON.stringify(schema, null, 2)} wrap />
    </details>
  </section>
);
