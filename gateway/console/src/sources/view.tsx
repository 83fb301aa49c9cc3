import { useCell } from "../cell";
import type { Polled } from "../polling";
import { Notice, RefusedNotice, Waiting } from "../notice";
import { sourceName } from "../words";
import { SourceCard } from "./card";
import { watched } from "./history";

export function SourcesView({ polled }: { polled: Polled<unknown> }) {
  const found = useCell(watched);
  const down = found?.filter(({ source }) => source.state === "DOWN") ?? [];
  return (
    <section class="view" aria-labelledby="view-title">
      <header class="view-head">
        <h1 id="view-title">Sources</h1>
        <p>The systems of record over the last minute, as this process of the gateway sees them.</p>
      </header>
      {down.length > 0 && (
        <p class="banner bad" role="alert">
          <b>{down.map(({ source }) => sourceName(source.name)).join(", ")}</b> {down.length > 1 ? "are" : "is"} down. The rest of
          every answer stands; orders wait and go on by themselves.
        </p>
      )}
      {found && (
        <div class="cards">
          {found.map((each) => (
            <SourceCard key={each.source.name} watched={each} />
          ))}
        </div>
      )}
      {found?.length === 0 && <Notice mood="quiet" title="No systems">None is configured.</Notice>}
      {!found && (polled.refusal ? <RefusedNotice refusal={polled.refusal} /> : <Waiting rows={4} />)}
    </section>
  );
}
