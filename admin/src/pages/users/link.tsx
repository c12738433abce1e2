// A link for a user to choose a password by: sent, or shown once for the administrator to hand on.
import { Note } from "../../parts/note.tsx";
import { Until } from "../../parts/time.tsx";
import { Once } from "../access/once.tsx";
import type { OneTimeLink } from "./users.ts";

export const LinkShown = ({ email, link }: { email: string; link: OneTimeLink }) =>
  link.url === null ? (
    <Note tone="ok" live>
      <b>A link is on its way to {email}.</b> It works once, <Until at={link.expires_at} />.
    </Note>
  ) : (
    <Once title={`Link for ${email}`} text={link.url}>
      <b>Give this link to {email}</b>, in a way only they can read. Whoever opens it chooses the password. It works
      once, <Until at={link.expires_at} />.
    </Once>
  );
