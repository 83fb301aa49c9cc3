import { useLayoutEffect, useState } from "preact/hooks";

/** A value that several parts of the page look at; whoever uses it is drawn anew when it changes. */
export class Cell<T> {
  readonly #listeners = new Set<() => void>();
  #value: T;

  constructor(value: T) {
    this.#value = value;
  }

  get value(): T {
    return this.#value;
  }

  set value(value: T) {
    if (Object.is(value, this.#value)) return;
    this.#value = value;
    for (const listener of [...this.#listeners]) listener();
  }

  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

export function useCell<T>(cell: Cell<T>): T {
  const [, draw] = useState(0);
  // Before anything else runs: what changed between drawing and listening would not be drawn.
  useLayoutEffect(() => cell.listen(() => draw((count) => count + 1)), [cell]);
  return cell.value;
}
