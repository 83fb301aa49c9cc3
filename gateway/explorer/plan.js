// The plan of what is in the editor, before it runs: what each step waits for, asks of which system, and for how long that is remembered.

import { explain } from "./asking.js";
import { duration, number, plural } from "./wording.js";

/* global GraphiQL, React */

const { createElement: h, useEffect, useState } = React;

const PAUSE_MS = 300;
const AGAIN_MS = 3000;

const REASONS = {
  introspection: "it asks about the schema itself, for which no system is asked",
  "incremental delivery": "@defer and @stream deliver in parts",
  "fragment variables": "its fragments take arguments",
  "too large": "it is too large for a plan",
  "too deep": "it is nested too deeply for a plan",
};

/** What is known of the plan. `state`: empty, loading, told (`found`), wrong (`errors`) or away; `before`: the last one told. */
export function usePlan() {
  const { tabs, activeTabIndex, queryEditor } = GraphiQL.React.useEditorContext({ nonNull: true });
  const { query, variables, headers, operationName } = tabs[activeTabIndex] ?? {};
  const [plan, set] = useState({ state: "empty", before: null, isBusy: false });
  useEffect(() => {
    if (isEmpty(query)) {
      set({ state: "empty", before: null, isBusy: false });
      return undefined;
    }
    let isOutdated = false;
    let timer = window.setTimeout(ask, PAUSE_MS);
    set((known) => ({ ...known, state: known.state === "empty" ? "loading" : known.state, isBusy: true }));
    async function ask() {
      // The editor knows the operation that would run before its tab does.
      const named = queryEditor?.operationName ?? operationName ?? null;
      const next = await asked({ query, variables, headers, operationName: named });
      if (!isOutdated) {
        set(({ before }) => ({ before: next.found ?? before, ...next, isBusy: false }));
        timer = next.state === "away" ? window.setTimeout(ask, AGAIN_MS) : undefined;
      }
    }
    return () => {
      isOutdated = true;
      window.clearTimeout(timer);
    };
  }, [query, variables, headers, operationName, queryEditor]);
  return plan;
}

async function asked(operation) {
  try {
    const found = await explain(operation);
    return found.steps ? { state: "told", found } : { state: "wrong", errors: found.errors };
  } catch {
    return { state: "away" };
  }
}

