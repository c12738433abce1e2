// The live tail: new requests as they come, tried again whenever the stream breaks, and honest about when it is not live.
import { useEffect, useRef, useState } from "preact/hooks";
import type { TailEvents } from "../../../../src/schemas/requests.ts";
import { ApiError, asApiError, ask, type Query } from "../../api.ts";
import { eventsOf, type ServerEvent } from "../../sse.ts";
import { type Row, rowOf, streamPath } from "./requests.ts";

/** `again`: when it is tried once more, in milliseconds since 1970. */
export type TailState =
  | { is: "off" }
  | { is: "connecting" }
  | { is: "live" }
  | { is: "broken"; error: ApiError; again: number };

type Heard = {
  onCall: (row: Row) => void;
  /** So many came that these were left out. */
  onMore: (count: number) => void;
  /** The stream stands: whatever came before is in the log. */
  onOpen: () => void;
};

const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 30_000;
/** The gateway says something at least every half minute. */
const SILENCE_MS = 70_000;

/** Listens while `on`, with this filter. */
export function useTail(on: boolean, filter: Query, heard: Heard): TailState {
  const [state, setState] = useState<TailState>({ is: "off" });
  const latest = useRef(heard);
  latest.current = heard;
  const path = streamPath(filter);
  useEffect(() => {
    const abort = new AbortController();
    if (on) void keepListening(path, abort.signal, latest, setState);
    else setState({ is: "off" });
    return () => abort.abort();
  }, [on, path]);
  return state;
}

async function keepListening(
  path: string,
  signal: AbortSignal,
  heard: { readonly current: Heard },
  tell: (state: TailState) => void,
): Promise<void> {
  let wait = FIRST_WAIT_MS;
  tell({ is: "connecting" });
  while (!signal.aborted) {
    try {
      const { body } = await ask(path, { signal, headers: { accept: "text/event-stream" } });
      wait = FIRST_WAIT_MS;
      tell({ is: "live" });
      heard.current.onOpen();
      if (body) for await (const event of eventsOf(body, SILENCE_MS)) hear(event, heard.current);
      throw new ApiError(0, { detail: "The gateway ended the stream", code: "ended" });
    } catch (thrown) {
      if (signal.aborted) return;
      const error = asApiError(thrown);
      if (error.status === 401) return;
      const pause = (error.retryAfter ?? 0) * 1000 || wait;
      tell({ is: "broken", error, again: Date.now() + pause });
      await new Promise((done) => setTimeout(done, pause));
      wait = Math.min(wait * 2, LONGEST_WAIT_MS);
    }
  }
}

function hear({ name, data }: ServerEvent, { onCall, onMore }: Heard): void {
  if (name === "call") onCall(rowOf(JSON.parse(data) as TailEvents["call"]));
  if (name === "more") onMore((JSON.parse(data) as TailEvents["more"]).count);
}
