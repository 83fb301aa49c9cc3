import { isMissing, type Fault } from "../gateway";
import { day, money, number, spoken, type Decimal } from "../words";
import type { QuoteQuery } from "./graphql/graphql";

export type Line = NonNullable<QuoteQuery["quote"]>["lines"][number];
export type Problem = NonNullable<QuoteQuery["validateOrder"]>["problems"][number];

interface Row {
  line: Line;
  at: number;
  faults: Fault[];
  problems: Problem[];
  told: Decimal | undefined;
  tellAnew: () => void;
}

/** One line of the quote as two rows: its figures, and what is wrong with it. */
export function LineRows({ line, at, faults, problems, told, tellAnew }: Row) {
  const { item, price, total } = line;
  const hasMoved = price && told !== undefined && told !== price.unit.amount;
  const missing = (field: string) => isMissing(faults, "quote", "lines", at, field);
  return (
    <tbody data-sku={line.sku} className={problems.length ? "troubled" : ""}>
      <tr>
        <th scope="row">{line.sku}<small>{item?.name ?? (missing("item") ? "not known now" : "")}</small></th>
        <td className="figure">{number(line.quantity)} <small className="unit">{line.uom}</small></td>
        <td className="figure" data-cell="price">
          {price ? money(price.unit.amount, price.unit.currency, 4) : <Absent isUnknown={missing("price")} word="no price" />}
          {price && <small>{spoken(price.source)}</small>}
          {hasMoved && (
            <small className="warn">
              told {money(told, price.unit.currency, 4)}<br /><button type="button" className="link" onClick={tellAnew}>tell the new price</button>
            </small>
          )}
        </td>
        <td data-cell="breaks"><Breaks line={line} /></td>
        <td data-cell="promise"><Promised line={line} isUnknown={missing("promise")} /></td>
        <td className="figure" data-cell="total">{total ? money(total.amount, total.currency) : <Absent isUnknown={missing("total")} word="" />}</td>
      </tr>
      {problems.map((each) => (
        <tr key={each.code} className="problem">
          <td colSpan={6}><span className={each.severity === "ERROR" ? "bad" : "warn"}>{each.message}</span></td>
        </tr>
      ))}
    </tbody>
  );
}

function Absent({ isUnknown, word }: { isUnknown: boolean; word: string }) {
  return isUnknown ? <span className="warn">not known now</span> : <span className="muted">{word}</span>;
}

/** The break that this quantity has reached is marked. */
function Breaks({ line: { price, quantity } }: { line: Line }) {
  const breaks = price?.breaks.filter((each) => Number(each.minimum) > 1) ?? [];
  const reached = breaks.findLast((each) => Number(each.minimum) <= Number(quantity));
  if (!breaks.length) return null;
  return (
    <ul className="breaks">
      {breaks.map((each) => (
        <li key={each.minimum} aria-current={each === reached || undefined}>
          {number(each.minimum)}+ {money(each.unit.amount, each.unit.currency, 4)}
        </li>
      ))}
    </ul>
  );
}

function Promised({ line: { item, promise }, isUnknown }: { line: Line; isUnknown: boolean }) {
  const stock = item?.availability;
  const stale = stock?.stale && <span className="badge warn">from memory</span>;
  if (!promise) return <><Absent isUnknown={isUnknown} word="not stocked" />{stale}</>;
  const last = promise.portions.at(-1);
  return (
    <>
      {promise.complete && promise.date ? <span className="good">{day(promise.date)}</span> : (
        <span className="bad">{number(promise.shortfall)} short{last && ` on ${day(last.date)}`}</span>
      )}
      <small>
        {stock && `${number(stock.available)} ${item.uom} available`}
        {promise.portions.length > 1 && `, in ${promise.portions.length} portions`} {stale}
      </small>
    </>
  );
}
