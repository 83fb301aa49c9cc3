import type { Operation } from "../answers";
import { Badge } from "../badge";
import { When } from "../clock";
import { OPERATIONS } from "../documents";
import { count, milliseconds } from "../format";
import { ask } from "../gateway";
import { useShortcuts } from "../keys";
import { moved } from "../moving";
import { Notice, RefusedNotice, Waiting } from "../notice";
import { usePolled } from "../polling";
import { address, go, route } from "../route";
import { useCell } from "../cell";
import { Waterfall } from "./waterfall";

const MOST = 50;
const EVERY_MS = 5_000;

async function read(signal: AbortSignal): Promise<Operation[] | null> {
  const { data } = await ask<{ recentOperations: Operation[] | null }>(OPERATIONS, { first: MOST }, signal);
  return data.recentOperations;
}

export function OperationsView() {
  const polled = usePolled("operations", read, EVERY_MS);
  const chosen = useCell(route).key;
  const found = polled.data;
  const open = found?.find(({ correlationId }) => correlationId === chosen) ?? null;
  const keys = found?.map(({ correlationId }) => correlationId) ?? [];
  const move = (by: number) => {
    const key = moved(keys, chosen, by);
    if (key !== null) go({ view: "operations", key });
  };
  useShortcuts("Slow operations", [
    { key: "j", does: "Next operation", run: () => move(1) },
    { key: "k", does: "Operation before", run: () => move(-1) },
    { key: "Escape", does: "Close the waterfall", run: () => go({ view: "operations" }) },
  ]);
  return (
    <section class="view" aria-labelledby="view-title">
      <header class="view-head">
        <h1 id="view-title">Slow operations</h1>
        <p>The slowest of the last hour in this process of the gateway. Neither documents nor answers are kept.</p>
      </header>
      {found && found.length > 0 && <List operations={found} chosen={open} />}
      {found?.length === 0 && (
        <Notice mood="good" title="Nothing was slow">No operation of the last hour is worth showing.</Notice>
      )}
      {found === null && (
        <Notice mood="quiet" title="You may not see this">
          It takes the right <code>source:read</code> and no bounds to single companies or accounts.
        </Notice>
      )}
      {found === undefined && (polled.refusal ? <RefusedNotice refusal={polled.refusal} /> : <Waiting rows={8} />)}
    </section>
  );
}

function List({ operations, chosen }: { operations: Operation[]; chosen: Operation | null }) {
  return (
    <div class={chosen ? "split" : "split alone"}>
      <div class="scroll" tabIndex={0} role="region" aria-label="Operations, slowest first">
        <table class="list">
          <thead>
            <tr>
              <th scope="col">Operation</th>
              <th scope="col">Asked by</th>
              <th scope="col" class="number">Took</th>
              <th scope="col" class="number">Calls</th>
              <th scope="col" class="number">Cost</th>
              <th scope="col">Outcome</th>
              <th scope="col">Began</th>
            </tr>
          </thead>
          <tbody>
            {operations.map((each) => (
              <tr key={each.correlationId} class={each === chosen ? "chosen" : ""}>
                <th scope="row">
                  <a
                    href={address({ view: "operations", key: each.correlationId, wishes: {} })}
                    aria-current={each === chosen ? "true" : undefined}
                  >
                    {each.name ?? "unnamed"}
                  </a>
                  <small>{each.kind}</small>
                </th>
                <td>{each.caller}</td>
                <td class="number">{milliseconds(each.ms)}</td>
                <td class="number">{count(each.calls.length)}</td>
                <td class="number">{count(each.cost)}</td>
                <td>
                  <Badge mood={each.outcome === "ok" ? "good" : "bad"} word={each.outcome.replace("_", " ")} />
                </td>
                <td class="when">
                  <When at={each.startedAt} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {chosen && <Detail operation={chosen} />}
    </div>
  );
}

function Detail({ operation }: { operation: Operation }) {
  return (
    <article class="detail" aria-labelledby="detail-title">
      <header class="detail-head">
        <div>
          <h2 id="detail-title">{operation.name ?? "unnamed"}</h2>
          <p class="muted">
            {operation.kind} · {milliseconds(operation.ms)} · {operation.engine}
            {operation.leftBecause && `, because of ${operation.leftBecause}`}
          </p>
        </div>
        <a class="button" href={address({ view: "operations", key: null, wishes: {} })}>
          Close
        </a>
      </header>
      <Waterfall operation={operation} />
      <dl class="facts">
        <dt>Correlation id</dt>
        <dd>
          <code>{operation.correlationId}</code>
        </dd>
        <dt>Trace</dt>
        <dd>
          <code>{operation.traceId}</code>
        </dd>
        {operation.errors.length > 0 && (
          <>
            <dt>Errors</dt>
            <dd>{operation.errors.join(", ")}</dd>
          </>
        )}
      </dl>
    </article>
  );
}
