import type { Submission } from "../answers";
import { Badge } from "../badge";
import { When } from "../clock";
import { day, decimal, money } from "../format";
import { CHANNEL, plainly } from "../words";

export function Lines({ submission: { lines, status } }: { submission: Submission }) {
  const first = lines[0];
  if (!first)
    return status === "REJECTED" || status === "CANCELLED" ? null : (
      <section>
        <h3>Lines</h3>
        <p class="muted">They are shown once the order was checked.</p>
      </section>
    );
  return (
    <section>
      <h3>Lines</h3>
      <div class="scroll" tabIndex={0} role="region" aria-label="Lines">
        <table>
          <thead>
            <tr>
              <th scope="col" class="number">
                <abbr title="Line number">No.</abbr>
              </th>
              <th scope="col">Item</th>
              <th scope="col" class="number">
                Quantity
              </th>
              <th scope="col" class="number">
                Price
              </th>
              <th scope="col" class="number">
                Amount
              </th>
              <th scope="col" class="number">
                Available
              </th>
              <th scope="col">Promised</th>
            </tr>
          </thead>
          <tbody>
            {lines.map((line) => (
              <tr key={line.number}>
                <td class="number">{line.number}</td>
                <th scope="row">
                  {line.sku}
                  {line.insteadOf && <small>instead of {line.insteadOf}</small>}
                </th>
                <td class="number">
                  {decimal(line.quantity)} {line.uom}
                </td>
                <td class="number">{line.unitPrice ? money(line.unitPrice) : "–"}</td>
                <td class="number">{line.total ? money(line.total) : "–"}</td>
                <td class="number">{line.available === null ? "–" : decimal(line.available)}</td>
                <td>{line.promisedDate ? day(line.promisedDate) : "–"}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p class="muted">
        {first.priceAsOf && (
          <>
            Prices read <When at={first.priceAsOf} />.{" "}
          </>
        )}
        {first.availabilityAsOf && (
          <>
            Availability read <When at={first.availabilityAsOf} />, in base units.
          </>
        )}
      </p>
    </section>
  );
}

/** Of the account that pays, whichever that is: it is the one that the checks went by. */
export function Credit({ submission: { customer, customerNumber } }: { submission: Submission }) {
  const payer = customer?.billTo;
  const credit = payer?.credit;
  if (!payer || !credit) return null;
  return (
    <section>
      <h3>{payer.number === customerNumber ? "Credit now" : `Credit now of ${payer.name} ${payer.number}, which pays`}</h3>
      <dl class="figures">
        <div>
          <dt>Standing</dt>
          <dd>
            <Badge mood={credit.onHold ? "warn" : "good"} word={credit.onHold ? "On hold" : "Free"} />
          </dd>
        </div>
        <div>
          <dt>Limit</dt>
          <dd>{credit.limit ? money(credit.limit) : "none"}</dd>
        </div>
        <div>
          <dt>Owed</dt>
          <dd>{money(credit.exposure)}</dd>
        </div>
        {credit.available && (
          <div>
            <dt>Left</dt>
            <dd>{money(credit.available)}</dd>
          </div>
        )}
      </dl>
    </section>
  );
}

export function Route({ submission: { route, order } }: { submission: Submission }) {
  if (!route && !order) return null;
  return (
    <section>
      <h3>Route and order</h3>
      <dl class="facts">
        {route && (
          <>
            <dt>Sold by</dt>
            <dd>{route.company}</dd>
            <dt>Shipped from</dt>
            <dd>{route.warehouses.map(({ code, name }) => `${name} (${code})`).join(", then ") || "–"}</dd>
            <dt>Because</dt>
            <dd>{route.reason}</dd>
          </>
        )}
        {order && (
          <>
            <dt>In the ERP</dt>
            <dd>
              {plainly(order.status)}
              {order.holds.length > 0 && `, held: ${order.holds.map(({ reason }) => reason).join("; ")}`}
            </dd>
          </>
        )}
      </dl>
    </section>
  );
}

export function Facts({ submission }: { submission: Submission }) {
  const facts: [string, string | null | undefined][] = [
    ["Company", submission.company],
    ["Ship-to", submission.shipToCode],
    ["Wanted", submission.requestedDate && day(submission.requestedDate)],
    ["Channel", CHANNEL[submission.channel] ?? plainly(submission.channel)],
    ["Segment", submission.customer?.segment],
    ["Payment terms", submission.customer?.paymentTerms],
  ];
  return (
    <section>
      <h3>Details</h3>
      <dl class="facts">
        {facts.map(
          ([name, value]) =>
            value && (
              <>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </>
            ),
        )}
        <dt>Key</dt>
        <dd>
          <code>{submission.idempotencyKey}</code>
        </dd>
        <dt>Correlation id</dt>
        <dd>
          <code>{submission.correlationId}</code>
        </dd>
      </dl>
    </section>
  );
}
