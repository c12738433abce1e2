// Putting a new secret in the place of a token's, with time to hand it on.
import { changed } from "../../api.ts";
import { RotateDialog } from "../access/rotate-dialog.tsx";
import { type Made, rotateToken, type Token } from "./tokens.ts";

type Props = { token: Token; onMade: (made: Made) => void; onClose: () => void };

export const Rotate = ({ token, onMade, onClose }: Props) => (
  <RotateDialog
    title={`Rotate ${token.name}?`}
    about="You get a new secret, held to the same. Put it where the old one is while both work."
    legend="The old one works on for"
    rotate={(hours) => rotateToken(token.id, hours)}
    onMade={(made) => {
      onMade(made);
      changed("tokens");
    }}
    onClose={onClose}
  />
);
