import { Badge } from "../badge";
import { useCell } from "../cell";
import { Chart } from "../chart";
import { now } from "../clock";
import { clock, count, milliseconds, percent, span } from "../format";
import { BREAKER, SOURCE, sourceName } from "../words";
import { type Moment, WINDOW_MS, type Watched } from "./history";

const GAP_MS = 10_000;
const LOOK_MS = 2_000;
const SHORTEST_MS = 60_000;

export function SourceCard({ watched: { source, moments, since } }: { watched: Watched }) {
  const { state } = source;
  const last = moments.at(-1)?.at ?? 0;
  const known = Math.max(SHORTEST_MS, Math.min(WINDOW_MS, last - (moments[0]?.at ?? last)));
  const ends: [string, string] = [`${span(known)} ago`, "now"];
  const frame = { times: moments.map(({ at }) => at), from: last - known, until: last, gapMs: GAP_MS, ends };
  const name = sourceName(source.name);
  return (
    <article class={`card source ${SOURCE[state].mood}`} aria-label={name} data-source={source.name} data-state={state}>
      <header>
        <h2>{name}</h2>
        <span class="system">{source.system}</span>
        <Badge {...SOURCE[state]} />
        <span class="since" title={`Since ${clock(since)}`}>
          for {span(useCell(now) - since)}
        </span>
      </header>
      <Strip moments={moments} from={frame.from} until={frame.until} />
      <Chart
        {...frame}
        title="Latency"
        series={[
          { label: "p95", values: moments.map(({ p95 }) => p95) },
          { label: "p50", values: moments.map(({ p50 }) => p50), isDashed: true },
        ]}
        shown={milliseconds}
        atLeast={10}
      />
      <Chart
        {...frame}
        title="Calls that failed"
        series={[{ label: "", values: moments.map(({ errorRate }) => errorRate) }]}
        shown={percent}
        atLeast={1}
        atMost={1}
      />
      <dl class="figures">
        <Figure name="In flight" value={count(source.inFlight)} />
        <Figure name="Breaker" value={BREAKER[source.breaker]} />
        <Figure name="From cache" value={source.cacheHitRatio === null ? "–" : percent(source.cacheHitRatio)} />
      </dl>
    </article>
  );
}

function Figure({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

const HEIGHTS = { UP: 3, DEGRADED: 6, DOWN: 10, UNKNOWN: 1 } as const;

/** How it stood over time: the worse, the higher. Each look stands for the time since the one before. */
function Strip({ moments, from, until }: { moments: Moment[]; from: number; until: number }) {
  const x = (at: number) => ((at - from) / (until - from)) * 600;
  return (
    <figure class="chart">
      <figcaption>State</figcaption>
      <svg class="strip" viewBox="0 0 600 10" preserveAspectRatio="none" role="img" aria-label={toldOf(moments)}>
        {moments.map(({ at, state }, index) => {
          const before = moments[index - 1]?.at ?? 0;
          const begin = at - before > GAP_MS ? at - LOOK_MS : before;
          const height = HEIGHTS[state];
          return <rect key={at} class={SOURCE[state].mood} x={x(begin)} width={x(at) - x(begin)} y={10 - height} height={height} />;
        })}
      </svg>
    </figure>
  );
}

function toldOf(moments: Moment[]): string {
  const changes = moments.filter(({ state }, index) => index === 0 || moments[index - 1]?.state !== state);
  return `State: ${changes.map(({ at, state }) => `${SOURCE[state].word} at ${clock(at)}`).join(", ")}`;
}
