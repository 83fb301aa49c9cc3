import type { Fault } from "../gateway";
import { clock, money } from "../words";
import type { QuoteQuery } from "./graphql/graphql";
import { LineRows, type Line, type Problem } from "./line";
import { key, type Told } from "./lines";

const LOST: Record<string, string> = {
  erp: "The ERP does not answer: prices, tax or freight may be missing.",
  wms: "The warehouse system does not answer: what can be promised is not known now. Prices stand.",
};

const COLUMNS = [["Item"], ["Quantity", "figure"], ["Unit price", "figure"], ["Breaks"], ["Can be had"], ["Total", "figure"]] as const;

type Quote = NonNullable<QuoteQuery["quote"]>;

interface Given {
  quote: Quote;
  check: QuoteQuery["validateOrder"];
  faults: Fault[];
  told: Told;
  tellAnew: (sku: string) => void;
}

/** The answered quote: what is wrong with it as an order, its lines, its sums, and how fresh all of it is. */
export function Sheet({ quote, check, faults, told, tellAnew }: Given) {
  const problems = check?.problems ?? [];
  const of = (at: number) => problems.filter(({ path }) => path[0] === "lines" && path[1] === String(at));
  return (
    <>
      <Notices faults={faults} check={check} problems={problems.filter(({ path }) => path[0] !== "lines")} />
      <div className="wide" tabIndex={0} role="region" aria-label="Prices and promises">
        <table>
          <thead>
            <tr>{COLUMNS.map(([name, kind]) => <th key={name} scope="col" className={kind}>{name}</th>)}</tr>
          </thead>
          {quote.lines.map((line, at) => (
            <LineRows key={`${at} ${line.sku}`} line={line} at={at} faults={faults} problems={of(at)} told={told[key(line.sku, line.uom)]}
              tellAnew={() => tellAnew(line.sku)} />
          ))}
        </table>
      </div>
      <footer>
        <Freshness lines={quote.lines} />
        <Sums quote={quote} />
      </footer>
    </>
  );
}

function Notices({ faults, check, problems }: { faults: Fault[]; check: Given["check"]; problems: Problem[] }) {
  const down = faults.filter(({ extensions }) => extensions?.code !== "SOURCE_REJECTED").map(({ extensions }) => extensions?.source ?? "");
  return (
    <>
      {[...new Set(down)].map((source) => <p key={source} className="notice warn">{LOST[source] ?? "A part of the answer is missing."}</p>)}
      {check && !check.acceptable && <p className="notice bad">As it stands this would not go through as an order.</p>}
      {problems.map((each) => <p key={each.code} className={`notice ${each.severity === "ERROR" ? "bad" : "warn"}`}>{each.message}</p>)}
      {check?.acceptable && <p className="notice good">This would go through as an order.</p>}
    </>
  );
}

function Freshness({ lines }: { lines: Line[] }) {
  const prices = lines.flatMap(({ price }) => (price ? [price.asOf] : [])).sort()[0];
  const stocks = lines.flatMap(({ item }) => item?.availability ?? []);
  const stock = stocks.map(({ asOf }) => asOf).sort()[0];
  const isStale = stocks.some(({ stale }) => stale) || lines.some(({ item }) => item?.stale);
  return (
    <p className="muted" data-cell="freshness">
      {prices && <>Prices read at <time dateTime={prices}>{clock(prices)}</time>. </>}
      {stock && <>Stock read at <time dateTime={stock}>{clock(stock)}</time>. </>}
      {isStale && <span className="warn">Some of it is from memory: its system does not answer.</span>}
    </p>
  );
}

function Sums({ quote: { subtotal, tax, freight, total } }: { quote: Quote }) {
  const rows = { Subtotal: subtotal, Tax: tax, Freight: freight, Total: total };
  return (
    <dl className="sums">
      {Object.entries(rows).map(([name, sum]) => (
        <div key={name}><dt>{name}</dt><dd>{sum ? money(sum.amount, sum.currency) : <span className="muted">not reckoned</span>}</dd></div>
      ))}
    </dl>
  );
}
