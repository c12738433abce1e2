// Loading as a hook: what a page shows while it waits, when it fails, and when it loads again.
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { type ApiError, asApiError } from "./api.ts";

/** `data` stays while newer data is on its way, so that nothing jumps. */
export type Loaded<T> = { data: T | undefined; error: ApiError | undefined; loading: boolean; reload: () => void };

/** Runs `load` whenever `key` changes or `reload` is called; an older run is aborted. */
export function useLoad<T>(key: string, load: (signal: AbortSignal) => Promise<T>): Loaded<T> {
  const [state, setState] = useState<Omit<Loaded<T>, "reload">>({ data: undefined, error: undefined, loading: true });
  const [turn, setTurn] = useState(0);
  const latest = useRef(load);
  latest.current = load;
  useEffect(() => {
    const abort = new AbortController();
    setState((before) => ({ ...before, loading: true }));
    latest.current(abort.signal).then(
      (data) => abort.signal.aborted || setState({ data, error: undefined, loading: false }),
      (error) =>
        abort.signal.aborted || setState((before) => ({ data: before.data, error: asApiError(error), loading: false })),
    );
    return () => abort.abort();
  }, [key, turn]);
  return { ...state, reload: useCallback(() => setTurn((n) => n + 1), []) };
}

/** A job a button starts: `busy` while it runs, `error` when it failed. `run` resolves to undefined on failure. */
export function useJob(): {
  busy: boolean;
  error: ApiError | undefined;
  run: <T>(job: () => Promise<T>) => Promise<T | undefined>;
  clear: () => void;
} {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError>();
  const run = async <T>(job: () => Promise<T>): Promise<T | undefined> => {
    setBusy(true);
    setError(undefined);
    try {
      return await job();
    } catch (thrown) {
      setError(asApiError(thrown));
      return undefined;
    } finally {
      setBusy(false);
    }
  };
  return { busy, error, run, clear: () => setError(undefined) };
}
