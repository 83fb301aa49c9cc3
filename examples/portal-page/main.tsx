import { StrictMode, useCallback, useEffect, useState } from "react";
import { createRoot } from "react-dom/client";
import { ask, session as opened, type Session } from "../gateway";
import { day, money, spoken } from "../words";
import { OrdersDocument, type OrdersQuery } from "./graphql/graphql";
import { OrderView } from "./order";

type Row = NonNullable<OrdersQuery["orders"]>["edges"][number]["node"];

/** The order that the address names: #119834. The browser's own back, forward and bookmarks work. */
function useChosen(): string {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const look = () => setHash(location.hash);
    addEventListener("hashchange", look);
    return () => removeEventListener("hashchange", look);
  }, []);
  return decodeURIComponent(hash.slice(1));
}

function Page({ session }: { session: Session }) {
  const [rows, setRows] = useState<Row[] | null>(null);
  const [next, setNext] = useState<string | null>(null);
  const [trouble, setTrouble] = useState("");
  const chosen = useChosen();

  const read = useCallback(
    (after: string | null) =>
      ask(session, OrdersDocument, { after }).then(
        ({ data: { orders }, faults }) => {
          setTrouble(orders ? "" : (faults[0]?.message ?? "The gateway gave no reason."));
          if (!orders) return;
          const more = orders.edges.map(({ node }) => node);
          setRows((before) => (after ? [...(before ?? []), ...more] : more));
          setNext(orders.pageInfo.hasNextPage ? (orders.pageInfo.endCursor ?? null) : null);
        },
        (error: Error) => setTrouble(error.message),
      ),
    [session],
  );
  useEffect(() => void read(null), [read]);

  const open = rows?.find(({ number }) => number === chosen);
  return (
    <>
      <header><h1>Orders</h1><p>{rows?.[0]?.customer?.name ?? "\u00a0"}</p></header>
      <main className="portal">
        <nav aria-label="Orders">
          {trouble && <p className="notice bad" role="alert">{trouble} <button type="button" className="link" onClick={() => void read(null)}>Try again</button></p>}
          {!rows && !trouble && <p className="empty">Reading your orders…</p>}
          {rows?.length === 0 && <p className="empty">You have not ordered anything yet.</p>}
          <ul>
            {rows?.map((row) => (
              <li key={row.id}>
                <a href={`#${row.number}`} aria-current={row.number === chosen ? "page" : undefined}>
                  <b>{row.number}</b> <span>{money(row.total.amount, row.total.currency)}</span>
                  <small>{row.poNumber ?? "no PO number"}, {day(row.placedAt)}</small> <small>{spoken(row.status)}</small>
                </a>
              </li>
            ))}
          </ul>
          {next && <button type="button" className="link" onClick={() => void read(next)}>Older orders</button>}
        </nav>
        {open ? (
          <OrderView key={open.id} session={session} number={open.number} company={open.company} />
        ) : (
          <p className="empty">{chosen && rows ? `Order ${chosen} is not among these.` : "Choose an order to see where it is."}</p>
        )}
      </main>
    </>
  );
}

const root = createRoot(document.getElementById("page")!);
opened().then(
  (session) => root.render(<StrictMode><Page session={session} /></StrictMode>),
  () => root.render(<p className="empty" role="alert">This page's server does not answer.</p>),
);
