import type { Group, SubmissionStatus } from "../answers";
import { GROUPS } from "../words";

/** Which submissions are wanted, as it stands in the address. */
export interface Wishes {
  group: Group;
  status: SubmissionStatus | null;
  reason: string;
  customer: string;
  /** Cursors of the pages before this one; the last is this page's. */
  pages: string[];
}

export function wishesOf(given: Record<string, string>): Wishes {
  const group = (given.group && given.group in GROUPS ? given.group : "waiting") as Group;
  const known = Object.values(GROUPS).flatMap(({ statuses }) => statuses);
  return {
    group,
    status: known.find((each) => each === given.status) ?? null,
    reason: given.reason ?? "",
    customer: given.customer ?? "",
    pages: given.pages ? given.pages.split(",") : [],
  };
}

export function written({ group, status, reason, customer, pages }: Wishes): Record<string, string> {
  return { group: group === "waiting" ? "" : group, status: status ?? "", reason, customer, pages: pages.join(",") };
}

export function variablesOf({ group, status, reason, customer, pages }: Wishes, first: number): object {
  const statuses = status ? [status] : GROUPS[group].statuses;
  return {
    status: statuses.length > 0 ? statuses : null,
    reason: reason ? [reason] : null,
    customer: customer || null,
    first,
    after: pages.at(-1) ?? null,
  };
}
