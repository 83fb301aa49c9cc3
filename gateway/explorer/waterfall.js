// What ran for the last answer: each step and each call as a bar over the time that it took, and what was remembered instead.

import { milliseconds, number, plural } from "./wording.js";

/* global React */

const { createElement: h, useRef, useState } = React;

const MOST_ROWS = 200;

const KINDS = {
  step: { mark: "▬", text: "step", means: "a step of the plan, with all that it waited for" },
  live: { mark: "●", text: "live", means: "asked of the system" },
  shared: {
    mark: "◆",
    text: "shared",
    means: "another operation asked the same at that moment, and its answer was shared",
  },
  cached: { mark: "■", text: "cached", means: "remembered, so the system was not asked" },
  failed: { mark: "✕", text: "failed", means: "asked of the system, which failed" },
  unsent: { mark: "○", text: "not sent", means: "left out here, because the system is left alone or has enough to do" },
};

const OUTCOMES = {
  ok: "answered whole",
  errors: "answered with errors",
  refused: "refused before it was executed",
  hung_up: "nobody waited for it any more",
  failed: "something broke in the gateway",
};

const STATES = {
  nothing: "Run the operation, and what it waited for is shown here.",
  running: "It is running…",
  stopped: "It was stopped before it was answered.",
  subscription: "A subscription is answered event by event. Its plan says what each event asks for.",
};

export function Waterfall({ run }) {
  if (run.state === "told") {
    return h(Trace, { key: run.trace.startedAt, trace: run.trace });
  }
  if (run.state === "failed") {
    return h("p", { className: "panels-note is-failed" }, `The gateway did not answer: ${run.message}`);
  }
  const hint = run.state === "untold" ? untold(run.errors) : STATES[run.state];
  return h("p", { className: "panels-hint" }, hint);
}

function untold(errors) {
  const isRefused = errors.length > 0 && errors.every((each) => !each.path);
  return isRefused
    ? `It was refused before anything ran: ${errors[0].message}`
    : "What ran is told to those who may see the systems (scope source:read) and all companies and accounts.";
}

function Trace({ trace }) {
  const rows = rowsOf(trace);
  const [active, look] = useState(null);
  const row = rows.find((each) => each.key === active);
  return h(
    "div",
    { className: "waterfall" },
    h(Summary, { trace }),
    trace.leftBecause &&
      h(
        "p",
        { className: "panels-note" },
        `graphql-core executed it field by field (${trace.leftBecause}), so there are no steps to show.`,
      ),
    trace.kind === "mutation" &&
      h(
        "p",
        { className: "panels-hint" },
        "What the run of an order asks and writes is told by its submission, step by step.",
      ),
    rows.length === 0
      ? h("p", { className: "panels-hint" }, "Nothing was asked of any system.")
      : h(Chart, { rows, total: trace.ms, active, look, hidden: hiddenOf(trace) }),
    rows.length > 0 && h(Details, { row }),
  );
}

/** For who does not see the panel, in one sentence, as soon as the answer is there. */
export function spoken({ state, trace }) {
  return state === "told" ? `${titleOf(trace)}, ${summary(trace).join(", ")}.` : "";
}

function titleOf(trace) {
  return `${trace.name ?? `Unnamed ${trace.kind}`}: ${milliseconds(trace.ms)}`;
}

function summary({ calls, steps, remembered, outcome }) {
  const cached = remembered.reduce((sum, each) => sum + each.cached, 0);
  const failed = calls.filter((each) => each.outcome !== "ok").length;
  return [
    plural(steps.length, "step"),
    plural(calls.length, "call"),
    failed > 0 && `${failed} failed`,
    cached > 0 && `${plural(cached, "key")} from memory`,
    OUTCOMES[outcome] ?? outcome,
  ].filter(Boolean);
}

