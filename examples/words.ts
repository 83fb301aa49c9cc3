/** Figures and moments for people. Amounts are formatted from their text: exact, whatever their length. */

const LANGUAGE = "en";
const digits = new Intl.NumberFormat(LANGUAGE, { maximumFractionDigits: 6 });
const days = new Intl.DateTimeFormat(LANGUAGE, { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
const moments = new Intl.DateTimeFormat(LANGUAGE, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const clocks = new Intl.DateTimeFormat(LANGUAGE, { timeStyle: "medium", hourCycle: "h23" });

export type Decimal = `${number}`;

export const number = (amount: Decimal): string => digits.format(amount);

/** Unit prices have four digits behind the point. */
export function money(amount: Decimal, currency: string, places = 2): string {
  const style = { style: "currency", currency, minimumFractionDigits: places, maximumFractionDigits: places } as const;
  return new Intl.NumberFormat(LANGUAGE, style).format(amount);
}

export const day = (date: string): string => days.format(new Date(date));
export const moment = (at: string): string => moments.format(new Date(at));
export const clock = (at: string): string => clocks.format(new Date(at));

/** OUT_FOR_DELIVERY as "Out for delivery". */
export function spoken(name: string): string {
  const text = name.toLowerCase().replaceAll("_", " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}
