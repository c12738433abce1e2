// Making a token. What it reaches may be in the address: ?server= a virtual server.
import { useState } from "preact/hooks";
import { changed, listAll } from "../../api.ts";
import { useJob, useLoad } from "../../load.ts";
import { here, navigate } from "../../location.ts";
import { ErrorNote } from "../../parts/note.tsx";
import { Skeleton } from "../../parts/skeleton.tsx";
import { bodyOf, type Draft, freshDraft } from "./draft.ts";
import { TokenForm } from "./form.tsx";
import { Revealed } from "./revealed.tsx";
import { addToken, type Made } from "./tokens.ts";

export function NewToken() {
  const { data, error, reload } = useLoad("servers for a token", (signal) =>
    listAll("servers", { include_inactive: false }, signal),
  );
  const job = useJob();
  const [made, setMade] = useState<Made>();
  if (data === undefined)
    return (
      <>
        <h1>New token</h1>
        {error ? <ErrorNote error={error} retry={reload} what="The virtual servers did not load" /> : <Skeleton />}
      </>
    );
  const asked = here.value.query.get("server");
  const first = data.find((server) => server.id === asked) ?? (data.length === 1 ? data[0] : undefined);
  const save = async (draft: Draft): Promise<void> => setMade(await job.run(() => addToken(bodyOf(draft))));
  const leave = (id: string): void => {
    changed("tokens");
    void navigate(`/ui/tokens/${encodeURIComponent(id)}`, { replace: true, force: true });
  };
  return (
    <>
      <TokenForm
        title="New token"
        about="For a program that calls tools. Starts narrow; widen only what it needs."
        start={freshDraft(first?.id)}
        servers={data}
        verb="Make token"
        busy={job.busy}
        error={job.error}
        save={save}
      >
        Its secret is shown once, right after. A token that is revoked is refused everywhere within 10 s.
      </TokenForm>
      {made && <Revealed made={made} onClose={() => leave(made.token.id)} />}
    </>
  );
}
