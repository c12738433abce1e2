// The newest entries of the audit trail.
import type { AuditEntry } from "../../../../src/schemas/audit.ts";
import { When } from "../../parts/time.tsx";

export const Changes = ({ entries }: { entries: readonly AuditEntry[] }) => (
  <section class="card" aria-labelledby="changes">
    <header>
      <h2 id="changes">Recent changes</h2>
      <a class="push" href="/ui/audit">
        Audit
      </a>
    </header>
    {entries.length === 0 && <p class="src-none">Nothing was changed yet.</p>}
    <ul class="list">
      {entries.map((entry) => (
        <li key={entry.id}>
          <span class="grow">
            <a href={`/ui/audit/${entry.id}`}>
              <span class="m">{entry.action}</span> {typeof entry.detail.name === "string" && entry.detail.name}
            </a>
            <small>{entry.actor}</small>
          </span>
          <small>
            <When at={entry.at} />
          </small>
        </li>
      ))}
    </ul>
  </section>
);
