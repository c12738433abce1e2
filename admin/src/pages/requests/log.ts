// The rows of the requests page: what the log has, page by page backwards, and what the live tail adds in front. While
// somebody reads, new rows wait, so that nothing moves away from under them.
import { useEffect, useRef, useState } from "preact/hooks";
import type { ApiError, Query } from "../../api.ts";
import { useJob, useLoad } from "../../load.ts";
import { getPage, merged, type Row, rowOf } from "./requests.ts";
import { type TailState, useTail } from "./tail.ts";

/** More than these are not kept in front of what was loaded: the log has them. */
const MOST_LIVE = 500;

type Older = { rows: Row[]; nextCursor: string | null; searchedUntil: number };

export type Log = {
  /** undefined until the first page is here. */
  rows: Row[] | undefined;
  /** New ones that wait to be shown. */
  waiting: number;
  /** How many the gateway left out of the live tail. */
  leftOut: number;
  tail: TailState;
  error: ApiError | undefined;
  loading: boolean;
  reload: () => void;
  show: () => void;
  /** Goes on backwards; undefined where the log ends. */
  older: { busy: boolean; error: ApiError | undefined; searchedUntil: number; load: () => void } | undefined;
};

/** The log under a filter. `live`: with the tail; `held`: new rows wait. */
export function useLog(filter: Query, live: boolean, held: boolean): Log {
  const key = JSON.stringify(filter);
  const first = useLoad(`requests ${key}`, async (signal) => ({ ...(await getPage(filter, null, signal)), key }));
  const [older, setOlder] = useState<Older>();
  const [shown, setShown] = useState<readonly Row[]>([]);
  const [waiting, setWaiting] = useState<readonly Row[]>([]);
  const [leftOut, setLeftOut] = useState(0);
  const job = useJob();
  const isHeld = useRef(held);
  isHeld.current = held;
  useEffect(() => {
    setOlder(undefined);
    setShown([]);
    setWaiting([]);
    setLeftOut(0);
    job.clear();
  }, [key, live]);

  const tail = useTail(live, filter, {
    onCall: (row) => (isHeld.current ? setWaiting : setShown)((before) => merged([row], before).slice(0, MOST_LIVE)),
    onMore: (count) => setLeftOut((before) => before + count),
    // what came before the stream stood, or while it was broken, is in the log
    onOpen: first.reload,
  });
  const show = (): void => {
    setShown((before) => merged(waiting, before).slice(0, MOST_LIVE));
    setWaiting([]);
  };

  const page = first.data?.key === key ? first.data : undefined;
  const end = older ?? (page && { ...page, rows: [] });
  const loadOlder = async (): Promise<void> => {
    if (!end?.nextCursor) return;
    const next = await job.run(() => getPage(filter, end.nextCursor));
    if (next) setOlder({ ...next, rows: [...end.rows, ...next.requests.map(rowOf)] });
  };
  const logged = page && merged(page.requests.map(rowOf), older?.rows ?? []);
  const rows = logged && merged(logged, shown);
  const known = new Set(rows?.map((row) => row.id));
  return {
    rows,
    waiting: waiting.filter((row) => !known.has(row.id)).length,
    leftOut,
    tail,
    error: first.error,
    loading: first.loading,
    reload: first.reload,
    show,
    older: end?.nextCursor
      ? { busy: job.busy, error: job.error, searchedUntil: end.searchedUntil, load: () => void loadOlder() }
      : undefined,
  };
}
