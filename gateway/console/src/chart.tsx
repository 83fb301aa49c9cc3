import { useId, useState } from "preact/hooks";
import { clock } from "./format";

export interface Series {
  label: string;
  values: (number | null)[];
  isDashed?: boolean;
}

interface Given {
  title: string;
  times: number[];
  series: Series[];
  from: number;
  until: number;
  shown: (value: number) => string;
  /** The axis ends here at the least. */
  atLeast: number;
  /** The axis ends here at the most. */
  atMost?: number;
  /** Where the axis may end, lowest first. */
  among?: readonly number[];
  /** A longer pause between two values is drawn as one. */
  gapMs: number;
  ends: [string, string];
  /** A moment in words. */
  told?: (at: number) => string;
}

const WIDTH = 600;
const HEIGHT = 100;

/** 1, 2 or 5 and noughts, or one of the ends given: an axis that people can read. */
function roundedUp(value: number, among: readonly number[]): number {
  const given = among.find((each) => each >= value);
  if (given !== undefined) return given;
  const size = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((step) => step * size).find((each) => each >= value * 0.9999) ?? value;
}

type Place = [at: number, value: number];

/** Values without a pause between them, together. */
function runsOf(times: number[], values: (number | null)[], gapMs: number): Place[][] {
  const runs: Place[][] = [];
  let last = -Infinity;
  times.forEach((at, index) => {
    const value = values[index];
    if (value === null || value === undefined) {
      last = -Infinity;
      return;
    }
    if (at - last > gapMs) runs.push([]);
    runs.at(-1)?.push([at, value]);
    last = at;
  });
  return runs;
}

/** A line through each run, and a dot where a value stands alone: a line of no length with round ends. */
function pathsOf(runs: Place[][], place: (at: Place) => string): { lines: string; dots: string } {
  const [many, alone] = [runs.filter((run) => run.length > 1), runs.filter((run) => run.length === 1)];
  return {
    lines: many.map((run) => `M${run.map(place).join("L")}`).join(""),
    dots: alone.map((run) => `M${run.map(place).join("")}h0`).join(""),
  };
}

/** Lines over time. The pointer, or the arrow keys, pick a moment, whose values the legend then has. */
export function Chart(given: Given) {
  const { times, series, from, until, shown, told = clock } = given;
  const [picked, pick] = useState<number | null>(null);
  const title = useId();
  const highest = Math.max(given.atLeast, ...series.flatMap(({ values }) => values.filter((each) => each !== null)));
  const top = Math.min(roundedUp(highest, given.among ?? []), given.atMost ?? Infinity);
  const x = (at: number) => ((at - from) / (until - from)) * WIDTH;
  const y = (value: number) => HEIGHT - (Math.min(value, top) / top) * HEIGHT;
  const at = picked !== null && picked < times.length ? picked : times.length - 1;
  const moment = times[at];

  const nearest = (event: PointerEvent & { currentTarget: SVGSVGElement }) => {
    const box = event.currentTarget.getBoundingClientRect();
    const wanted = from + ((event.clientX - box.left) / box.width) * (until - from);
    let best = 0;
    times.forEach((each, index) => {
      if (Math.abs(each - wanted) < Math.abs((times[best] ?? 0) - wanted)) best = index;
    });
    pick(best);
  };
  const step = (event: KeyboardEvent) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (event.key === "Escape") pick(null);
    if (by === undefined) return;
    event.preventDefault();
    pick(Math.max(0, Math.min(times.length - 1, at + by)));
  };
  const values = series.map(({ label, values: own }) => {
    const value = own[at];
    return `${label} ${value === null || value === undefined ? "–" : shown(value)}`;
  });

  return (
    <figure class="chart">
      <figcaption>
        <span id={title}>{given.title}</span>
        <span class="legend">
          {series.map(({ label, isDashed }, index) => (
            <span key={label}>
              {series.length > 1 && (
                <svg class={`key line-${index}`} viewBox="0 0 16 4" aria-hidden="true">
                  <path class={isDashed ? "dashed" : ""} d="M0 2h16" />
                </svg>
              )}
              <b>{values[index]}</b>
            </span>
          ))}
        </span>
      </figcaption>
      <div class="plot">
        <span class="top">{shown(top)}</span>
        <svg
          viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
          preserveAspectRatio="none"
          role="slider"
          tabIndex={0}
          aria-labelledby={title}
          aria-valuemin={0}
          aria-valuemax={Math.max(0, times.length - 1)}
          aria-valuenow={Math.max(0, at)}
          aria-valuetext={moment === undefined ? "nothing yet" : `${told(moment)}: ${values.join(", ")}`}
          onPointerMove={nearest}
          onPointerLeave={() => pick(null)}
          onBlur={() => pick(null)}
          onKeyDown={step}
        >
          <path class="grid" d={`M0 .5H${WIDTH}M0 50H${WIDTH}M0 99.5H${WIDTH}`} />
          {series.map(({ label, values: own, isDashed }, index) => {
            const { lines, dots } = pathsOf(runsOf(times, own, given.gapMs), ([when, value]) => `${x(when).toFixed(1)} ${y(value).toFixed(1)}`);
            return (
              <g key={label} class={`line-${index}`}>
                <path class={isDashed ? "dashed" : ""} d={lines} />
                <path class="dots" d={dots} />
              </g>
            );
          })}
          {picked !== null && moment !== undefined && <path class="cursor" d={`M${x(moment)} 0V${HEIGHT}`} />}
        </svg>
      </div>
      <div class="ends">
        <span>{given.ends[0]}</span>
        <span>{picked !== null && moment !== undefined ? told(moment) : ""}</span>
        <span>{given.ends[1]}</span>
      </div>
    </figure>
  );
}
