// The two panels beneath the answer: tabs, a border that can be moved, and shortcuts to come and go by.

import { Plan, usePlan } from "./plan.js";
import { Waterfall, spoken } from "./waterfall.js";
import { ran } from "./asking.js";

/* global React */

const { createElement: h, useCallback, useEffect, useRef, useState, useSyncExternalStore } = React;

const TABS = [
  { name: "plan", title: "Plan", code: "KeyP", keys: "Alt+P" },
  { name: "waterfall", title: "Waterfall", code: "KeyW", keys: "Alt+W" },
];
const KEPT = "crossdock:panels";
const LEAST = 15;
const MOST = 85;
const STEP = 5;

export function Panels() {
  const [kept, change] = useKept();
  const root = useRef(null);
  const run = useSyncExternalStore(ran.follow, ran.get);
  const plan = usePlan();
  const show = useCallback((name) => change({ shown: name, isOpen: true }), [change]);
  useShortcuts(root, show);
  useEffect(() => {
    if (run.state === "told" && run.trace.outcome !== "refused") {
      change({ shown: "waterfall" });
    }
  }, [run, change]);
  return h(
    "section",
    {
      ref: root,
      className: `panels ${kept.isOpen ? "" : "is-closed"}`,
      style: kept.isOpen ? { "--panels-share": `${kept.share}%` } : undefined,
      "aria-label": "What runs for the answer",
      onKeyDown: leave,
    },
    h("div", { className: "sr-only", role: "status" }, spoken(run)),
    kept.isOpen && h(Border, { share: kept.share, move: (share) => change({ share }) }),
    h(Tabs, { kept, show, toggle: () => change({ isOpen: !kept.isOpen }) }),
    kept.isOpen && h(Panel, { name: kept.shown }, kept.shown === "plan" ? h(Plan, { plan }) : h(Waterfall, { run })),
  );
}

/** What the reader has chosen is there again at the next visit. */
function useKept() {
  const [kept, set] = useState(() => ({ shown: "plan", isOpen: true, share: 55, ...stored() }));
  const change = useCallback((part) => {
    set((before) => {
      const next = { ...before, ...part };
      try {
        window.localStorage.setItem(KEPT, JSON.stringify(next));
      } catch {
        // Where nothing may be stored, it is chosen anew at each visit.
      }
      return next;
    });
  }, []);
  return [kept, change];
}

function stored() {
  try {
    const { shown, isOpen, share } = JSON.parse(window.localStorage.getItem(KEPT)) ?? {};
    const isKnown = TABS.some((each) => each.name === shown) && typeof isOpen === "boolean";
    return isKnown && Number.isFinite(share) ? { shown, isOpen, share: within(share) } : {};
  } catch {
    return {};
  }
}

function within(share) {
  return Math.min(MOST, Math.max(LEAST, share));
}

/** The editors keep the Tab key, so that the panels have keys of their own; Escape goes back to the query. */
function useShortcuts(root, show) {
  useEffect(() => {
    const pressed = (event) => {
      const tab = TABS.find((each) => each.code === event.code);
      if (tab && event.altKey && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
        event.preventDefault();
        show(tab.name);
        window.requestAnimationFrame(() => root.current?.querySelector(`#tab-${tab.name}`)?.focus());
      }
    };
    window.addEventListener("keydown", pressed, true);
    return () => window.removeEventListener("keydown", pressed, true);
  }, [root, show]);
}

function leave(event) {
  if (event.key === "Escape") {
    document.querySelector(".graphiql-query-editor .CodeMirror")?.CodeMirror?.focus();
  }
}

function Tabs({ kept, show, toggle }) {
  const move = (event) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (by) {
      event.preventDefault();
      const at = TABS.findIndex((each) => each.name === kept.shown);
      const next = TABS[(at + by + TABS.length) % TABS.length].name;
      show(next);
      event.currentTarget.querySelector(`#tab-${next}`).focus();
    }
  };
  return h(
    "div",
    { className: "panels-head" },
    h(
      "div",
      { role: "tablist", "aria-label": "Panels", onKeyDown: move },
      TABS.map((each) =>
        h(
          "button",
          {
            key: each.name,
            id: `tab-${each.name}`,
            type: "button",
            role: "tab",
            className: "panels-tab",
            "aria-selected": kept.shown === each.name,
            "aria-controls": kept.isOpen ? "panel-shown" : undefined,
            "aria-keyshortcuts": each.keys,
            tabIndex: kept.shown === each.name ? 0 : -1,
            title: `${each.title} (${each.keys})`,
            onClick: () => show(each.name),
          },
          each.title,
        ),
      ),
    ),
    h(
      "button",
      {
        type: "button",
        className: "panels-toggle",
        "aria-expanded": kept.isOpen,
        title: kept.isOpen ? "Close the panels" : "Open the panels",
        onClick: toggle,
      },
      h("span", { "aria-hidden": true }, kept.isOpen ? "▾" : "▴"),
      h("span", { className: "sr-only" }, kept.isOpen ? "Close the panels" : "Open the panels"),
    ),
  );
}

function Panel({ name, children }) {
  return h(
    "div",
    { id: "panel-shown", className: "panels-shown", role: "tabpanel", "aria-labelledby": `tab-${name}`, tabIndex: 0 },
    children,
  );
}

/** Between the answer and the panels; by mouse, or by the arrow keys in steps. */
function Border({ share, move }) {
  const drag = (event) => {
    event.preventDefault();
    const border = event.currentTarget;
    border.setPointerCapture(event.pointerId);
    const { top, height } = border.closest(".graphiql-response").getBoundingClientRect();
    const follow = (moved) => move(within(Math.round((100 * (top + height - moved.clientY)) / height)));
    const end = () => {
      border.removeEventListener("pointermove", follow);
      border.removeEventListener("lostpointercapture", end);
    };
    border.addEventListener("pointermove", follow);
    border.addEventListener("lostpointercapture", end);
  };
  const press = (event) => {
    const next = { ArrowUp: share + STEP, ArrowDown: share - STEP, Home: MOST, End: LEAST }[event.key];
    if (next !== undefined) {
      event.preventDefault();
      move(within(next));
    }
  };
  return h("div", {
    className: "panels-border",
    role: "separator",
    tabIndex: 0,
    "aria-orientation": "horizontal",
    "aria-label": "Height of the panels in percent",
    "aria-valuemin": LEAST,
    "aria-valuemax": MOST,
    "aria-valuenow": share,
    onPointerDown: drag,
    onKeyDown: press,
  });
}
