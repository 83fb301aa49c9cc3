import type { RefObject } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Counts, Group } from "../answers";
import { count } from "../format";
import { REASONS, titleOf } from "../problems";
import { address } from "../route";
import { GROUPS, STATUS } from "../words";
import { type Wishes, written } from "./wishes";

interface Given {
  wishes: Wishes;
  counts: Counts | undefined;
  search: RefObject<HTMLInputElement | null>;
  change: (wishes: Partial<Wishes>) => void;
}

export function Groups({ wishes, counts }: Pick<Given, "wishes" | "counts">) {
  return (
    <nav class="groups" aria-label="Submissions by state">
      {(Object.keys(GROUPS) as Group[]).map((group) => (
        <a
          key={group}
          href={address({ view: "submissions", key: null, wishes: written({ ...wishes, group, status: null, pages: [] }) })}
          aria-current={group === wishes.group ? "page" : undefined}
        >
          {GROUPS[group].title} <b>{counts?.[group]?.totalCount == null ? "–" : count(counts[group].totalCount)}</b>
        </a>
      ))}
    </nav>
  );
}

export function Filters({ wishes, search, change }: Omit<Given, "counts">) {
  const statuses = GROUPS[wishes.group].statuses;
  const shown = statuses.length > 0 ? statuses : (Object.keys(STATUS) as (keyof typeof STATUS)[]);
  const isNarrowed = wishes.status !== null || wishes.reason !== "" || wishes.customer !== "";
  return (
    <form class="filters" role="search" aria-label="Narrow down" onSubmit={(event) => event.preventDefault()}>
      <label>
        Customer
        <Customer given={wishes.customer} search={search} change={(customer) => change({ customer })} />
      </label>
      <label>
        Reason
        <select value={wishes.reason} onChange={(event) => change({ reason: event.currentTarget.value })}>
          <option value="">Any</option>
          {REASONS.map((code) => (
            <option key={code} value={code}>
              {titleOf(code)}
            </option>
          ))}
        </select>
      </label>
      {shown.length > 1 && (
        <label>
          State
          <select
            value={wishes.status ?? ""}
            onChange={(event) => change({ status: shown.find((each) => each === event.currentTarget.value) ?? null })}
          >
            <option value="">Any</option>
            {shown.map((status) => (
              <option key={status} value={status}>
                {STATUS[status].word}
              </option>
            ))}
          </select>
        </label>
      )}
      {isNarrowed && (
        <button type="button" onClick={() => change({ status: null, reason: "", customer: "" })}>
          Clear
        </button>
      )}
    </form>
  );
}

const TYPED_MS = 350;

/** Asked for once the typing pauses. */
function Customer({ given, search, change }: { given: string; search: Given["search"]; change: (wanted: string) => void }) {
  const [typed, type] = useState(given);
  useEffect(() => type(given), [given]);
  useEffect(() => {
    if (typed.trim() === given) return undefined;
    const timer = window.setTimeout(() => change(typed.trim()), TYPED_MS);
    return () => window.clearTimeout(timer);
  }, [typed]);
  return (
    <input
      ref={search}
      type="search"
      value={typed}
      placeholder="Number"
      autocomplete="off"
      spellcheck={false}
      onInput={(event) => type(event.currentTarget.value)}
      onKeyDown={(event) => event.key === "Escape" && event.currentTarget.blur()}
    />
  );
}
