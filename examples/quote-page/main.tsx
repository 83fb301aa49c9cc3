import { StrictMode, useCallback, useState } from "react";
import { createRoot } from "react-dom/client";
import { ask, session as opened, type Answer, type Session } from "../gateway";
import { QuoteDocument, type QuoteQuery } from "./graphql/graphql";
import { expecting, forgotten, linesOf, toldBy, type Told } from "./lines";
import { Party, type Customer } from "./party";
import { Sheet } from "./sheet";

function Page({ session }: { session: Session }) {
  const [customer, setCustomer] = useState<Customer | null>(null);
  const [shipTo, setShipTo] = useState("");
  const [text, setText] = useState("");
  const [told, setTold] = useState<Told>({});
  const [answer, setAnswer] = useState<Answer<QuoteQuery> | null>(null);
  const [isAsking, setAsking] = useState(false);
  const [trouble, setTrouble] = useState("");
  const { wanted, unread } = linesOf(text);

  const choose = useCallback((chosen: Customer | null) => {
    setCustomer(chosen);
    setShipTo(chosen?.shipTos?.[0]?.code ?? "");
    setAnswer(null);
    setTold({}); // prices were told to somebody else
  }, []);

  async function price(known = told) {
    if (!customer || !wanted.length || isAsking) return;
    setAsking(true);
    setTrouble("");
    const party = { company: customer.company, customer: customer.number, shipTo };
    const order = { ...party, channel: "CPQ" as const, lines: expecting(wanted, known) };
    try {
      const given = await ask(session, QuoteDocument, { quote: { ...party, lines: wanted }, order });
      setAnswer(given);
      setTold(toldBy(given.data, known));
    } catch (error) {
      setTrouble((error as Error).message);
    }
    setAsking(false);
  }

  return (
    <>
      <header><h1>Quote</h1><p>Prices and promises are read live from the ERP and the warehouses</p></header>
      <main className="desk">
        <form aria-label="What to quote" onSubmit={(event) => (event.preventDefault(), void price())}
          onKeyDown={(event) => event.key === "Enter" && (event.ctrlKey || event.metaKey) && void price()}>
          <Party session={session} choose={choose} />
          <label>
            Ship to <select value={shipTo} disabled={!customer} onChange={(event) => setShipTo(event.target.value)}>
              {customer?.shipTos?.map((each) => (
                <option key={each.id} value={each.code}>{each.code} · {each.address.city}, {each.address.region}</option>
              ))}
            </select>
          </label>
          <label>
            Lines
            <textarea rows={8} spellCheck={false} value={text} placeholder={"SKU, quantity\nSKU, quantity, unit"}
              aria-describedby="lines-note" aria-invalid={unread.length > 0} onChange={(event) => setText(event.target.value)} />
          </label>
          <small id="lines-note" className={unread.length ? "bad" : ""}>
            {unread.length ? `Row ${unread.join(", ")}: write a SKU and a quantity` : "Typed, or pasted from a sheet"}
          </small>
          <button disabled={!customer || !wanted.length || unread.length > 0 || isAsking}>{isAsking ? "Asking…" : "Price"} <kbd>Ctrl ↵</kbd></button>
        </form>
        <section aria-label="The quote" aria-live="polite" aria-busy={isAsking}>
          {trouble && <p className="notice bad" role="alert">{trouble} <button type="button" className="link" onClick={() => void price()}>Try again</button></p>}
          {answer?.data.quote ? (
            <Sheet quote={answer.data.quote} check={answer.data.validateOrder} faults={answer.faults} told={told} tellAnew={(sku) => void price(forgotten(told, sku))} />
          ) : (
            <p className="empty">{answer ? (answer.faults[0]?.message ?? "There is no such customer.") : isAsking ? "Asking the ERP and the warehouses…" : "Choose a customer, and say what they want."}</p>
          )}
        </section>
      </main>
    </>
  );
}

const root = createRoot(document.getElementById("page")!);
opened().then(
  (session) => root.render(<StrictMode><Page session={session} /></StrictMode>),
  () => root.render(<p className="empty" role="alert">This page's server does not answer.</p>),
);
