import { useLayoutEffect, useRef } from "preact/hooks";
import { Cell } from "./cell";

export interface Shortcut {
  key: string;
  does: string;
  run: () => void;
}

const OFF = "crossdock:shortcuts-off";

/** Single keys get in the way of speech input and of some hands: they can be switched off. */
export const shortcutsOn = new Cell(localStorage.getItem(OFF) === null);

export function switchShortcuts(isOn: boolean): void {
  if (isOn) localStorage.removeItem(OFF);
  else localStorage.setItem(OFF, "yes");
  shortcutsOn.value = isOn;
}

interface Layer {
  group: string;
  shortcuts: Shortcut[];
}

const layers: { current: Layer }[] = [];

/** What can be done by key just now, group by group, each key once: what was opened last has it. */
export function known(): Layer[] {
  const taken = new Set<string>();
  const found = [...layers].reverse().map(({ current: { group, shortcuts } }) => ({
    group,
    shortcuts: shortcuts.filter(({ key }) => !taken.has(key) && taken.add(key)),
  }));
  return found.reverse().filter(({ shortcuts }) => shortcuts.length > 0);
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest("input, textarea, select, dialog") !== null;
}

window.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || isTyping(event.target)) return;
  if (!shortcutsOn.value || document.querySelector("dialog[open]")) return;
  const found = known()
    .flatMap(({ shortcuts }) => shortcuts)
    .find(({ key }) => key === event.key);
  if (!found) return;
  event.preventDefault();
  found.run();
});

export function useShortcuts(group: string, shortcuts: Shortcut[]): void {
  const own = useRef<Layer>({ group, shortcuts });
  own.current = { group, shortcuts };
  // Keys count from the moment that what they do is shown: an effect after painting would miss one pressed in between.
  useLayoutEffect(() => {
    layers.push(own);
    return () => {
      layers.splice(layers.indexOf(own), 1);
    };
  }, []);
}
