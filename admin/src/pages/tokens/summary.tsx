// What the token will be, in a sentence and a few facts, beside the form.
import type { ComponentChildren } from "preact";
import type { ServerRead } from "../../api.ts";
import { BusyButton } from "../../parts/fields.tsx";
import { Icon } from "../../parts/icon.tsx";
import { Fact, Note } from "../../parts/note.tsx";
import { count } from "../../parts/time.tsx";
import { addressesOf, type Draft, permissionsOf, reachedTools } from "./draft.ts";
import { serverName } from "./marks.tsx";

type Props = {
  draft: Draft;
  servers: readonly ServerRead[];
  /** When it ends, in words. */
  ends: string;
  verb: string;
  busy: boolean;
  /** How many fields need a look. */
  wrong: number;
  children: ComponentChildren;
};

export function Summary({ draft, servers, ends, verb, busy, wrong, children }: Props) {
  const permissions = permissionsOf(draft);
  const calls = permissions === undefined || permissions.includes("tools.execute");
  const where = draft.servers.map((id) => serverName(servers, id));
  const addresses = addressesOf(draft).length;
  return (
    <aside class="card sum" aria-labelledby="sum-h">
      <header>
        <h2 id="sum-h">This token</h2>
      </header>
      <div class="card-b stack">
        <p>
          A program called <b>{draft.name.trim() || "…"}</b> may {calls ? "call" : "see"}{" "}
          {where.length === 0 ? (
            <b>everything you may</b>
          ) : (
            <>
              <b>{count(reachedTools(draft, servers), "tool")}</b> in <b>{where.join(", ")}</b>
            </>
          )}
          .
        </p>
        <dl class="facts">
          <Fact name="Ends">{ends}</Fact>
          <Fact name="Permissions">
            {permissions === undefined ? "all you have" : permissions.length.toLocaleString("en")}
          </Fact>
          <Fact name="From">
            {addresses === 0 ? "anywhere" : count(addresses, "address or range", "addresses or ranges")}
          </Fact>
        </dl>
        <Note tone="info">{children}</Note>
        <BusyButton class="pri full" submit busy={busy}>
          {verb}
        </BusyButton>
        {wrong > 0 && (
          <p class="hint bad" role="alert">
            <Icon name="bad" />
            {count(wrong, "field needs", "fields need")} a look
          </p>
        )}
      </div>
    </aside>
  );
}
