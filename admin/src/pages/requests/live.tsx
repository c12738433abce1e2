// What the live tail says of itself, and the button behind which new rows wait.
import { Icon } from "../../parts/icon.tsx";
import { Note } from "../../parts/note.tsx";
import { count } from "../../parts/time.tsx";
import type { Log } from "./log.ts";

type Props = { log: Log; held: boolean };

export function LiveLine({ log: { tail, waiting, leftOut, show, reload }, held }: Props) {
  if (tail.is === "off") return null;
  return (
    <div class="stack s2">
      <div class="row live">
        <span role="status">
          {tail.is === "live" && (
            <>
              <span class="pulse" aria-hidden="true" />
              {held ? "Live, held while you look: new requests wait" : "Live"}
            </>
          )}
          {tail.is === "connecting" && "Connecting…"}
          {tail.is === "broken" && "Not live"}
        </span>
        {waiting > 0 && (
          <button type="button" class="fresh" onClick={show}>
            <Icon name="sortup" />
            {count(waiting, "newer request")}
          </button>
        )}
        {leftOut > 0 && (
          <span>
            {count(leftOut, "request")} more came faster than a page can show.{" "}
            <button type="button" class="btn quiet sm" onClick={reload}>
              Load them
            </button>
          </span>
        )}
      </div>
      {tail.is === "broken" && (
        <Note tone="warn">
          <b>New requests don't show at the moment.</b> {tail.error.message}. Trying again at{" "}
          <span class="n">{new Date(tail.again).toTimeString().slice(0, 8)}</span>.
        </Note>
      )}
    </div>
  );
}
