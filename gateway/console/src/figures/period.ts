export type Span = "day" | "week" | "month" | "quarter";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export const SPANS: Record<Span, { title: string; every: "HOUR" | "DAY"; count: number }> = {
  day: { title: "24 hours", every: "HOUR", count: 24 },
  week: { title: "7 days", every: "DAY", count: 7 },
  month: { title: "30 days", every: "DAY", count: 30 },
  quarter: { title: "90 days", every: "DAY", count: 90 },
};

export function spanOf(given: string | undefined): Span {
  return given !== undefined && given in SPANS ? (given as Span) : "week";
}

/** Whole hours or days, the one that is running among them. */
export function variablesOf(span: Span, company: string, at: Date): object {
  const { every, count } = SPANS[span];
  const until = new Date(at);
  if (every === "HOUR") until.setMinutes(60, 0, 0);
  else until.setHours(24, 0, 0, 0);
  const since = new Date(until.getTime() - count * (every === "HOUR" ? HOUR_MS : DAY_MS));
  return { since: since.toISOString(), until: until.toISOString(), every, company: company || null };
}
