// Filters kept under a name: one's own, each a link.
import { useState } from "preact/hooks";
import type { SavedFilter, SavedFilterCreate } from "../../../../src/schemas/saved-filters.ts";
import { get, send } from "../../api.ts";
import { useJob, useLoad } from "../../load.ts";
import { here } from "../../location.ts";
import { BusyButton, TextField } from "../../parts/fields.tsx";
import { Icon } from "../../parts/icon.tsx";
import { Menu } from "../../parts/menu.tsx";
import { ErrorNote } from "../../parts/note.tsx";
import { ASKED } from "./requests.ts";

const FILTERS = "/saved-filters";

/** The filter as the address has it, without what is no filter. */
function askedNow(): string {
  const asked = [...here.value.query].filter(([name]) => (ASKED as readonly string[]).includes(name));
  return new URLSearchParams(asked).toString();
}

export const SavedFilters = () => (
  <Menu
    class="btn"
    end
    button={
      <>
        <Icon name="eye" />
        Saved
      </>
    }
  >
    {(close) => <Saved close={close} />}
  </Menu>
);

function Saved({ close }: { close: () => void }) {
  const { data, error, reload } = useLoad("saved filters", (signal) =>
    get<{ filters: SavedFilter[] }>(`${FILTERS}?page=requests`, signal),
  );
  const [name, setName] = useState("");
  const job = useJob();
  const query = askedNow();
  const keep = async (): Promise<void> => {
    const body: SavedFilterCreate = { page: "requests", name: name.trim(), query };
    if (!(await job.run(() => send<SavedFilter>("POST", FILTERS, { body })))) return;
    setName("");
    reload();
  };
  const drop = async ({ id }: SavedFilter): Promise<void> => {
    await job.run(() => send("DELETE", `${FILTERS}/${encodeURIComponent(id)}`));
    reload();
  };
  const failure = error ?? job.error;
  return (
    <>
      {failure && <ErrorNote error={failure} />}
      {data?.filters.length === 0 && <p>Filters that you keep stand here.</p>}
      {data?.filters.map((one) => (
        <div key={one.id} class="row keep">
          <a class="item" href={`/ui/requests?${one.query}`} onClick={close}>
            {one.name}
          </a>
          <button
            type="button"
            class="btn quiet icon sm"
            aria-label={`Forget ${one.name}`}
            onClick={() => void drop(one)}
          >
            <Icon name="x" />
          </button>
        </div>
      ))}
      {query === "" ? (
        <p>Choose a filter to keep it.</p>
      ) : (
        <form
          class="menu-f"
          onSubmit={(event) => {
            event.preventDefault();
            if (name.trim() !== "") void keep();
          }}
        >
          <TextField label="Keep this filter as" value={name} onValue={setName} input={{ maxLength: 100 }} />
          <BusyButton class="sm" submit busy={job.busy} disabled={name.trim() === ""}>
            Keep
          </BusyButton>
        </form>
      )}
    </>
  );
}
