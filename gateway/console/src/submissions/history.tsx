import type { Step, Submission } from "../answers";
import { When } from "../clock";
import { milliseconds } from "../format";
import { MoodIcon } from "../icons";
import { DECIDED, plainly, STEP, STEP_STATUS } from "../words";

export function Steps({ steps }: { steps: Step[] }) {
  if (steps.length === 0) return null;
  return (
    <section>
      <h3>Steps</h3>
      <ol class="steps">
        {steps.map((step) => (
          <li key={step.name}>
            <MoodIcon mood={STEP_STATUS[step.status].mood} />
            <div>
              <b>{STEP[step.name] ?? plainly(step.name)}</b> <span class="muted">{toldOf(step)}</span>
              {step.detail && <p>{step.detail}</p>}
            </div>
            {step.startedAt && (
              <span class="when">
                <When at={step.startedAt} />
              </span>
            )}
          </li>
        ))}
      </ol>
    </section>
  );
}

function toldOf({ status, attempts, startedAt, finishedAt }: Step): string {
  const told = [STEP_STATUS[status].word.toLowerCase()];
  const took = startedAt && finishedAt ? milliseconds(Date.parse(finishedAt) - Date.parse(startedAt)) : null;
  if (attempts > 1) told.push(took ? `${attempts} attempts over ${took}` : `${attempts} attempts`);
  else if (took) told.push(took);
  return told.join(" · ");
}

export function Decisions({ decisions }: { decisions: Submission["decisions"] }) {
  if (decisions.length === 0) return null;
  return (
    <section>
      <h3>Decisions</h3>
      <ul class="decisions">
        {decisions.map(({ decision, by, at, note }) => (
          <li key={at}>
            <b>{DECIDED[decision]}</b> by {by} <When at={at} />
            {note && <blockquote>{note}</blockquote>}
          </li>
        ))}
      </ul>
    </section>
  );
}
