import type { Viewer } from "../answers";
import { useCell } from "../cell";
import { FIGURES } from "../documents";
import { ask, needed } from "../gateway";
import { Notice, NoRight, RefusedNotice, Waiting } from "../notice";
import { usePolled } from "../polling";
import { address, go, route } from "../route";
import { may } from "../session";
import type { Operations } from "./answers";
import { Cards } from "./cards";
import { type Span, SPANS, spanOf, variablesOf } from "./period";

const EVERY_MS = 30_000;

export function FiguresView({ viewer }: { viewer: Viewer }) {
  return (
    <section class="view" aria-labelledby="view-title">
      <header class="view-head">
        <h1 id="view-title">Business figures</h1>
        <p>How orders do, from what the systems told. Each counts where it was completed.</p>
      </header>
      <Allowed viewer={viewer} />
    </section>
  );
}

function Allowed({ viewer }: { viewer: Viewer }) {
  if (!may(viewer, "operations:read")) return <NoRight scope="operations:read" what="business figures" />;
  if (viewer.customers.length > 0)
    return (
      <Notice mood="quiet" title="You may not see business figures">
        They are over all customers, and you are bound to some.
      </Notice>
    );
  return <Period viewer={viewer} />;
}

function Period({ viewer }: { viewer: Viewer }) {
  const { wishes } = useCell(route);
  const span = spanOf(wishes.span);
  const company = wishes.company ?? "";
  const polled = usePolled(`figures ${span} ${company}`, (signal) => read(span, company, signal), EVERY_MS);
  return (
    <>
      <div class="period">
        <nav class="groups" aria-label="Over which time">
          {(Object.keys(SPANS) as Span[]).map((each) => (
            <a
              key={each}
              href={address({ view: "figures", key: null, wishes: { ...wishes, span: each } })}
              aria-current={each === span ? "page" : undefined}
            >
              {SPANS[each].title}
            </a>
          ))}
        </nav>
        {viewer.companies.length > 1 && (
          <label>
            Company{" "}
            <select
              value={company}
              onChange={(event) => go({ view: "figures", wishes: { ...wishes, company: event.currentTarget.value } })}
            >
              <option value="">All</option>
              {viewer.companies.map((each) => (
                <option key={each}>{each}</option>
              ))}
            </select>
          </label>
        )}
      </div>
      {polled.before && (
        <div class={polled.data ? "" : "old"} aria-busy={!polled.data}>
          <Cards operations={polled.before} every={SPANS[span].every} />
        </div>
      )}
      {!polled.before && (polled.refusal ? <RefusedNotice refusal={polled.refusal} /> : <Waiting rows={4} />)}
    </>
  );
}

async function read(span: Span, company: string, signal: AbortSignal): Promise<Operations> {
  const { data, faults } = await ask<{ operations: Operations | null }>(FIGURES, variablesOf(span, company, new Date()), signal);
  return needed(data.operations, faults);
}
