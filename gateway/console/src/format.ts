import type { Money } from "./answers";

/** Decimals are text all the way: nothing is rounded by being shown. */
export function decimal(text: string): string {
  const [whole = "", digits] = text.split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  const kept = digits?.replace(/0+$/, "");
  return (kept ? `${grouped}.${kept}` : grouped).replace(/^-/, "\u2212");
}

export function amount(text: string): string {
  const [whole = "", digits = ""] = text.split(".");
  const kept = digits.replace(/0+$/, "").padEnd(2, "0");
  return `${whole.replace(/\B(?=(\d{3})+$)/g, ",")}.${kept}`.replace(/^-/, "\u2212");
}

export function money(given: Money): string {
  return `${amount(given.amount)}\u00a0${given.currency}`;
}

/** Many customers' own numbers say themselves what they are. */
export function purchase(number: string): string {
  return /^p\.?o\b/i.test(number) ? number : `PO ${number}`;
}

export function count(value: number): string {
  return decimal(String(value));
}

export function milliseconds(value: number): string {
  if (value >= 10_000) return `${(value / 1000).toFixed(1)} s`;
  if (value >= 1_000) return `${(value / 1000).toFixed(2)} s`;
  return `${value >= 100 || Number.isInteger(value) ? value.toFixed(0) : value.toFixed(1)} ms`;
}

export function percent(ratio: number): string {
  const value = ratio * 100;
  return `${value > 0 && value < 10 ? value.toFixed(1) : value.toFixed(0)} %`;
}

const STEPS: [seconds: number, size: number, name: string][] = [
  [60, 1, "s"],
  [3_600, 60, "min"],
  [86_400, 3_600, "h"],
  [Infinity, 86_400, "d"],
];

export function span(ms: number): string {
  const seconds = Math.max(0, ms / 1000);
  const [, size, name] = STEPS.find(([limit]) => seconds < limit) ?? [0, 86_400, "d"];
  return `${Math.floor(seconds / size)} ${name}`;
}

export function ago(at: number, now: number): string {
  return now - at < 5_000 ? "just now" : `${span(now - at)} ago`;
}

/** A length of business time: seconds to days, two units at most. */
export function duration(seconds: number): string {
  if (seconds < 60) return `${seconds < 10 ? seconds.toFixed(1) : seconds.toFixed(0)} s`;
  const [size, name, small, smallName] =
    seconds < 3_600 ? [60, "min", 1, "s"] : seconds < 86_400 ? [3_600, "h", 60, "min"] : [86_400, "d", 3_600, "h"];
  const rest = Math.floor((seconds % size) / small);
  return `${Math.floor(seconds / size)} ${name}${rest > 0 ? ` ${rest} ${smallName}` : ""}`;
}

const HOUR = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
const DATE = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });

export function momentOf(at: number, isFine: boolean): string {
  return (isFine ? HOUR : DATE).format(at);
}

const EXACT = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium" });
const CLOCK = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });
const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });

export function exact(at: number): string {
  return EXACT.format(at);
}

export function clock(at: number): string {
  return CLOCK.format(at);
}

export function day(text: string): string {
  return DAY.format(new Date(`${text}T00:00:00Z`));
}
