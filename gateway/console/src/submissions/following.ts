import { useEffect, useState } from "preact/hooks";
import { FOLLOW } from "../documents";
import { follow, Refused, reach } from "../gateway";

export type Liveness = "live" | "polled";

const TOGETHER_MS = 300;
/** However fast orders move, nobody reads faster; and a caller's rate is bounded. */
const EVERY_MS = 3_000;
const PAUSE_MS = [500, 1_000, 2_000, 5_000, 10_000];

interface Told {
  submissionEvents: { cursor: string; gap: boolean } | null;
}

/** Calls `onNews` a moment after submissions have moved, once for all that came meanwhile, and after a stream was opened anew.
 *
 * Where no stream is to be had, whoever uses this must look for itself: "polled".
 */
export function useFollowed(onNews: () => void): Liveness {
  const [liveness, setLiveness] = useState<Liveness>("polled");
  useEffect(() => {
    const stop = new AbortController();
    let cursor: string | null = null;
    let timer = 0;
    let last = 0;
    let failures = 0;
    let wake = () => undefined as void;
    const news = () => {
      timer ||= window.setTimeout(
        () => {
          timer = 0;
          last = Date.now();
          onNews();
        },
        Math.max(TOGETHER_MS, last + EVERY_MS - Date.now()),
      );
    };
    const told = ({ submissionEvents }: Told) => {
      if (submissionEvents === null) return;
      cursor = submissionEvents.cursor;
      news();
    };
    const opened = () => {
      failures = 0;
      setLiveness("live");
      news();
    };
    const run = async () => {
      while (!stop.signal.aborted) {
        try {
          await follow<Told>(FOLLOW, { after: cursor }, told, stop.signal, opened);
        } catch (error) {
          if (error instanceof Refused) cursor = null;
        }
        if (stop.signal.aborted) return;
        setLiveness("polled");
        const pause = PAUSE_MS[Math.min(failures++, PAUSE_MS.length - 1)];
        await new Promise<void>((resolve) => {
          wake = resolve;
          window.setTimeout(resolve, pause);
        });
      }
    };
    const unlisten = reach.listen(() => reach.value.isUp && wake());
    void run();
    return () => {
      stop.abort();
      unlisten();
      wake();
      window.clearTimeout(timer);
    };
  }, [onNews]);
  return liveness;
}
