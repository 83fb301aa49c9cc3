import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { Refused, reach } from "./gateway";

export interface Polled<T> {
  /** What was read last; it stays while the gateway is away. */
  data: T | undefined;
  /** What was read for another key, until there is something for this one. */
  before: T | undefined;
  refusal: Refused | undefined;
  refresh: () => void;
}

/** Reads at once, then `everyMs` after each answer: not while the page is hidden or the gateway away, and at once when either is over.
 *
 * What was read for another `key` is forgotten. `everyMs` of 0: only at once and when asked to.
 */
export function usePolled<T>(key: string, load: (signal: AbortSignal) => Promise<T>, everyMs: number): Polled<T> {
  const [state, setState] = useState<{ key: string; data?: T; refusal?: Refused | undefined }>({ key });
  const loading = useRef(load);
  loading.current = load;
  const pace = useRef(everyMs);
  pace.current = everyMs;
  const again = useRef<() => void>(() => undefined);

  useEffect(() => {
    const stop = new AbortController();
    let timer = 0;
    let isBusy = false;
    let isWanted = false;

    const look = async () => {
      window.clearTimeout(timer);
      if (isBusy) {
        isWanted = true;
        return;
      }
      isBusy = true;
      try {
        const data = await loading.current(stop.signal);
        if (!stop.signal.aborted) setState({ key, data });
      } catch (error) {
        if (error instanceof Refused && !stop.signal.aborted) setState((was) => ({ ...(was.key === key ? was : {}), key, refusal: error }));
      }
      isBusy = false;
      if (stop.signal.aborted) return;
      if (isWanted && reach.value.isUp) {
        isWanted = false;
        void look();
      } else if (pace.current > 0 && reach.value.isUp && !document.hidden) timer = window.setTimeout(look, pace.current);
    };
    const resumed = () => {
      if (reach.value.isUp && !document.hidden) void look();
    };
    again.current = () => void look();
    const unlisten = reach.listen(resumed);
    document.addEventListener("visibilitychange", resumed);
    void look();
    return () => {
      stop.abort();
      window.clearTimeout(timer);
      unlisten();
      document.removeEventListener("visibilitychange", resumed);
    };
  }, [key]);

  const refresh = useCallback(() => again.current(), []);
  const own = state.key === key ? state : { key };
  return { data: own.data, before: own.data ?? state.data, refusal: own.refusal, refresh };
}
