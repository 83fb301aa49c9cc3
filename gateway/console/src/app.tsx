import { useEffect, useState } from "preact/hooks";
import type { Source, Viewer } from "./answers";
import { useCell } from "./cell";
import { SOURCES } from "./documents";
import { FiguresView } from "./figures/view";
import { ask, needed } from "./gateway";
import { Icon, MoodIcon } from "./icons";
import { switchShortcuts, useShortcuts } from "./keys";
import { NoRight } from "./notice";
import { OperationsView } from "./operations/view";
import { usePolled } from "./polling";
import { Away, askWho } from "./reaching";
import { address, go, route, type View, VIEWS } from "./route";
import { hasToken, may, session, signOut } from "./session";
import { Shortcuts } from "./shortcuts";
import { Asking, SignIn } from "./signing";
import { remember, watched } from "./sources/history";
import { SourcesView } from "./sources/view";
import { SubmissionsView } from "./submissions/view";
import { Told, tell } from "./telling";
import { nextTheme, theme } from "./theme";
import { SOURCE, sourceName } from "./words";

const TITLES: Record<View, string> = {
  submissions: "Submissions",
  sources: "Sources",
  figures: "Business figures",
  operations: "Slow operations",
};
const SHORT: Record<View, string> = { ...TITLES, figures: "Figures", operations: "Operations" };
const THEMES = { system: "Light or dark as the system has it", light: "Light", dark: "Dark" } as const;
const SOURCES_MS = 2_000;

export function App() {
  const found = useCell(session);
  useEffect(() => {
    if (found.is === "asking") void askWho();
  }, [found]);
  return (
    <>
      <Away />
      {found.is === "somebody" && <Console viewer={found.viewer} />}
      {found.is === "nobody" && <SignIn why={found.why} />}
      {found.is === "asking" && <Asking />}
      <Told />
    </>
  );
}

/** The sources are watched whichever view is shown: their charts have no gaps, and an outage is told everywhere. */
async function lookAtSources(signal: AbortSignal): Promise<true> {
  const { data, faults } = await ask<{ sources: Source[] | null }>(SOURCES, {}, signal);
  for (const { source, before } of remember(needed(data.sources, faults), Date.now())) {
    if (source.state === "DOWN") tell("bad", `${sourceName(source.name)} is down.`);
    else if (before === "DOWN") tell(SOURCE[source.state].mood, `${sourceName(source.name)} answers again.`);
  }
  return true;
}

function Console({ viewer }: { viewer: Viewer }) {
  const { view } = useCell(route);
  const [isHelping, help] = useState(false);
  const seesSources = may(viewer, "source:read");
  const polled = usePolled("sources", seesSources ? lookAtSources : async () => true, seesSources ? SOURCES_MS : 0);

  useEffect(() => {
    document.title = `${TITLES[view]} · Crossdock console`;
  }, [view]);
  useShortcuts("Everywhere", [
    ...VIEWS.map((each, at) => ({ key: String(at + 1), does: TITLES[each], run: () => go({ view: each }) })),
    { key: "d", does: "Light, dark, or as the system has it", run: nextTheme },
    { key: "?", does: "This list", run: () => help(true) },
  ]);
  return (
    <div class="console">
      <a class="skip" href="#main" onClick={(event) => skip(event)}>
        Skip to what is shown
      </a>
      <Head viewer={viewer} view={view} help={() => help(true)} />
      <main id="main" tabIndex={-1}>
        {view === "submissions" && <SubmissionsView viewer={viewer} />}
        {view === "sources" && (seesSources ? <SourcesView polled={polled} /> : <NoRight scope="source:read" what="the sources" />)}
        {view === "figures" && <FiguresView viewer={viewer} />}
        {view === "operations" && <OperationsView />}
      </main>
      {isHelping && <Shortcuts onClose={() => help(false)} change={switchShortcuts} />}
    </div>
  );
}

/** The address is the route's: a fragment of its own would be taken for another view. */
function skip(event: Event): void {
  event.preventDefault();
  document.getElementById("main")?.focus();
}

function Head({ viewer, view, help }: { viewer: Viewer; view: View; help: () => void }) {
  const chosen = useCell(theme);
  return (
    <header class="head">
      <b class="brand">
        Crossdock <span>console</span>
      </b>
      <nav aria-label="Views">
        {VIEWS.map((each) => (
          <a key={each} href={address({ view: each, key: null, wishes: {} })} aria-current={each === view ? "page" : undefined}>
            <Icon name={each} />
            <span>{SHORT[each]}</span>
            {each === "sources" && <SourcesMark />}
          </a>
        ))}
      </nav>
      <div class="tools">
        <span class="subject" title="You, as the gateway knows you">
          {viewer.subject}
        </span>
        <button class="small" onClick={nextTheme} title={THEMES[chosen]}>
          <Icon name={chosen} />
          <span class="unseen">Colours: {THEMES[chosen]}. Change</span>
        </button>
        <button class="small" onClick={help} title="Shortcuts">
          <Icon name="keys" />
          <span class="unseen">Shortcuts</span>
        </button>
        {hasToken() && (
          <button class="small" onClick={() => signOut()}>
            Sign out
          </button>
        )}
      </div>
    </header>
  );
}

function SourcesMark() {
  const down = useCell(watched)?.filter(({ source }) => source.state === "DOWN").length ?? 0;
  if (down === 0) return null;
  return (
    <b class="mark bad">
      <MoodIcon mood="bad" />
      {down} down
    </b>
  );
}
