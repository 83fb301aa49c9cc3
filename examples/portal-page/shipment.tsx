import { clock, day, moment, spoken } from "../words";
import type { ShipmentFactsFragment } from "./graphql/graphql";

export type Shipment = ShipmentFactsFragment;
type Parcel = Shipment["parcels"][number];

const STEPS = ["Ordered", "Picking", "Packed", "On its way", "Out for delivery", "Delivered"] as const;
const IN_WAREHOUSE: Record<string, number> = { ALLOCATED: 1, PICKING: 1, SHORT_PICKED: 1, PACKED: 2, SHIPPED: 3, DELIVERED: 5 };
const WITH_CARRIER: Record<string, number> = { IN_TRANSIT: 3, AVAILABLE_FOR_PICKUP: 4, OUT_FOR_DELIVERY: 4, DELIVERED: 5 };
const AMISS = new Set(["EXCEPTION", "RETURNED", "CANCELLED"]);

/** How far it has come: by the warehouse until it leaves, then by the parcel that is furthest behind. */
export function step({ status, parcels }: Shipment): number {
  const known = parcels.flatMap(({ tracking }) => (tracking ? [WITH_CARRIER[tracking.status] ?? 0] : []));
  const carried = known.length === parcels.length ? Math.min(...known) : 0;
  return Math.max(IN_WAREHOUSE[status] ?? 0, Number.isFinite(carried) ? carried : 0);
}

/** In a word, as the customer reads it. */
export function standing(shipment: Shipment): string {
  const amiss = [shipment.status, ...shipment.parcels.map(({ tracking }) => tracking?.status ?? "")].find((each) => AMISS.has(each));
  return amiss ? spoken(amiss) : (STEPS[step(shipment)] ?? "");
}

/** What came with an event takes the place of what was shown; a parcel that could not be tracked just then keeps what is known of it. */
export function renewed(before: Shipment, now: Shipment): Shipment {
  const known = new Map(before.parcels.map((each) => [each.trackingNumber, each.tracking]));
  return { ...now, parcels: now.parcels.map((each) => ({ ...each, tracking: each.tracking ?? known.get(each.trackingNumber) ?? null })) };
}

export function ShipmentCard({ shipment, hasMoved }: { shipment: Shipment; hasMoved: boolean }) {
  const reached = step(shipment);
  const word = standing(shipment);
  const mood = word === "Delivered" ? "good" : STEPS.some((each) => each === word) ? "busy" : "bad";
  return (
    <article aria-label={`Shipment ${shipment.number}`} className={hasMoved ? "moved" : ""}>
      <header>
        <h3>{shipment.number} <small>from {shipment.warehouse.name}{shipment.carrier && `, by ${shipment.carrier}`}</small></h3>
        <span className={`badge ${mood}`} data-cell="standing">{word}</span>
      </header>
      <ol className="steps">
        {STEPS.map((each, at) => (
          <li key={each} className={at <= reached ? "done" : ""} aria-current={at === reached ? "step" : undefined}>{each}</li>
        ))}
      </ol>
      {shipment.parcels.map((each) => <ParcelRow key={each.trackingNumber} parcel={each} />)}
      {!shipment.parcels.length && <p className="muted">Nothing is packed yet.</p>}
    </article>
  );
}

function ParcelRow({ parcel: { trackingNumber, tracking } }: { parcel: Parcel }) {
  const scans = tracking?.events.toReversed() ?? [];
  return (
    <details open={tracking?.status !== "DELIVERED"}>
      <summary>
        <b>{trackingNumber}</b> {tracking ? spoken(tracking.status) : <span className="warn">the carrier does not answer</span>}
        {tracking?.estimatedDelivery && tracking.status !== "DELIVERED" && `, expected ${day(tracking.estimatedDelivery)}`}
        {tracking?.signedBy && `, signed by ${tracking.signedBy}`}
        {tracking?.stale && <span className="badge warn">as of {clock(tracking.asOf)}</span>}
      </summary>
      <ol className="scans">
        {scans.map((scan) => (
          <li key={`${scan.at} ${scan.description}`}>
            <time dateTime={scan.at}>{moment(scan.at)}</time> {scan.description}{scan.location && <span className="muted">, {scan.location}</span>}
          </li>
        ))}
      </ol>
    </details>
  );
}
