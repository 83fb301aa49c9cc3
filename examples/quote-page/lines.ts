import type { Decimal } from "../words";
import type { QuoteQuery } from "./graphql/graphql";

export interface Wanted {
  sku: string;
  quantity: Decimal;
  uom?: string;
}

const LINE = /^(\S+?)(?:\s*[\t,;]\s*|\s+)(\d{1,12}(?:\.\d{1,6})?)(?:(?:\s*[\t,;]\s*|\s+)(\w+))?$/;

/** What was typed or pasted from a sheet: a SKU, a quantity and, where it is not the base unit, a unit in each row. */
export function linesOf(text: string): { wanted: Wanted[]; unread: number[] } {
  const wanted: Wanted[] = [];
  const unread: number[] = [];
  for (const [at, row] of text.split("\n").entries()) {
    if (!row.trim()) continue;
    const [, sku, quantity, uom] = LINE.exec(row.trim()) ?? [];
    if (sku && quantity) wanted.push({ sku, quantity: quantity as Decimal, ...(uom ? { uom } : {}) });
    else unread.push(at + 1);
  }
  return { wanted, unread };
}

/** What the customer was told one unit costs, by SKU and unit ("": the base unit): the first price shown, until the rep tells another. */
export type Told = Record<string, Decimal>;
export const key = (sku: string, uom: string): string => `${sku} ${uom}`;

export function toldBy({ quote }: QuoteQuery, before: Told): Told {
  const shown = quote?.lines.flatMap(({ sku, uom, item, price }) =>
    price ? [uom, ...(item?.uom === uom ? [""] : [])].map((unit) => [key(sku, unit), price.unit.amount]) : [],
  );
  return { ...Object.fromEntries(shown ?? []), ...before };
}

export const forgotten = (told: Told, sku: string): Told => Object.fromEntries(Object.entries(told).filter(([name]) => !name.startsWith(`${sku} `)));

/** The lines of an order that says which prices were told: the gateway finds what has changed. */
export function expecting(lines: Wanted[], told: Told) {
  return lines.map((line) => {
    const expectedUnitPrice = told[key(line.sku, line.uom ?? "")];
    return expectedUnitPrice ? { ...line, expectedUnitPrice } : line;
  });
}
