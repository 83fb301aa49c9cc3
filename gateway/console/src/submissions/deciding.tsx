import { useId, useState } from "preact/hooks";
import type { Afterwards, Submission } from "../answers";
import { Dialog } from "../dialog";
import { CANCEL, RESOLVE, RETRY } from "../documents";
import { ask, needed, Refused } from "../gateway";
import { titleOf } from "../problems";
import { tell } from "../telling";
import { STATUS } from "../words";
import { ACTIONS, type Action } from "./actions";
import { focusTitle } from "./reading";
import { Amending, amendmentsOf, type Draft, draftsOf } from "./amending";

interface Given {
  action: Action;
  submission: Submission;
  decided: () => void;
  onClose: () => void;
}

const NOTE_NEEDED: Action[] = ["RELEASE", "AMEND", "REJECT"];

export function Deciding({ action, submission, decided, onClose }: Given) {
  const [note, write] = useState("");
  const [drafts, draft] = useState<Draft[]>(() => draftsOf(submission.lines));
  const [wrong, complain] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const told = ACTIONS[action];
  const field = useId();

  const send = async () => {
    const isMissing = NOTE_NEEDED.includes(action) && note.trim() === "";
    const amendments = action === "AMEND" ? amendmentsOf(drafts) : undefined;
    if (isMissing) return complain("Write a note: it stays on the record.");
    if (typeof amendments === "string") return complain(amendments);
    setBusy(true);
    complain(null);
    try {
      announce(await carriedOut(action, submission.id, note.trim(), amendments));
      decided();
      onClose();
      // The row that was worked on may leave the list: reading goes on where the outcome is.
      requestAnimationFrame(focusTitle);
    } catch (error) {
      complain(error instanceof Refused ? error.message : UNHEARD);
      setBusy(false);
    }
    return undefined;
  };

  return (
    <Dialog title={`${told.name}: ${submission.customer?.name ?? submission.customerNumber}`} onClose={onClose} wide={action === "AMEND"}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
        onKeyDown={(event) => {
          if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
          event.preventDefault();
          void send();
        }}
      >
        <p>{told.means}</p>
        {action === "AMEND" && <Amending drafts={drafts} change={draft} />}
        <label for={field}>{told.asks}</label>
        <textarea
          id={field}
          data-first
          rows={3}
          maxLength={2_000}
          value={note}
          aria-invalid={wrong !== null}
          aria-describedby={`${field}-wrong`}
          onInput={(event) => write(event.currentTarget.value)}
        />
        <p id={`${field}-wrong`} class="wrong" role="alert">
          {wrong}
        </p>
        <div class="ends-dialog">
          <span class="muted">
            <kbd>Ctrl</kbd> <kbd>Enter</kbd> does it, <kbd>Esc</kbd> leaves it.
          </span>
          <button type="button" onClick={onClose}>
            Leave it
          </button>
          <button type="submit" class={told.look} disabled={isBusy} aria-busy={isBusy}>
            {isBusy ? "A moment …" : told.name}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

const UNHEARD = "The gateway did not answer. It may have taken this all the same: look at how the submission stands, then try again.";

async function carriedOut(action: Action, id: string, note: string, amendments: object[] | undefined): Promise<Afterwards> {
  if (action === "RETRY" || action === "CANCEL") {
    const field = action === "RETRY" ? "retrySubmission" : "cancelSubmission";
    const answer = await ask<Record<string, Afterwards | null>>(action === "RETRY" ? RETRY : CANCEL, {
      input: { id, note: note || null },
    });
    return needed(answer.data[field] ?? null, answer.faults);
  }
  const input = { id, decision: action, note, ...(amendments ? { amendments } : {}) };
  const { data, faults } = await ask<{ resolveSubmission: Afterwards | null }>(RESOLVE, { input });
  return needed(data.resolveSubmission, faults);
}

/** How it stands now; and where it was not granted, why. */
function announce({ submission, problems }: Afterwards): void {
  const errors = problems.filter(({ severity }) => severity === "ERROR");
  const said = errors.map(({ code, message }) => `${titleOf(code)}: ${message}`).join(" ");
  if (!submission) return tell("warn", said);
  const { mood, word, means } = STATUS[submission.status];
  const number = submission.erpOrderNumber && submission.status === "ACCEPTED" ? ` Order ${submission.erpOrderNumber}.` : "";
  return tell(mood, [`${word}.`, means + number, said].filter(Boolean).join(" "));
}
