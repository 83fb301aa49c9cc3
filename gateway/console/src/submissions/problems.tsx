import type { Problem, Submission } from "../answers";
import { MoodIcon } from "../icons";
import { cureOf, figuresOf, lineOf, titleOf } from "../problems";

export function Problems({ submission }: { submission: Submission }) {
  const { problems, lines, status } = submission;
  if (problems.length === 0) return null;
  const waits = status === "NEEDS_ATTENTION";
  return (
    <section aria-label={waits ? "Why it waits" : "What was found"}>
      <h3>{waits ? "Why it waits" : "What was found"}</h3>
      <ul class="problems">
        {problems.map((problem) => (
          <li key={`${problem.code} ${problem.path.join(".")}`} class={problem.severity === "ERROR" ? "warn" : "quiet"}>
            <One problem={problem} line={lineOf(problem, lines)} isOpen={waits && problem.severity === "ERROR"} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function One({ problem, line, isOpen }: { problem: Problem; line: string | null; isOpen: boolean }) {
  const figures = figuresOf(problem);
  return (
    <>
      <h4>
        <MoodIcon mood={problem.severity === "ERROR" ? "warn" : "quiet"} />
        {titleOf(problem.code)}
        {line && <small>{line}</small>}
        {problem.severity === "WARNING" && <small>let pass</small>}
      </h4>
      <p>{problem.message}</p>
      {figures.length > 0 && (
        <dl class="figures">
          {figures.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      )}
      {isOpen && <p class="cure">{cureOf(problem.code)}</p>}
    </>
  );
}
