import { Cell, useCell } from "./cell";
import { ago, exact } from "./format";

/** Turns once a second, for all that shows how long ago something was. */
export const now = new Cell(Date.now());

window.setInterval(() => {
  if (!document.hidden) now.value = Date.now();
}, 1000);

export function When({ at }: { at: string }) {
  const moment = Date.parse(at);
  return (
    <time dateTime={at} title={exact(moment)}>
      {ago(moment, useCell(now))}
    </time>
  );
}
