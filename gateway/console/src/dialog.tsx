import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";

const REACHABLE = "button:not(:disabled), input:not(:disabled), textarea:not(:disabled), select:not(:disabled), a[href]";

/** The browser's own modal dialog: what is behind it is out of reach, Escape closes it, and focus goes back to where it was. */
export function Dialog(props: { title: string; onClose: () => void; wide?: boolean; children: ComponentChildren }) {
  const own = useRef<HTMLDialogElement>(null);
  const title = useId();

  // Before the next key is pressed: what is typed is for the dialog.
  useLayoutEffect(() => {
    const before = document.activeElement;
    const dialog = own.current;
    dialog?.showModal();
    dialog?.querySelector<HTMLElement>("[data-first]")?.focus();
    return () => {
      dialog?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);

  return (
    <dialog
      ref={own}
      class={props.wide ? "wide" : undefined}
      aria-labelledby={title}
      onKeyDown={(event) => event.key === "Tab" && goRound(event, event.currentTarget)}
      onCancel={(event) => {
        event.preventDefault();
        props.onClose();
      }}
    >
      <h2 id={title}>{props.title}</h2>
      {props.children}
    </dialog>
  );
}

/** Behind the last comes the first, and not the browser's own controls. */
function goRound(event: KeyboardEvent, dialog: HTMLDialogElement): void {
  const found = [...dialog.querySelectorAll<HTMLElement>(REACHABLE)];
  const [edge, other] = event.shiftKey ? [found.at(0), found.at(-1)] : [found.at(-1), found.at(0)];
  if (document.activeElement !== edge) return;
  event.preventDefault();
  other?.focus();
}
