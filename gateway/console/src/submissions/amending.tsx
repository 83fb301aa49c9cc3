import { useEffect, useRef } from "preact/hooks";
import type { Line } from "../answers";
import { Icon } from "../icons";

/** A line as it is being edited. */
export interface Draft {
  id: number;
  sku: string;
  quantity: string;
  uom: string;
}

const QUANTITY = /^\d{1,12}(\.\d{1,6})?$/;
let last = 0;

function draftOf({ sku = "", quantity = "", uom = "" }: Partial<Line>): Draft {
  return { id: ++last, sku, quantity, uom };
}

export function draftsOf(lines: Line[]): Draft[] {
  return lines.length > 0 ? lines.map(draftOf) : [draftOf({})];
}

/** The lines as the gateway takes them; or what is wrong with them. */
export function amendmentsOf(drafts: Draft[]): object[] | string {
  if (drafts.length === 0) return "An order has one line at least.";
  for (const [at, { sku, quantity }] of drafts.entries()) {
    if (!sku.trim()) return `Line ${at + 1} names no item.`;
    if (!QUANTITY.test(quantity.trim()) || /^[0.]+$/.test(quantity.trim()))
      return `Line ${at + 1}: the quantity must be a number above 0, such as 12 or 2.5.`;
  }
  return drafts.map(({ sku, quantity, uom }) => ({ sku: sku.trim(), quantity: quantity.trim(), uom: uom.trim() || null }));
}

export function Amending({ drafts, change }: { drafts: Draft[]; change: (drafts: Draft[]) => void }) {
  const own = useRef<HTMLTableSectionElement>(null);
  const before = useRef(drafts.length);
  useEffect(() => {
    if (drafts.length > before.current) own.current?.querySelector<HTMLElement>("tr:last-child input")?.focus();
    before.current = drafts.length;
  }, [drafts.length]);
  const set = (id: number, fields: Partial<Draft>) =>
    change(drafts.map((each) => (each.id === id ? { ...each, ...fields } : each)));
  return (
    <fieldset class="amending">
      <legend>Lines of the order as they are to be</legend>
      <table>
        <thead>
          <tr>
            <th scope="col">Item</th>
            <th scope="col">Quantity</th>
            <th scope="col">Unit</th>
            <th scope="col">
              <span class="unseen">Remove</span>
            </th>
          </tr>
        </thead>
        <tbody ref={own}>
          {drafts.map(({ id, sku, quantity, uom }, at) => (
            <tr key={id}>
              <td>
                <input aria-label={`Item of line ${at + 1}`} value={sku} onInput={(event) => set(id, { sku: event.currentTarget.value })} />
              </td>
              <td>
                <input
                  class="number"
                  inputMode="decimal"
                  aria-label={`Quantity of line ${at + 1}`}
                  value={quantity}
                  onInput={(event) => set(id, { quantity: event.currentTarget.value })}
                />
              </td>
              <td>
                <input
                  aria-label={`Unit of line ${at + 1}`}
                  placeholder="base unit"
                  value={uom}
                  onInput={(event) => set(id, { uom: event.currentTarget.value })}
                />
              </td>
              <td>
                <button
                  type="button"
                  class="small"
                  aria-label={`Remove line ${at + 1}`}
                  disabled={drafts.length === 1}
                  onClick={() => change(drafts.filter((each) => each.id !== id))}
                >
                  <Icon name="remove" />
                </button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <button type="button" class="small" onClick={() => change([...drafts, draftOf({})])}>
        Add a line
      </button>
    </fieldset>
  );
}
