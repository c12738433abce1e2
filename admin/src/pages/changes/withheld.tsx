// The mark of a tool that clients go without, which leads to what is to be decided.
import { Icon } from "../../parts/icon.tsx";

export const Withheld = ({ id }: { id: string }) => (
  <a
    class="badge is-auth"
    href={`/ui/changes/${encodeURIComponent(id)}`}
    title="Clients don't get it: its definition waits for approval"
  >
    <Icon name="eye" />
    Withheld
  </a>
);
