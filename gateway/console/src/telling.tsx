import { Cell, useCell } from "./cell";
import { MoodIcon } from "./icons";
import type { Mood } from "./words";

interface Told {
  id: number;
  mood: Mood;
  text: string;
}

const told = new Cell<Told[]>([]);
const SHOWN_MS = 8_000;
let last = 0;

/** Says what happened, to eyes and to screen readers alike. */
export function tell(mood: Mood, text: string): void {
  const id = ++last;
  told.value = [...told.value.slice(-2), { id, mood, text }];
  window.setTimeout(() => {
    told.value = told.value.filter((each) => each.id !== id);
  }, SHOWN_MS);
}

export function Told() {
  return (
    <div class="told" role="status" aria-live="polite">
      {useCell(told).map(({ id, mood, text }) => (
        <p key={id} class={mood}>
          <MoodIcon mood={mood} />
          {text}
        </p>
      ))}
    </div>
  );
}
