// Building a virtual server: left everything there is, right what clients will see, below what it costs them.
import { useMemo, useState } from "preact/hooks";
import { changed, get, listAll, type ServerRead, send } from "../../api.ts";
import { useJob, useLoad } from "../../load.ts";
import { navigate } from "../../location.ts";
import { useGuard } from "../../parts/guard.ts";
import { ErrorNote, Note } from "../../parts/note.tsx";
import { Skeleton } from "../../parts/skeleton.tsx";
import { toast } from "../../parts/toast.tsx";
import { mayTo } from "../../session.ts";
import { firstPlace } from "../access/place.tsx";
import { About } from "./about.tsx";
import { bodyOf, catalogOf, choose, type Draft, draftOf, EMPTY, type Item, KINDS, namesOf } from "./draft.ts";
import { BuilderHead } from "./head.tsx";
import { Picks } from "./picks.tsx";
import { SaveBar } from "./save-bar.tsx";
import { SourceTree } from "./source-tree.tsx";

/** `id` undefined builds a new one. */
export function BuilderPage({ id }: { id: string | undefined }) {
  const catalog = useLoad("catalog", async (signal) =>
    catalogOf(
      ...(await Promise.all([
        listAll("tools", {}, signal),
        listAll("prompts", {}, signal),
        listAll("resources", {}, signal),
      ])),
    ),
  );
  const server = useLoad(`server ${id}`, (signal) =>
    id === undefined ? Promise.resolve(null) : get<ServerRead>(`/servers/${encodeURIComponent(id)}`, signal),
  );
  const failed = catalog.error ?? server.error;
  if (failed)
    return (
      <>
        <h1>Virtual server</h1>
        <ErrorNote
          error={failed}
          what="The builder did not load"
          retry={catalog.error ? catalog.reload : server.reload}
        />
      </>
    );
  if (catalog.data === undefined || server.data === undefined)
    return (
      <>
        <h1>Virtual server</h1>
        <Skeleton />
      </>
    );
  return <Builder key={server.data?.version} catalog={catalog.data} saved={server.data} reload={server.reload} />;
}

type BuilderProps = { catalog: ReadonlyMap<string, Item>; saved: ServerRead | null; reload: () => void };

function Builder({ catalog: listed, saved, reload }: BuilderProps) {
  const [base, setBase] = useState(saved);
  const start = useMemo(
    () => (base === null ? { ...EMPTY, place: firstPlace("servers.create") } : draftOf(base)),
    [base],
  );
  const [draft, setDraft] = useState<Draft>(start);
  const [tried, setTried] = useState(false);
  const saving = useJob();
  const dirty = JSON.stringify(draft) !== JSON.stringify(start);
  const release = useGuard(dirty);

  const catalog = useMemo(() => withMembers(listed, base), [listed, base]);
  const held = useMemo(() => heldNames(base), [base]);
  const names = new Map(KINDS.flatMap((kind) => [...namesOf(draft.picks[kind], draft.aliases, held, catalog)]));
  const clashes = [...names.values()].filter((naming) => naming.clash).length;
  const put = (change: Partial<Draft>): void => setDraft({ ...draft, ...change });
  const pick = (items: readonly Item[], on: boolean): void => setDraft((before) => choose(before, items, on));

  const daysFine = draft.payloads === "off" || (/^\d+$/.test(draft.payloadDays) && inRange(Number(draft.payloadDays)));
  const mayChange = base === null || mayTo("servers.update", base);
  const save = async (): Promise<void> => {
    setTried(true);
    if (draft.name.trim() === "" || !daysFine || clashes > 0) {
      window.scrollTo({ top: 0 });
      return;
    }
    const body = bodyOf(draft);
    const result = await saving.run(() =>
      base === null
        ? send<ServerRead>("POST", "/servers", { body })
        : send<ServerRead>("PUT", `/servers/${encodeURIComponent(base.id)}`, { body, ifMatch: base.version }),
    );
    if (result === undefined) {
      window.scrollTo({ top: 0 });
      return;
    }
    release();
    changed("servers", "tools");
    toast(`${result.name} is saved`);
    setBase(result);
    setDraft(draftOf(result));
    if (base === null)
      await navigate(`/ui/virtual-servers/${encodeURIComponent(result.id)}`, { replace: true, force: true });
  };
  return (
    <>
      <BuilderHead server={base} dirty={dirty} onServer={setBase} onDeleted={() => release()} />
      {!mayChange && (
        <Note tone="auth">
          <b>You may look, but not change this virtual server.</b> It takes the permission <code>servers.update</code>.
        </Note>
      )}
      {saving.error &&
        (saving.error.status === 412 ? (
          <Note
            tone="warn"
            live
            actions={
              <button
                type="button"
                class="btn sm"
                onClick={() => {
                  release();
                  reload();
                }}
              >
                Reload, losing my changes
              </button>
            }
          >
            <b>Someone else saved this virtual server meanwhile.</b> Nothing of yours was saved. Copy what you need,
            then reload to see their version. <small>Request {saving.error.requestId}</small>
          </Note>
        ) : (
          <ErrorNote error={saving.error} what="Nothing was saved" />
        ))}
      <About
        draft={draft}
        put={put}
        now={base ?? undefined}
        nameError={tried && draft.name.trim() === "" ? "Enter a name" : saving.error?.fields.get("name")}
        daysError={tried && !daysFine ? "Enter a number of days, 1 to 90" : saving.error?.fields.get("payloadDays")}
        catalog={catalog}
      />
      <div class="build">
        <SourceTree catalog={catalog} draft={draft} pick={pick} />
        <Picks draft={draft} catalog={catalog} names={names} put={put} pick={pick} />
      </div>
      {mayChange && (
        <SaveBar
          draft={draft}
          catalog={catalog}
          dirty={dirty}
          busy={saving.busy}
          clashes={clashes}
          fresh={base === null}
          onSave={() => void save()}
          onDiscard={() => setDraft(start)}
        />
      )}
    </>
  );
}

const inRange = (days: number): boolean => days >= 1 && days <= 90;

const heldNames = (server: ServerRead | null): Map<string, string> =>
  new Map(
    server === null
      ? []
      : [...server.tools, ...server.prompts, ...server.resources].map((member) => [member.id, member.name]),
  );

/** The catalog, and members of the server that the lists no longer show. */
function withMembers(listed: ReadonlyMap<string, Item>, server: ServerRead | null): ReadonlyMap<string, Item> {
  if (server === null) return listed;
  const all = new Map(listed);
  for (const kind of KINDS)
    for (const member of server[kind])
      if (!all.has(member.id))
        all.set(member.id, {
          ...{
            id: member.id,
            kind,
            wanted: member.originalName,
            about: null,
            annotations: null,
            enabled: false,
            withheld: false,
            tokens: 0,
          },
          ...{ upstreamId: member.gatewayId, upstream: member.gatewayName ?? "unknown", slug: "" },
        });
  return all;
}
