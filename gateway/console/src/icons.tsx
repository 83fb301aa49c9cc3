import type { Mood } from "./words";

const PATHS = {
  good: "M3.5 8.5l3 3 6-7",
  busy: "M8 4.5V8l2.5 1.5",
  warn: "M8 4.5v4M8 11v.5",
  bad: "M5 5l6 6M11 5l-6 6",
  quiet: "M5 8h6",
} satisfies Record<Mood, string>;

const FRAMES = {
  good: <circle cx="8" cy="8" r="7" />,
  busy: <circle cx="8" cy="8" r="6.2" />,
  warn: <path d="M8 1.2L15.2 14H.8z" />,
  bad: <path d="M5.1 1h5.8L15 5.1v5.8L10.9 15H5.1L1 10.9V5.1z" />,
  quiet: <circle cx="8" cy="8" r="6.2" />,
} satisfies Record<Mood, unknown>;

/** Each mood has a form of its own, so that it can be told without its colour. */
export function MoodIcon({ mood }: { mood: Mood }) {
  return (
    <svg class={`icon mood-icon ${mood}`} viewBox="0 0 16 16" aria-hidden="true">
      <g class="frame">{FRAMES[mood]}</g>
      <path class="sign" d={mood === "warn" ? "M8 5.5v4M8 11.6v.4" : PATHS[mood]} />
    </svg>
  );
}

const LINES = {
  submissions: "M3 2.5h10v11H3zM5.5 5.5h5M5.5 8h5M5.5 10.5h3",
  sources: "M2.5 3h11v4h-11zM2.5 9h11v4h-11zM5 5h.01M5 11h.01",
  figures: "M2.5 13.5h11M4.5 11V8M8 11V3.5M11.5 11V6",
  operations: "M2.5 4h6M5 8h7M8.5 12h5",
  system: "M8 2.2a5.8 5.8 0 100 11.6zM8 2.2a5.8 5.8 0 010 11.6",
  light: "M8 5a3 3 0 100 6 3 3 0 000-6zM8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3 3l1 1M12 12l1 1M3 13l1-1M12 4l1-1",
  dark: "M13.5 9.5A6 6 0 016.5 2.5a6 6 0 107 7z",
  keys: "M1.5 4h13v8h-13zM4 6.5h.01M6.5 6.5h.01M9 6.5h.01M11.5 6.5h.01M5 9.5h6",
  back: "M9.5 3.5L5 8l4.5 4.5",
  copy: "M5.5 5.5h8v8h-8zM3.5 10.5h-1v-8h8v1",
  remove: "M4 4l8 8M12 4l-8 8",
} as const;

export type IconName = keyof typeof LINES;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
      <path class="line" d={LINES[name]} />
    </svg>
  );
}
