import type { Source, SourceState } from "../answers";
import { Cell } from "../cell";

/** So long the charts remember. */
export const WINDOW_MS = 5 * 60_000;

export interface Moment {
  at: number;
  p50: number | null;
  p95: number | null;
  errorRate: number;
  inFlight: number;
  state: SourceState;
}

export interface Watched {
  source: Source;
  moments: Moment[];
  /** Since when it has stood as it stands. */
  since: number;
}

export const watched = new Cell<Watched[] | null>(null);

export interface Change {
  source: Source;
  before: SourceState;
}

/** Takes in what was just read; tells which systems have gone down or come back. */
export function remember(sources: Source[], at: number): Change[] {
  const before = new Map(watched.value?.map((each) => [each.source.name, each]));
  const changes: Change[] = [];
  watched.value = sources.map((source) => {
    const known = before.get(source.name);
    const moment = {
      at,
      p50: source.p50Ms,
      p95: source.p95Ms,
      errorRate: source.errorRate,
      inFlight: source.inFlight,
      state: source.state,
    };
    const moments = [...(known?.moments.filter((each) => each.at > at - WINDOW_MS) ?? []), moment];
    if (known && known.source.state !== source.state) changes.push({ source, before: known.source.state });
    return { source, moments, since: known?.source.state === source.state ? known.since : at };
  });
  return changes;
}
