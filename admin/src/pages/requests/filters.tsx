// The bar above the requests: time, what came of them, of what, by whom. All of it lives in the address.
import { here, setQuery } from "../../location.ts";
import { Field, Segments, Switch } from "../../parts/fields.tsx";
import { ChipOne, ClearFilters, type Option, Search } from "../../parts/filters.tsx";
import { Icon } from "../../parts/icon.tsx";
import { Menu } from "../../parts/menu.tsx";
import { ChipText } from "../audit/chips.tsx";
import { ASKED, type Known, OUTCOME_WORDS, SPANS } from "./requests.ts";

const OUTCOMES = Object.entries(OUTCOME_WORDS).map(([value, { word }]) => ({ value, label: word }));
const METHODS = [
  "tools/call",
  "tools/list",
  "prompts/get",
  "prompts/list",
  "resources/read",
  "resources/list",
  "resources/templates/list",
  "completion/complete",
  "initialize",
  "server/discover",
].map((value) => ({ value, label: value }));
const SPEEDS = [
  { value: "100", label: "100 ms" },
  { value: "500", label: "500 ms" },
  { value: "1000", label: "1 s" },
  { value: "5000", label: "5 s" },
  { value: "30000", label: "30 s" },
];
const ANY_TIME = { value: "", label: "All" };

/** The choices, and what the address asks for when it is another. */
const withOwn = (field: string, options: readonly Option[]): readonly Option[] => {
  const asked = here.value.query.get(field);
  return !asked || options.some(({ value }) => value === asked)
    ? options
    : [...options, { value: asked, label: asked }];
};

const named = (things: readonly { id: string; name: string }[] = []): Option[] =>
  things.map(({ id, name }) => ({ value: id, label: name }));

export function RequestFilters({ known }: { known: Known | undefined }) {
  const { query } = here.value;
  return (
    <div class="bar">
      <Search label="Search requests" />
      <Segments
        label="Time"
        value={query.has("since") || query.has("until") ? "between" : (query.get("last") ?? "")}
        options={[...SPANS, ANY_TIME]}
        onValue={(last) => void setQuery({ last, since: null, until: null })}
      />
      <Switch
        on={query.get("errors_only") === "true"}
        onSwitch={(on) => void setQuery({ errors_only: on ? "true" : null })}
      >
        Errors only
      </Switch>
      <div class="chips">
        <ChipBetween />
        <ChipOne name="Outcome" field="outcome" options={withOwn("outcome", OUTCOMES)} />
        <ChipOne name="Method" field="method" options={withOwn("method", METHODS)} />
        <ChipOne name="Server" field="upstream" options={withOwn("upstream", named(known?.upstreams))} />
        <ChipOne name="Virtual server" field="server" options={withOwn("server", named(known?.servers))} />
        <ChipText name="What" field="name" hint="The whole name of a tool or prompt, or a URI" />
        <ChipText name="Client" field="client" hint="Its name, or how that begins" />
        <ChipText name="User" field="user" hint="The whole address" />
        <ChipText name="Token" field="token" hint="The id of the token" />
        <ChipText name="Error" field="error" hint="A code: upstream_timeout, -32602" />
        <ChipText name="Request" field="request_id" hint="The whole request id" />
        <ChipOne name="Slower than" field="min_ms" options={withOwn("min_ms", SPEEDS)} />
        <ClearFilters fields={ASKED} />
      </div>
    </div>
  );
}

/** A time of the address as a field for dates shows it: where the person is. */
function local(text: string | null): string {
  const at = Date.parse(text ?? "");
  if (Number.isNaN(at)) return "";
  return new Date(at - new Date(at).getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

const words = (text: string | null): string | undefined =>
  text === null ? undefined : new Date(text).toLocaleString("en", { dateStyle: "medium", timeStyle: "short" });

/** A chip that holds two moments. */
function ChipBetween() {
  const { query } = here.value;
  const [since, until] = [query.get("since"), query.get("until")];
  const put = (field: "since" | "until", value: string): void =>
    void setQuery({ [field]: value === "" ? null : new Date(value).toISOString(), last: null });
  const value = since || until ? `${words(since) ?? "the beginning"} to ${words(until) ?? "now"}` : "";
  return (
    <Menu
      class={value ? "chip on" : "chip"}
      button={
        <>
          Between{value && ": "}
          {value && <b>{value}</b>}
          <Icon name="down" />
        </>
      }
    >
      {() => (
        <div class="menu-f">
          <Moment label="From" value={local(since)} onValue={(next) => put("since", next)} />
          <Moment label="Up to" value={local(until)} onValue={(next) => put("until", next)} />
          <p>{Intl.DateTimeFormat().resolvedOptions().timeZone}</p>
        </div>
      )}
    </Menu>
  );
}

const Moment = (props: { label: string; value: string; onValue: (value: string) => void }) => (
  <Field label={props.label}>
    {(described) => (
      <input
        {...described}
        type="datetime-local"
        class="in"
        value={props.value}
        onChange={(event) => props.onValue(event.currentTarget.value)}
      />
    )}
  </Field>
);