function Summary({ trace }) {
  return h(
    "div",
    { className: "panels-summary" },
    h("strong", null, titleOf(trace)),
    summary(trace).map((each) =>
      h("span", { key: each, className: /failed|errors/.test(each) ? "is-told-failed" : "" }, each),
    ),
    h(
      "span",
      { className: "waterfall-id is-quiet", title: "The id that logs, errors and systems have it by" },
      trace.correlationId,
    ),
  );
}

function hiddenOf({ steps, calls, remembered }) {
  return [steps, calls, remembered].reduce((sum, each) => sum + Math.max(0, each.length - MOST_ROWS), 0);
}

function rowsOf({ steps, calls, remembered }) {
  return [
    ...steps.slice(0, MOST_ROWS).map((each, at) => ({ ...each, key: `step-${at}`, group: "Steps", kind: "step" })),
    ...calls
      .slice(0, MOST_ROWS)
      .map((each, at) => ({ ...each, key: `call-${at}`, group: "Calls", kind: kindOf(each) })),
    ...remembered
      .slice(0, MOST_ROWS)
      .map((each, at) => ({ ...each, key: `kept-${at}`, group: "From memory", kind: "cached" })),
  ];
}

function kindOf({ outcome, how }) {
  if (how === "refused") {
    return "unsent";
  }
  return outcome === "ok" ? (how === "shared" ? "shared" : "live") : "failed";
}

function Chart({ rows, total, active, look, hidden }) {
  const table = useRef(null);
  const groups = [...new Set(rows.map((each) => each.group))];
  const here = rows.some((each) => each.key === active) ? active : rows[0].key;
  const move = (event) => {
    const buttons = [...table.current.querySelectorAll(".waterfall-name")];
    const at = buttons.indexOf(document.activeElement);
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: buttons.length - 1 }[event.key];
    if (at >= 0 && next !== undefined) {
      event.preventDefault();
      buttons[Math.max(0, Math.min(next, buttons.length - 1))].focus();
    }
  };
  return h(
    "table",
    { ref: table, className: "waterfall-rows", onKeyDown: move },
    h("caption", { className: "sr-only" }, "What ran, by time. The arrow keys go from row to row."),
    h(Head, { total }),
    groups.map((group) =>
      h(
        "tbody",
        { key: group },
        h("tr", { className: "waterfall-group" }, h("th", { colSpan: 5, scope: "rowgroup" }, group)),
        rows
          .filter((each) => each.group === group)
          .map((row) =>
            h(Row, { key: row.key, row, total, isActive: row.key === active, isHere: row.key === here, look }),
          ),
      ),
    ),
    hidden > 0 &&
      h("tfoot", null, h("tr", null, h("td", { colSpan: 5, className: "is-quiet" }, `and ${number(hidden)} more`))),
  );
}

function Head({ total }) {
  return h(
    "thead",
    null,
    h(
      "tr",
      null,
      h("th", { scope: "col" }, "What"),
      h(
        "th",
        { scope: "col", className: "waterfall-axis" },
        h("span", { className: "sr-only" }, "When"),
        ticks(total).map((at) =>
          h("span", { key: at, "aria-hidden": true, style: { left: `${(100 * at) / total}%` } }, `${number(at)} ms`),
        ),
      ),
      h(
        "th",
        {
          scope: "col",
          className: "is-figure",
          title: "For how many parents a step ran, and how many keys were asked for",
        },
        "Keys",
      ),
      h("th", { scope: "col" }, "How"),
      h("th", { scope: "col", className: "is-figure" }, "Time"),
    ),
  );
}

/** Three to six marks at round figures. */
function ticks(total) {
  const size = [1, 2, 2.5, 5, 10].map((each) => each * 10 ** Math.floor(Math.log10(Math.max(total, 0.01) / 4)));
  const step = size.find((each) => total / each <= 5) ?? size[size.length - 1];
  return Array.from({ length: Math.floor(total / step) + 1 }, (_, at) => Number((at * step).toFixed(4))).filter(
    (at) => at < total * 0.86,
  );
}

