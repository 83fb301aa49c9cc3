import { useState } from "preact/hooks";
import { useCell } from "./cell";
import { Dialog } from "./dialog";
import { known, shortcutsOn } from "./keys";

const NAMES: Record<string, string> = { Escape: "Esc" };

export function Shortcuts({ onClose, change }: { onClose: () => void; change: (isOn: boolean) => void }) {
  const [groups] = useState(known);
  const isOn = useCell(shortcutsOn);
  return (
    <Dialog title="Shortcuts" onClose={onClose} wide>
      <div class="shortcuts">
        {groups.map(({ group, shortcuts }) => (
          <section key={group}>
            <h3>{group}</h3>
            <dl>
              {shortcuts.map(({ key, does }) => (
                <div key={key}>
                  <dt>
                    <kbd>{NAMES[key] ?? key}</kbd>
                  </dt>
                  <dd>{does}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
      <label class="check">
        <input type="checkbox" checked={isOn} onChange={(event) => change(event.currentTarget.checked)} />
        Single keys do things. Without them, everything is still reached by Tab and Enter.
      </label>
      <div class="ends-dialog">
        <button class="primary" data-first onClick={onClose}>
          Close
        </button>
      </div>
    </Dialog>
  );
}
