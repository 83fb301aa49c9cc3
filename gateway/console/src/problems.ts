import type { Line, Problem } from "./answers";
import { day, decimal, money } from "./format";
import { plainly } from "./words";

interface Told {
  /** What is the matter, in a few words. */
  title: string;
  /** What a person can do about it; docs/order-submission.md is where this comes from. */
  cure: string;
}

export const PROBLEMS: Record<string, Told> = {
  UNKNOWN_CUSTOMER: { title: "Unknown customer", cure: "Correct the number, or name the company, in a new order." },
  CUSTOMER_BLOCKED: { title: "Customer is blocked", cure: "Unblock the customer in the ERP; hand the order in anew." },
  CREDIT_HOLD: {
    title: "Credit hold",
    cure: "Release the order in spite of the hold, or have the hold lifted in the ERP and retry.",
  },
  CREDIT_LIMIT: {
    title: "Over the credit limit",
    cure: "Release it all the same, amend it to less, or retry once the customer has paid.",
  },
  UNKNOWN_SHIP_TO: { title: "Unknown ship-to", cure: "Correct the ship-to in a new order." },
  INVALID_SHIP_TO: {
    title: "Ship-to cannot be used",
    cure: "Correct the ship-to, or its address in the ERP; hand the order in anew.",
  },
  DUPLICATE_PO: {
    title: "PO number used before",
    cure: "Ask whether a second order is meant. If so, release it; if not, reject it.",
  },
  UNKNOWN_ITEM: { title: "Unknown item", cure: "Correct the SKU in a new order." },
  ITEM_DISCONTINUED: {
    title: "Item is discontinued",
    cure: "Amend to the successor, or release to sell what is left.",
  },
  ITEM_BLOCKED: { title: "Item is blocked", cure: "Leave the item out of a new order." },
  QUANTITY_RULE: { title: "Quantity cannot be ordered", cure: "Correct the quantity in a new order." },
  UNKNOWN_UOM: { title: "Unit is not sold", cure: "Correct the unit in a new order." },
  PRICE_CHANGED: {
    title: "Price has changed",
    cure: "Release to sell at today's price, or amend after speaking with the customer.",
  },
  PRICE_UNAVAILABLE: {
    title: "No price",
    cure: "Give the item a price in the ERP and retry; or release, and the ERP finds the price when it takes the order.",
  },
  INSUFFICIENT_AVAILABILITY: {
    title: "Not enough in stock",
    cure: "Release to deliver the rest later, or amend to what there is.",
  },
  NO_ROUTE: { title: "No warehouse ships this", cure: "Change the routing settings, or the order." },
  CARRIER_RESTRICTION: {
    title: "Carrier does not take it",
    cure: "Release if the carrier agreed; else reject it and order with another service.",
  },
  SOURCE_UNAVAILABLE: {
    title: "Unclear whether it was written",
    cure: "Look for its reference in the ERP first. Release writes it anew; reject if it is there and not wanted.",
  },
  SOURCE_REJECTED: {
    title: "Refused by a system",
    cure: "Settle it in that system and retry. Release tells the system that you let it pass.",
  },
  RELEASE_REFUSED: {
    title: "Warehouse does not ship it",
    cure: "Settle it with the warehouse, then release. Amend or reject cancels the order in the ERP.",
  },
  NOT_CANCELLABLE: {
    title: "Too late to cancel",
    cure: "Cancel the order in the ERP itself, if that is still possible.",
  },
  ALREADY_RESOLVED: { title: "Already decided", cure: "Somebody was quicker: look at it again." },
  IDEMPOTENCY_KEY_MISSING: { title: "No key given", cure: "Whoever hands the order in must give a key." },
  IDEMPOTENCY_KEY_REUSED: { title: "Key used for another order", cure: "Give another order another key." },
};

export const REASONS = Object.keys(PROBLEMS).filter((code) => !code.startsWith("IDEMPOTENCY") && code !== "ALREADY_RESOLVED");

export function titleOf(code: string): string {
  return PROBLEMS[code]?.title ?? plainly(code);
}

export function cureOf(code: string): string {
  return PROBLEMS[code]?.cure ?? "";
}

export type Figure = [name: string, value: string];

/** The figures of a problem, those that there are. */
export function figuresOf(problem: Problem): Figure[] {
  const found: [string, string | null | undefined][] = [
    ["Limit", problem.limit && money(problem.limit)],
    ["Owed without this order", problem.exposure && money(problem.exposure)],
    ["Over the limit by", problem.exceededBy && money(problem.exceededBy)],
    ["Expected", problem.expected && money(problem.expected)],
    ["Today", problem.actual && money(problem.actual)],
    ["Tolerance", problem.tolerance && decimal(problem.tolerance)],
    ["Asked for", (problem.requested ?? problem.quantity) && decimal(problem.requested ?? problem.quantity ?? "")],
    ["Available", problem.available && decimal(problem.available)],
    ["All of it by", problem.earliestDate && day(problem.earliestDate)],
    ["At least", problem.minimum && decimal(problem.minimum)],
    ["At most", problem.maximum && decimal(problem.maximum)],
    ["In steps of", problem.increment && decimal(problem.increment)],
    ["Successor", problem.replacedBySku],
    ["Substitutes", problem.substituteSkus?.join(", ")],
    ["PO number", problem.poNumber],
    ["Order that has it", problem.orderNumber],
    ["Service", problem.carrierService],
    ["Item", problem.sku],
    ["Restriction", problem.reason],
  ];
  return found.filter((each): each is Figure => Boolean(each[1]));
}

/** Which line a problem is about, as people count. */
export function lineOf(problem: Problem, lines: Line[]): string | null {
  if (problem.path[0] !== "lines" || problem.path[1] === undefined) return null;
  const at = Number(problem.path[1]);
  const line = lines[at];
  return line ? `Line ${line.number}, ${line.sku}` : `Line ${at + 1}`;
}
