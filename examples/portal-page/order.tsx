import { useEffect, useState } from "react";
import { ask, type Session } from "../gateway";
import { clock, day, money, number as figure, spoken } from "../words";
import { follow, type Happening, type Line } from "./following";
import { OrderDocument, type OrderQuery } from "./graphql/graphql";
import { renewed, ShipmentCard, type Shipment } from "./shipment";

type Order = NonNullable<OrderQuery["order"]>;

const LINES: Record<Line, [string, string]> = {
  connecting: ["muted", "Connecting…"],
  live: ["good", "Live"],
  lost: ["warn", "Connection lost, coming back…"],
  ended: ["bad", "No longer live: sign in again"],
};

function moved(order: Order, { shipment }: Happening): Order {
  if (!shipment) return order;
  const before = order.shipments ?? [];
  const isNew = !before.some(({ id }) => id === shipment.id);
  return { ...order, shipments: isNew ? [shipment, ...before] : before.map((each) => (each.id === shipment.id ? renewed(each, shipment) : each)) };
}

/** One order: read once, then kept as it is by what happens to its shipments. */
export function OrderView({ session, number, company }: { session: Session; number: string; company: string }) {
  const [order, setOrder] = useState<Order | null>(null);
  const [line, setLine] = useState<Line>("connecting");
  const [heard, setHeard] = useState<Happening[]>([]);
  const [trouble, setTrouble] = useState("");

  useEffect(() => {
    const ending = new AbortController();
    const reread = () => {
      ask(session, OrderDocument, { number, company }).then(
        ({ data, faults }) => {
          if (ending.signal.aborted) return;
          if (data.order) setOrder(data.order);
          setTrouble(data.order ? (data.order.shipments ? "" : "The warehouse does not answer: shipments are not known now.") : (faults[0]?.message ?? "There is no such order."));
        },
        (error: Error) => !ending.signal.aborted && setTrouble(error.message),
      );
    };
    const happened = (event: Happening) => {
      setHeard((before) => [event, ...before]);
      setOrder((before) => before && moved(before, event));
    };
    void follow(session, { number, company }, { line: setLine, happened, reread }, ending.signal);
    return () => ending.abort();
  }, [session, number, company]);

  const [mood, words] = LINES[line];
  return (
    <section aria-label={`Order ${number}`}>
      <header>
        <h2>Order {number}</h2>
        <span className={`badge line ${mood}`} role="status">{words}</span>
      </header>
      {trouble && <p className="notice warn" role="alert">{trouble}</p>}
      {order ? <Facts order={order} /> : !trouble && <p className="empty">Reading order {number}…</p>}
      {order?.shipments?.map((each: Shipment) => (
        <ShipmentCard key={each.id} shipment={each} hasMoved={heard[0]?.shipmentNumber === each.number} />
      ))}
      {order?.shipments?.length === 0 && <p className="empty">Nothing has been sent yet. This page will tell when that changes.</p>}
      <h3 id="heard">Since you opened this page</h3>
      <ol className="heard" aria-labelledby="heard" aria-live="polite">
        {heard.map((each) => <Heard key={each.id} event={each} />)}
        {!heard.length && <li className="muted">Nothing has happened yet.</li>}
      </ol>
    </section>
  );
}

function Facts({ order }: { order: Order }) {
  const facts = {
    Status: spoken(order.status),
    "PO number": order.poNumber ?? "none",
    Placed: day(order.placedAt),
    Wanted: order.requestedDate ? day(order.requestedDate) : "as soon as it can be had",
    Total: money(order.total.amount, order.total.currency),
  };
  return (
    <>
      <dl className="facts">{Object.entries(facts).map(([name, fact]) => <div key={name}><dt>{name}</dt><dd>{fact}</dd></div>)}</dl>
      <ul className="goods">
        {order.lines.map(({ number, sku, quantity, uom, progress }) => (
          <li key={number}>
            {figure(quantity)} {uom} <b>{sku}</b><span className="muted">, {figure(progress.shipped)} sent{Number(progress.backordered) > 0 && `, ${figure(progress.backordered)} waited for`}</span>
          </li>
        ))}
      </ul>
    </>
  );
}

function Heard({ event }: { event: Happening }) {
  const kind = event.type.split(".").at(-1) ?? "";
  return (
    <li data-cursor={event.cursor}>
      <time dateTime={event.occurredAt}>{clock(event.occurredAt)}</time> {event.shipmentNumber}: <b>{spoken(kind === "in_transit" ? event.status : kind)}</b>
      <span className="muted">{event.location && `, ${event.location}`}{event.late && ", told late"}{event.gap && "; something before it is not kept any more"}</span>
    </li>
  );
}
