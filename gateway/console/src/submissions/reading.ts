let isWanted = false;

/** Whoever opens a submission wants to read it: focus follows to its title. Whoever steps through the list stays there. */
export function readNext(): void {
  isWanted = true;
}

export function focusTitle(): void {
  document.getElementById("detail-title")?.focus();
}

/** Once what was opened is there. */
export function focusTitleIfWanted(): void {
  if (isWanted) focusTitle();
  isWanted = false;
}
