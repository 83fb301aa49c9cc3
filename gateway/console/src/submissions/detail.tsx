import type { RefObject } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Submission, Viewer } from "../answers";
import { Badge } from "../badge";
import { When } from "../clock";
import { SUBMISSION } from "../documents";
import { money, purchase } from "../format";
import { ask, type Fault } from "../gateway";
import { useShortcuts } from "../keys";
import { Notice, RefusedNotice, Waiting } from "../notice";
import { usePolled } from "../polling";
import { STATUS, sourceName } from "../words";
import { Deciding } from "./deciding";
import { ACTIONS, type Action, possible } from "./actions";
import { Credit, Facts, Lines, Route } from "./facts";
import { Decisions, Steps } from "./history";
import { Problems } from "./problems";
import { focusTitleIfWanted } from "./reading";

interface Given {
  id: string;
  viewer: Viewer;
  everyMs: number;
  again: RefObject<() => void>;
  decided: () => void;
  close: () => void;
}

interface Read {
  submission: Submission | null;
  faults: Fault[];
}

export function Detail({ id, viewer, everyMs, again, decided, close }: Given) {
  const polled = usePolled(`submission ${id}`, (signal) => read(id, signal), everyMs);
  again.current = polled.refresh;
  const found = polled.data;
  if (!found) return polled.refusal ? <RefusedNotice refusal={polled.refusal} /> : <Waiting rows={6} />;
  if (!found.submission && found.faults.length === 0)
    return (
      <Notice mood="quiet" title="There is no such submission">
        It was forgotten when its time was over, or it is not yours to see.
      </Notice>
    );
  if (!found.submission) return <Notice mood="bad" title="It could not be read">{found.faults[0]?.message}</Notice>;
  return <Shown submission={found.submission} faults={found.faults} viewer={viewer} decided={decided} close={close} />;
}

async function read(id: string, signal: AbortSignal): Promise<Read> {
  const { data, faults } = await ask<{ submission: Submission | null }>(SUBMISSION, { id }, signal);
  return { submission: data.submission, faults };
}

interface ShownGiven extends Pick<Given, "viewer" | "decided" | "close"> {
  submission: Submission;
  faults: Fault[];
}

function Shown({ submission, faults, viewer, decided, close }: ShownGiven) {
  const [action, act] = useState<Action | null>(null);
  useEffect(focusTitleIfWanted, []);
  const actions = possible(submission.status, viewer);
  const standing = STATUS[submission.status];
  useShortcuts(
    "The open submission",
    actions.map((each) => ({ key: ACTIONS[each].key, does: ACTIONS[each].does, run: () => act(each) })),
  );
  const away = [...new Set(faults.map(({ extensions }) => extensions?.source).filter((each) => each !== undefined))];
  return (
    <article class="detail" aria-labelledby="detail-title">
      <header class="detail-head">
        <button class="close" onClick={close}>
          Back to the list
        </button>
        <div>
          <h2 id="detail-title" tabIndex={-1}>
            {submission.customer?.name ?? "Customer"} <small>{submission.customerNumber}</small>
          </h2>
          <p class="muted">
            {submission.poNumber ? `${purchase(submission.poNumber)} · ` : ""}
            {submission.erpOrderNumber ? `order ${submission.erpOrderNumber} · ` : ""}
            handed in <When at={submission.submittedAt} /> by {submission.submittedBy}
          </p>
        </div>
        <p class="standing">
          <Badge {...standing} />
          {submission.total && <b>{money(submission.total)}</b>}
        </p>
      </header>
      <p class="means" role="status">
        {standing.means}
      </p>
      {away.length > 0 && (
        <p class="banner warn">
          {away.map(sourceName).join(", ")} did not answer, so some facts below are missing. They come when it is back.
        </p>
      )}
      <Problems submission={submission} />
      {actions.length > 0 && (
        <div class="actions" role="group" aria-label="What can be decided">
          {actions.map((each) => (
            <button key={each} class={ACTIONS[each].look} onClick={() => act(each)} title={ACTIONS[each].does}>
              {ACTIONS[each].name} <kbd aria-hidden="true">{ACTIONS[each].key}</kbd>
            </button>
          ))}
        </div>
      )}
      {actions.length === 0 && submission.status === "NEEDS_ATTENTION" && (
        <p class="muted">
          To decide takes the right <code>submission:resolve</code>.
        </p>
      )}
      <Lines submission={submission} />
      <Credit submission={submission} />
      <Route submission={submission} />
      <Steps steps={submission.steps} />
      <Decisions decisions={submission.decisions} />
      <Facts submission={submission} />
      {action && <Deciding action={action} submission={submission} decided={decided} onClose={() => act(null)} />}
    </article>
  );
}
