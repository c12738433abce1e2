// Changing what a token is held to. Its secret stays as it is, and so do its end and its team.
import { changed, listAll, type ServerRead } from "../../api.ts";
import { useJob, useLoad } from "../../load.ts";
import { navigate } from "../../location.ts";
import { ErrorNote } from "../../parts/note.tsx";
import { Skeleton } from "../../parts/skeleton.tsx";
import { toast } from "../../parts/toast.tsx";
import { type Draft, draftOf, scopeOf } from "./draft.ts";
import { TokenForm } from "./form.tsx";
import { changeToken, getToken, type Token } from "./tokens.ts";

export function EditToken({ id }: { id: string }) {
  const { data, error, reload } = useLoad(`token ${id} to edit`, (signal) =>
    Promise.all([getToken(id, false, signal), listAll("servers", {}, signal)]),
  );
  if (data !== undefined) return <Edit key={data[0].version} token={data[0]} servers={data[1]} reload={reload} />;
  return (
    <>
      <h1>Edit token</h1>
      {error ? <ErrorNote error={error} retry={reload} what="This token did not load" /> : <Skeleton />}
    </>
  );
}

function Edit({ token, servers, reload }: { token: Token; servers: ServerRead[]; reload: () => void }) {
  const { busy, error, run } = useJob();
  const save = async (draft: Draft): Promise<void> => {
    const { name, description } = draft;
    const body = { name: name.trim(), description: description.trim() || null, scope: scopeOf(draft) };
    if (!(await run(() => changeToken(token.id, body, token.version)))) return;
    changed("tokens");
    toast(`${body.name} is saved`);
    await navigate(`/ui/tokens/${encodeURIComponent(token.id)}`, { force: true });
  };
  const ends =
    token.expires_at === null ? "never" : new Date(token.expires_at).toLocaleDateString("en", { dateStyle: "long" });
  return (
    <>
      {error?.status === 412 && <ErrorNote error={error} what="Nothing was saved" retry={reload} />}
      <TokenForm
        title={`Edit ${token.name}`}
        about="Its secret stays as it is. To give it another one, rotate it."
        start={draftOf(token)}
        servers={servers}
        ends={ends}
        verb="Save changes"
        busy={busy}
        error={error?.status === 412 ? undefined : error}
        save={save}
      >
        What you change holds everywhere within 10 s.
      </TokenForm>
    </>
  );
}