function isEmpty(query) {
  return !query || query.replace(/#.*/g, "").trim() === "";
}

export function Plan({ plan }) {
  const { state, before, isBusy } = plan;
  const isOld = before && state !== "told";
  return h(
    "div",
    { className: "plan", "aria-busy": isBusy },
    h("div", { className: "sr-only", role: "status" }, spoken(plan)),
    state === "empty" &&
      h("p", { className: "panels-hint" }, "Type an operation, and its plan is shown here before it runs."),
    state === "loading" && h("p", { className: "panels-hint" }, "Working out the plan…"),
    state === "wrong" && h(Wrong, { errors: plan.errors }),
    state === "away" &&
      h(
        "p",
        { className: "panels-note is-failed" },
        "The gateway does not answer. It is asked again every three seconds.",
      ),
    isOld && h("p", { className: "panels-hint" }, "The last plan that could be made:"),
    before && h("div", { className: isOld ? "is-old" : "" }, h(Told, { found: before })),
  );
}

/** Mistakes are not read out: most of them are words that are not finished. */
function spoken({ state, found }) {
  return state === "told" ? `Plan: ${summary(found).join(", ")}.` : "";
}

function Wrong({ errors }) {
  const limit = errors.find((each) => each.extensions?.code === "LIMIT_EXCEEDED" && /cost/i.test(each.message));
  return h(
    "div",
    { className: "panels-note is-failed" },
    h("strong", null, limit ? "It would be refused, because it asks for too much." : "It cannot run yet."),
    h(
      "ul",
      null,
      errors.map((each, at) => h("li", { key: at }, each.message, h(Place, { error: each }))),
    ),
    limit && h(Cost, { cost: { cost: limit.extensions.asked, limit: limit.extensions.limit } }),
  );
}

function Place({ error }) {
  const at = error.locations?.[0];
  return at ? h("span", { className: "is-quiet" }, ` (line ${at.line}, column ${at.column})`) : null;
}

function summary({ steps }) {
  const levels = Math.max(0, ...steps.map((each) => each.level));
  const asked = steps.flatMap((each) => each.reads.flatMap((read) => read.systems ?? [read.source]));
  const written = steps.flatMap((each) => each.writes.map((name) => name.split(".")[0]));
  return [
    ...(steps.length > 0 ? [plural(levels, "level"), plural(steps.length, "step")] : []),
    asked.length > 0 ? `asks ${named(asked)}` : "asks no system",
    ...(written.length > 0 ? [`may write ${named(written)}`] : []),
  ];
}

function named(systems) {
  return [...new Set(systems)].join(", ");
}

function Told({ found }) {
  const { engine, reason, steps, cost, kind } = found;
  return h(
    React.Fragment,
    null,
    h(
      "div",
      { className: "panels-summary" },
      h(
        "span",
        { className: `plan-engine is-${engine}` },
        engine === "crossdock" ? "Level by level" : "Field by field",
      ),
      engine === "crossdock" && summary(found).map((each) => h("span", { key: each }, each)),
      cost && h(Cost, { cost }),
    ),
    engine !== "crossdock" &&
      h(
        "p",
        { className: "panels-note" },
        `graphql-core executes this operation field by field, because ${REASONS[reason] ?? reason}.`,
      ),
    kind === "subscription" && h("p", { className: "panels-hint" }, "This is what each event will ask for."),
    h(Steps, {
      steps,
      after: null,
      inTurn: kind === "mutation" && steps.filter((each) => each.after === null).length > 1,
    }),
  );
}

function Cost({ cost: { cost, limit, ...figures } }) {
  const share = Math.min(100, (100 * cost) / limit);
  const level = cost > limit ? "is-over" : share > 75 ? "is-high" : "";
  const told = Object.entries(figures).map(([name, value]) => `${FIGURES[name] ?? name} ${number(value)}`);
  return h(
    "span",
    { className: "plan-cost", title: told.join(", ") || undefined },
    h("span", null, `costs ${number(cost)} of ${number(limit)} points`),
    h(
      "span",
      { className: `plan-meter ${level}`, "aria-hidden": true },
      h("span", { style: { width: `${cost > 0 ? Math.max(share, 1) : 0}%` } }),
    ),
  );
}

const FIGURES = {
  rootFields: "root fields",
};

/** What waits for the same step, and beneath each what waits for it. */
function Steps({ steps, after, inTurn = false }) {
  const here = steps.filter((each) => each.after === after);
  if (here.length === 0) {
    return null;
  }
  return h(
    "ol",
    { className: "plan-steps" },
    here.map((step) =>
      h(
        "li",
        { key: step.path, "data-path": step.path },
        h(Step, { step, inTurn }),
        h(Steps, { steps, after: step.path }),
      ),
    ),
  );
}

function Step({ step, inTurn }) {
  const name = step.after ? step.path.slice(step.after.length + 1) : step.path;
  const given = Object.entries(step.arguments).map(([key, value]) => `${key}: ${value}`);
  return h(
    "div",
    { className: "plan-step" },
    h(
      "div",
      { className: "plan-title" },
      h(
        "span",
        { className: "plan-level", title: `Level ${step.level}` },
        h("span", { className: "sr-only" }, "Level "),
        step.level,
      ),
      h("strong", null, name),
      h("code", { className: "is-quiet" }, step.field),
      h("span", { className: "plan-when" }, when(step, inTurn)),
    ),
    given.length > 0 && h("div", { className: "plan-given is-quiet" }, given.join(", ")),
    step.reads.length + step.writes.length > 0 &&
      h(
        "ul",
        { className: "plan-reads" },
        step.reads.map((read) => h(Read, { key: `${read.source}.${read.operation}`, read, step })),
        step.writes.map((each) => h(Write, { key: each, operation: each })),
      ),
    step.reads.length + step.writes.length === 0 && h("div", { className: "is-quiet plan-none" }, "asks no system"),
  );
}

function when(step, inTurn) {
  if (step.after === null) {
    return inTurn ? "in its turn, one after another" : "starts at once";
  }
  return step.startsWithParent ? `together with ${step.after}, if the company is known` : `waits for ${step.after}`;
}

function Read({ read, step }) {
  return h(
    "li",
    null,
    h("span", { className: "panels-source" }, read.source),
    h("span", { className: "plan-operation" }, read.operation),
    read.systems && h("span", { className: "is-quiet" }, `of ${read.systems.join(", ")}`),
    h("span", null, keys(step.expectedBatch, read)),
    h("span", { className: `plan-kept ${read.freshSeconds === null ? "is-live" : "is-cached"}` }, kept(read)),
  );
}

function Write({ operation }) {
  const [source, name] = operation.split(".");
  return h(
    "li",
    null,
    h("span", { className: "panels-source" }, source),
    h("span", { className: "plan-operation" }, name),
    h("span", { className: "plan-kept is-write" }, "may be written"),
  );
}

function keys(expected, read) {
  const most = expected === null ? "as many keys as there are parents" : `at most ${plural(expected, "key")}`;
  if (read.parts !== null) {
    return `${most} in ${plural(read.parts, "call")}`;
  }
  return read.maxBatch === null ? most : `${most}, ${number(read.maxBatch)} in one call`;
}

function kept({ freshSeconds, staleSeconds, staleOn }) {
  if (freshSeconds === null) {
    return "always live";
  }
  const fresh = `remembered for ${duration(freshSeconds)}`;
  if (staleOn === "outage") {
    return `${fresh}, in an outage ${duration(staleSeconds)} more`;
  }
  return staleOn === "refresh" ? `${fresh}, ${duration(staleSeconds)} more while it is read anew` : fresh;
}
