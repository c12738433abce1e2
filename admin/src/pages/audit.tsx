// Audit: who did what, newest first, and what was refused. What is asked for stands in the address.
import { here, navigate } from "../location.ts";
import { Segments } from "../parts/fields.tsx";
import { AuditCounts } from "./audit/counts.tsx";
import { AuditTrail } from "./audit/trail.tsx";

const VIEWS = [
  { value: "", label: "Changes" },
  { value: "counts", label: "Refused calls and uses of secrets" },
];

export function AuditPage({ id }: { id: string | undefined }) {
  const view = id === "counts" ? "counts" : "";
  const last = here.value.query.get("last");
  const to = (next: string): string => `/ui/audit${next && `/${next}`}${last ? `?last=${last}` : ""}`;
  const switcher = (
    <Segments label="What is shown" value={view} options={VIEWS} onValue={(next) => void navigate(to(next))} />
  );
  return view === "counts" ? <AuditCounts switcher={switcher} /> : <AuditTrail id={id} switcher={switcher} />;
}
