import type { Operation, OperationCall } from "../answers";
import { count, milliseconds } from "../format";
import { sourceName } from "../words";

interface Row {
  key: string;
  kind: string;
  label: string;
  detail: string;
  startMs: number;
  ms: number;
  mood: string;
}

function plural(number: number, one: string): string {
  return `${count(number)} ${one}${number === 1 ? "" : "s"}`;
}

function rowsOf(operation: Operation): Row[] {
  const steps = operation.steps.map((step, at) => ({
    key: `step-${at}`,
    kind: `level ${step.level}`,
    label: step.path || step.field,
    detail: `${step.field} · ${plural(step.parents, "parent")}`,
    startMs: step.startMs,
    ms: step.ms,
    mood: "step",
  }));
  const calls = operation.calls.map((call, at) => ({
    key: `call-${at}`,
    kind: sourceName(call.source),
    label: call.operation,
    detail: toldOf(call),
    startMs: call.startMs,
    ms: call.ms,
    mood: call.outcome === "ok" ? "call" : "call bad",
  }));
  return [...steps, ...calls];
}

function toldOf(call: OperationCall): string {
  const told = [plural(call.keys, "key"), call.how === "sent" ? "live" : call.how];
  if (call.outcome !== "ok") told.push(call.outcome);
  if (call.attempt > 1) told.push(`attempt ${call.attempt}`);
  return told.join(" · ");
}

/** What an operation waited for: steps of its plan level by level, then the calls, each from where it began to where it ended. */
export function Waterfall({ operation }: { operation: Operation }) {
  const rows = rowsOf(operation);
  const end = Math.max(operation.ms, ...rows.map(({ startMs, ms }) => startMs + ms), 0.001);
  return (
    <div class="waterfall">
      {rows.length === 0 ? (
        <p class="muted">It asked nothing of any system.</p>
      ) : (
        <table>
          <caption class="unseen">Steps and calls, with when each began and how long it took</caption>
          <thead>
            <tr>
              <th scope="col">Of</th>
              <th scope="col">What</th>
              <th scope="col" class="bars">
                <span>0</span>
                <span>{milliseconds(end / 2)}</span>
                <span>{milliseconds(end)}</span>
              </th>
              <th scope="col" class="number">Took</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.key} class={row.mood}>
                <td class="kind">{row.kind}</td>
                <th scope="row">
                  {row.label}
                  <small>{row.detail}</small>
                </th>
                <td class="bars" title={`from ${milliseconds(row.startMs)} to ${milliseconds(row.startMs + row.ms)}`}>
                  <svg viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true">
                    <rect x={(row.startMs / end) * 1000} width={Math.max(4, (row.ms / end) * 1000)} height="10" />
                  </svg>
                </td>
                <td class="number">{milliseconds(row.ms)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <Remembered operation={operation} />
    </div>
  );
}

function Remembered({ operation }: { operation: Operation }) {
  if (operation.remembered.length === 0) return null;
  return (
    <>
      <h3>From memory</h3>
      <ul class="remembered">
        {operation.remembered.map((recall) => (
          <li key={`${recall.source} ${recall.fact}`}>
            <b>{sourceName(recall.source)}</b> {recall.fact}: {count(recall.cached)} of {plural(recall.keys, "key")}
            {recall.stale > 0 && `, ${count(recall.stale)} of them past their time`}
          </li>
        ))}
      </ul>
    </>
  );
}
