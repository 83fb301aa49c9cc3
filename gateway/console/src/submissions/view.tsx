import { useCallback, useEffect, useRef } from "preact/hooks";
import type { Counts, SubmissionPage, Viewer } from "../answers";
import { useCell } from "../cell";
import { COUNTS, SUBMISSIONS } from "../documents";
import { ask, needed } from "../gateway";
import { useShortcuts } from "../keys";
import { moved } from "../moving";
import { Notice, NoRight, RefusedNotice, Waiting } from "../notice";
import { usePolled } from "../polling";
import { go, route } from "../route";
import { may } from "../session";
import { GROUPS } from "../words";
import { Detail } from "./detail";
import { Filters, Groups } from "./filters";
import { useFollowed } from "./following";
import { List } from "./list";
import { variablesOf, type Wishes, wishesOf, written } from "./wishes";

const FIRST = 25;
const POLLED_MS = 5_000;
/** What no event tells, such as a name that the ERP could not be asked for. */
const FOLLOWED_MS = 60_000;

export function SubmissionsView({ viewer }: { viewer: Viewer }) {
  return (
    <section class="view" aria-labelledby="view-title">
      <h1 id="view-title" class="unseen">
        Submissions
      </h1>
      {may(viewer, "submission:read") ? <Desk viewer={viewer} /> : <NoRight scope="submission:read" what="submissions" />}
    </section>
  );
}

function Desk({ viewer }: { viewer: Viewer }) {
  const { key: chosen, wishes: given } = useCell(route);
  const wishes = wishesOf(given);
  const search = useRef<HTMLInputElement>(null);
  const refreshing = useRef<() => void>(() => undefined);
  const liveness = useFollowed(useCallback(() => refreshing.current(), []));
  const everyMs = liveness === "live" ? FOLLOWED_MS : POLLED_MS;
  const variables = variablesOf(wishes, FIRST);
  const asked = JSON.stringify(variables);

  const page = usePolled(`page ${asked}`, (signal) => pageOf(variables, signal), everyMs);
  const narrowed = { customer: wishes.customer || null, reason: wishes.reason ? [wishes.reason] : null };
  const counts = usePolled(`counts ${JSON.stringify(narrowed)}`, (signal) => countsOf(narrowed, signal), everyMs);
  const detail = useRef<() => void>(() => undefined);
  refreshing.current = () => {
    page.refresh();
    counts.refresh();
    detail.current();
  };

  const change = (wanted: Partial<Wishes>) =>
    go({ view: "submissions", wishes: written({ ...wishes, pages: [], ...wanted }) });
  const close = () => {
    go({ view: "submissions", wishes: written(wishes) });
    focusRow(chosen);
  };
  const move = (by: number) => {
    const focused = document.activeElement?.closest<HTMLElement>("[data-row]")?.dataset.row ?? chosen;
    const next = moved(page.data?.edges.map(({ node }) => node.id) ?? [], focused, by);
    if (next === null) return;
    focusRow(next);
    if (chosen !== null) go({ view: "submissions", key: next, wishes: written(wishes) });
  };
  useShortcuts("Submissions", [
    { key: "j", does: "Next submission", run: () => move(1) },
    { key: "k", does: "Submission before", run: () => move(-1) },
    { key: "/", does: "Find a customer's", run: () => search.current?.focus() },
    { key: "Escape", does: "Close what is open", run: close },
  ]);
  // A list that another filter empties must not leave a reader at its end.
  const shown = page.refusal ? page.data : page.before;
  const pane = useRef<HTMLDivElement>(null);
  useEffect(() => pane.current?.scrollTo(0, 0), [asked]);

  return (
    <div class={chosen === null ? "desk" : "desk open"}>
      <div class="pane" ref={pane}>
        <Groups wishes={wishes} counts={counts.data} />
        <Filters wishes={wishes} search={search} change={change} />
        {shown && shown.edges.length > 0 && (
          <div class={page.data ? "" : "old"} aria-busy={!page.data}>
            <List page={shown} chosen={chosen} wishes={wishes} change={change} />
          </div>
        )}
        {page.data?.edges.length === 0 && <Nothing wishes={wishes} />}
        {(!shown || page.refusal) && (page.refusal ? <RefusedNotice refusal={page.refusal} /> : <Waiting rows={8} />)}
        <p class="liveness muted">{liveness === "live" ? "Moves as it happens." : "Looked up every 5 seconds."}</p>
      </div>
      <div class="pane detail-pane">
        {chosen === null ? (
          <Notice mood="quiet" title="No submission is open">
            Choose one from the list to see why it waits, and what can be done about it.
          </Notice>
        ) : (
          <Detail key={chosen} id={chosen} viewer={viewer} everyMs={everyMs} again={detail} decided={() => refreshing.current()} close={close} />
        )}
      </div>
    </div>
  );
}

function focusRow(id: string | null): void {
  document.querySelectorAll<HTMLElement>("[data-row]").forEach((row) => row.dataset.row === id && row.focus());
}

function Nothing({ wishes }: { wishes: Wishes }) {
  if (wishes.status || wishes.reason || wishes.customer)
    return (
      <Notice mood="quiet" title="None like this">
        No submission fits. Clear a filter, or look under another state.
      </Notice>
    );
  if (wishes.group === "waiting")
    return (
      <Notice mood="good" title="Nobody is waiting">
        No order needs a person. New ones show up here by themselves.
      </Notice>
    );
  return <Notice mood="quiet" title="None">{`No submission stands under “${GROUPS[wishes.group].title}”.`}</Notice>;
}

async function pageOf(variables: object, signal: AbortSignal): Promise<SubmissionPage> {
  const { data, faults } = await ask<{ submissions: SubmissionPage | null }>(SUBMISSIONS, variables, signal);
  return needed(data.submissions, faults);
}

async function countsOf(variables: object, signal: AbortSignal): Promise<Counts> {
  return (await ask<Counts>(COUNTS, variables, signal)).data;
}
