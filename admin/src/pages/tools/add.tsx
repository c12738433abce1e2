// Turning a REST endpoint into a tool.
import { useState } from "preact/hooks";
import type { ToolCreate } from "../../../../src/schemas/tools.ts";
import { changed, send, type ToolRead } from "../../api.ts";
import { useJob } from "../../load.ts";
import { Drawer } from "../../parts/drawer.tsx";
import { AreaField, BusyButton, SelectField, TextField } from "../../parts/fields.tsx";
import { useGuard } from "../../parts/guard.ts";
import { ErrorNote } from "../../parts/note.tsx";
import { isObject, type Schema } from "../../parts/schema/schema.ts";
import { SchemaTree } from "../../parts/schema/tree.tsx";
import { toast } from "../../parts/toast.tsx";
import { firstPlace, type Place, PlaceField } from "../access/place.tsx";

const METHODS = (["GET", "POST", "PUT", "PATCH", "DELETE"] as const).map((value) => ({ value, label: value }));
const SAMPLE = JSON.stringify(
  { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
  null,
  2,
);

type Draft = { name: string; url: string; requestType: string; description: string; schema: string; place: Place };
const start = (): Draft => ({
  name: "",
  url: "",
  requestType: "POST",
  description: "",
  schema: SAMPLE,
  place: firstPlace("tools.create"),
});

function parseSchema(text: string): Schema | string {
  try {
    const schema: unknown = JSON.parse(text);
    return isObject(schema) && schema.type === "object" ? schema : 'Must be a JSON Schema with "type": "object"';
  } catch (error) {
    return error instanceof Error ? error.message : "This is not JSON";
  }
}

export function AddTool({ onClose, onDone }: { onClose: () => void; onDone: (id: string) => void }) {
  const [START] = useState(start);
  const [draft, setDraft] = useState(START);
  const [tried, setTried] = useState(false);
  const { busy, error, run } = useJob();
  const dirty = JSON.stringify(draft) !== JSON.stringify(START);
  const release = useGuard(dirty);
  const put = (change: Partial<Draft>): void => setDraft({ ...draft, ...change });
  const schema = parseSchema(draft.schema);
  const wrong = {
    name: /^[A-Za-z0-9_][A-Za-z0-9._/-]{0,127}$/.test(draft.name) ? undefined : "1 to 128 letters, digits or . _ / -",
    url: URL.canParse(draft.url) ? undefined : "Enter an http or https URL",
    schema: typeof schema === "string" ? schema : undefined,
  };
  const told = (field: "name" | "url" | "schema", sent: string): string | undefined =>
    error?.fields.get(sent) ?? (tried ? wrong[field] : undefined);
  const submit = async (): Promise<void> => {
    setTried(true);
    if (wrong.name || wrong.url || typeof schema === "string") return;
    const { name, url, description } = draft;
    const requestType = METHODS.find((method) => method.value === draft.requestType)?.value ?? "POST";
    const body: ToolCreate = {
      name,
      url,
      requestType,
      description: description || null,
      inputSchema: schema,
      integrationType: "REST",
      ...draft.place,
    };
    const added = await run(() => send<ToolRead>("POST", "/tools", { body }));
    if (added === undefined) return;
    release();
    toast(`${added.name} is added`);
    changed("tools");
    onDone(added.id);
  };
  return (
    <Drawer
      title="Add REST tool"
      onClose={onClose}
      onSubmit={() => void submit()}
      foot={
        <>
          <BusyButton class="pri" submit busy={busy}>
            Add tool
          </BusyButton>
          <button type="button" class="btn quiet" onClick={onClose}>
            Cancel
          </button>
        </>
      }
    >
      {error && <ErrorNote error={error} what="Nothing was saved" />}
      <div class="stack">
        <TextField
          label="Name"
          required
          first
          mono
          hint="What models call it, for example get_weather"
          error={told("name", "name")}
          value={draft.name}
          onValue={(name) => put({ name })}
        />
        <div class="method">
          <SelectField
            label="Method"
            value={draft.requestType}
            options={METHODS}
            onValue={(requestType) => put({ requestType })}
          />
          <TextField
            label="URL"
            required
            mono
            error={told("url", "url")}
            input={{ type: "url", placeholder: "https://api.example.com/weather" }}
            value={draft.url}
            onValue={(url) => put({ url })}
          />
        </div>
        <AreaField
          label="Description"
          hint="When and how a model should use it"
          value={draft.description}
          onValue={(description) => put({ description })}
        />
        <AreaField
          label="Input schema"
          required
          mono
          rows={10}
          error={told("schema", "inputSchema")}
          value={draft.schema}
          onValue={(text) => put({ schema: text })}
        />
        <PlaceField permission="tools.create" value={draft.place} onValue={(place) => put({ place })} />
        {typeof schema !== "string" && <SchemaTree schema={schema} root={schema} />}
      </div>
    </Drawer>
  );
}
