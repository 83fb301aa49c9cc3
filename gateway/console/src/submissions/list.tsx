import { useEffect, useRef } from "preact/hooks";
import type { SubmissionPage, SubmissionRow } from "../answers";
import { Badge } from "../badge";
import { When } from "../clock";
import { money, purchase } from "../format";
import { titleOf } from "../problems";
import { address } from "../route";
import { CHANNEL, STATUS } from "../words";
import { readNext } from "./reading";
import { type Wishes, written } from "./wishes";

interface Given {
  page: SubmissionPage;
  chosen: string | null;
  wishes: Wishes;
  change: (wishes: Partial<Wishes>) => void;
}

export function List({ page, chosen, wishes, change }: Given) {
  const { pageInfo } = page;
  return (
    <>
      <ol class="rows" aria-label="Submissions, newest first">
        {page.edges.map(({ node }) => (
          <Row key={node.id} row={node} isChosen={node.id === chosen} wishes={wishes} />
        ))}
      </ol>
      {(wishes.pages.length > 0 || pageInfo.hasNextPage) && (
        <nav class="pages" aria-label="Pages">
          <button disabled={wishes.pages.length === 0} onClick={() => change({ pages: wishes.pages.slice(0, -1) })}>
            Newer
          </button>
          <span>Page {wishes.pages.length + 1}</span>
          <button
            disabled={!pageInfo.hasNextPage}
            onClick={() => pageInfo.endCursor !== null && change({ pages: [...wishes.pages, pageInfo.endCursor] })}
          >
            Older
          </button>
        </nav>
      )}
    </>
  );
}

function Row({ row, isChosen, wishes }: { row: SubmissionRow; isChosen: boolean; wishes: Wishes }) {
  const own = useRef<HTMLAnchorElement>(null);
  useEffect(() => {
    if (isChosen) own.current?.scrollIntoView({ block: "nearest" });
  }, [isChosen]);
  const reasons = [...new Set(row.problems.filter(({ severity }) => severity === "ERROR").map(({ code }) => titleOf(code)))];
  return (
    <li>
      <a
        ref={own}
        class="row"
        data-row={row.id}
        href={address({ view: "submissions", key: row.id, wishes: written(wishes) })}
        aria-current={isChosen ? "true" : undefined}
        onClick={readNext}
      >
        <span class="who">
          {row.customer?.name ?? "Customer"} <small>{row.customerNumber}</small>
        </span>
        <span class="sum">{row.total ? money(row.total) : ""}</span>
        <span class="why">
          {row.status === "NEEDS_ATTENTION" && reasons.length > 0 ? (
            <Badge {...STATUS[row.status]} word={reasons.join(", ")} />
          ) : (
            <>
              <Badge {...STATUS[row.status]} />
              {reasons.join(", ")}
            </>
          )}
        </span>
        <span class="when">
          <When at={row.submittedAt} />
        </span>
        <span class="which">
          {[row.company, CHANNEL[row.channel], row.poNumber && purchase(row.poNumber), row.erpOrderNumber && `order ${row.erpOrderNumber}`]
            .filter(Boolean)
            .join(" · ")}
        </span>
      </a>
    </li>
  );
}