function Row({ row, total, isActive, isHere, look }) {
  const { mark, text } = KINDS[row.kind];
  const again = row.attempt > 1 ? `, try ${row.attempt}` : "";
  return h(
    "tr",
    { className: isActive ? "is-active" : "", "data-kind": row.kind, onMouseEnter: () => look(row.key) },
    h(
      "th",
      { scope: "row" },
      h(
        "button",
        {
          type: "button",
          className: "waterfall-name",
          tabIndex: isHere ? 0 : -1,
          "aria-describedby": "waterfall-details",
          onFocus: () => look(row.key),
          onClick: () => look(row.key),
        },
        h(Name, { row }),
      ),
    ),
    h(
      "td",
      { className: "waterfall-track" },
      row.kind === "cached" ? h("span", { className: "is-quiet" }, recalled(row)) : h(Bar, { row, total }),
    ),
    h("td", { className: "is-figure" }, number(row.parents ?? row.keys)),
    h(
      "td",
      { className: "waterfall-how" },
      h("span", { className: `waterfall-mark is-${row.kind}`, "aria-hidden": true }, mark),
      `${text}${again}`,
    ),
    h("td", { className: "is-figure" }, row.ms === undefined ? "" : milliseconds(row.ms)),
  );
}

function Name({ row }) {
  if (row.kind === "step") {
    return h(
      React.Fragment,
      null,
      h("span", { className: "waterfall-level", title: `Level ${row.level}` }, row.level),
      row.path,
    );
  }
  return h(React.Fragment, null, h("span", { className: "panels-source" }, row.source), row.operation ?? row.fact);
}

function Bar({ row, total }) {
  const left = Math.min(99.5, (100 * row.startMs) / total);
  const width = Math.max(0.5, Math.min(100 - left, (100 * row.ms) / total));
  return h(
    React.Fragment,
    null,
    h("span", { className: `waterfall-bar is-${row.kind}`, style: { left: `${left}%`, width: `${width}%` } }),
    h("span", { className: "sr-only" }, `from ${milliseconds(row.startMs)} to ${milliseconds(row.startMs + row.ms)}`),
  );
}

function recalled({ keys, cached, stale }) {
  return `${number(cached)} of ${plural(keys, "key")}${stale > 0 ? `, ${number(stale)} past their time` : ""}`;
}

/** All that is known of the row that is looked at; it has its place always, so that nothing moves. */
function Details({ row }) {
  return h(
    "div",
    { id: "waterfall-details", className: "waterfall-details" },
    row
      ? h(
          "dl",
          null,
          facts(row).map(([name, value]) => h("div", { key: name }, h("dt", null, name), h("dd", null, value))),
        )
      : h(Legend),
  );
}

function Legend() {
  return h(
    "ul",
    { className: "waterfall-legend", "aria-label": "Marks" },
    Object.entries(KINDS).map(([kind, { mark, text, means }]) =>
      h(
        "li",
        { key: kind, title: means },
        h("span", { className: `waterfall-mark is-${kind}`, "aria-hidden": true }, mark),
        text,
      ),
    ),
  );
}

function facts(row) {
  const times =
    row.ms === undefined
      ? []
      : [
          [
            "Time",
            `${milliseconds(row.ms)}, from ${milliseconds(row.startMs)} to ${milliseconds(row.startMs + row.ms)}`,
          ],
        ];
  if (row.kind === "step") {
    return [["Step", row.path], ["Field", row.field], ["Level", row.level], ["Parents", number(row.parents)], ...times];
  }
  if (row.kind === "cached") {
    return [
      ["System", row.source],
      ["Fact", row.fact],
      ["Remembered", recalled(row)],
    ];
  }
  return [
    ["System", row.source],
    ["Asked", row.operation],
    ["Keys", number(row.keys)],
    ...times,
    ["How", KINDS[row.kind].means],
    ["Outcome", row.outcome],
    ["Attempt", number(row.attempt)],
  ];
}
