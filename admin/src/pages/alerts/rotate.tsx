// Signing with another secret, with time for the receiver to change over.
import { changed } from "../../api.ts";
import { RotateDialog } from "../access/rotate-dialog.tsx";
import { rotateSecret, type Webhook, type WithSecret } from "./webhooks.ts";

type Props = { webhook: Webhook; onMade: (made: WithSecret) => void; onClose: () => void };

export const RotateSecret = ({ webhook, onMade, onClose }: Props) => (
  <RotateDialog
    title={`Rotate the secret of ${webhook.name}?`}
    about="You get a new secret. Messages carry both signatures meanwhile, so that nothing is refused."
    legend="The old one signs along for"
    rotate={(overlap_hours) => rotateSecret(webhook.id, { overlap_hours })}
    onMade={(made) => {
      onMade(made);
      changed("webhooks");
    }}
    onClose={onClose}
  />
);
