import type { ComponentChildren } from "preact";
import { Chart, type Series } from "../chart";
import { count, duration, momentOf, percent } from "../format";
import { titleOf } from "../problems";
import { CHANNEL, plainly } from "../words";
import type { Figures, Operations, Outcomes, Times } from "./answers";

type Every = "HOUR" | "DAY";

export function Cards({ operations: { total, series }, every }: { operations: Operations; every: Every }) {
  const stretches = series ?? [];
  const { perfectOrders: perfect, submissions, shortPicks } = total;
  const over = (label: string, value: (figures: Figures) => number | null, isDashed = false): Series => ({
    label,
    values: stretches.map(value),
    isDashed,
  });
  const chart = { stretches, every };
  const times = (value: (figures: Figures) => Times): Series[] => [
    over("median", (each) => value(each).medianSeconds),
    over("9 of 10", (each) => value(each).p90Seconds, true),
  ];
  return (
    <div class="cards roomy">
      <Card title="Order cycle time" means="From an order's acceptance to its delivery." value={seconds(total.orderCycle.medianSeconds)}>
        <Facts facts={factsOf(total.orderCycle, "orders")} />
        <Over {...chart} title="Cycle time" series={times((each) => each.orderCycle)} shown={duration} atLeast={60} among={LENGTHS} />
      </Card>
      <Card title="Perfect orders" means="On time, whole, and without an exception." value={ratio(perfect.rate)}>
        <Facts
          facts={[
            ["Judged", count(perfect.judged)],
            ["Late", count(perfect.late)],
            ["Short", count(perfect.shortPicked)],
            ["With exception", count(perfect.withException)],
          ]}
        />
        <Over {...chart} title="Perfect orders" series={[over("", (each) => each.perfectOrders.rate)]} shown={percent} atLeast={1} atMost={1} />
      </Card>
      <Card
        title="Shipment confirmation"
        means="From release to the warehouse until a shipment was confirmed."
        value={seconds(total.shipmentConfirmation.medianSeconds)}
      >
        <Facts facts={factsOf(total.shipmentConfirmation, "shipments")} />
        <Over {...chart} title="Confirmation" series={times((each) => each.shipmentConfirmation)} shown={duration} atLeast={60} among={LENGTHS} />
      </Card>
      <Card title="Submission success" means="Accepted, of all that came to an end." value={ratio(submissions.successRate)}>
        <Facts
          facts={[
            ["Ended", count(submissions.count)],
            ["By itself", count(submissions.straightThrough)],
            ["After a decision", count(submissions.afterDecision)],
            ["Rejected", count(submissions.rejected)],
            ["Cancelled", count(submissions.cancelled)],
            ["Failed", count(submissions.failed)],
          ]}
        />
        <Over
          {...chart}
          title="Success"
          series={[
            over("all", (each) => each.submissions.successRate),
            over("by itself", (each) => each.submissions.straightThroughRate, true),
          ]}
          shown={percent}
          atLeast={1}
          atMost={1}
        />
        <Channels channels={total.submissionChannels} />
      </Card>
      <Card
        title="Exception resolution"
        means="From a submission's need for a person until one did something."
        value={seconds(total.exceptionResolution.medianSeconds)}
      >
        <Facts facts={factsOf(total.exceptionResolution, "exceptions")} />
        <Over {...chart} title="Resolution" series={times((each) => each.exceptionResolution)} shown={duration} atLeast={60} among={LENGTHS} />
        <Reasons reasons={total.exceptionReasons} />
      </Card>
      <Card title="Short picks" means="Items of which less was picked than ordered." value={count(shortPicks.lines)}>
        <Facts facts={[["Orders", count(shortPicks.orders)]]} />
        <Over {...chart} title="Short picks" series={[over("", (each) => each.shortPicks.lines)]} shown={count} atLeast={5} />
      </Card>
    </div>
  );
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const LENGTHS = [
  ...[1, 2, 5, 10, 30].map((each) => each * MINUTE),
  ...[1, 2, 4, 6, 12].map((each) => each * HOUR),
  ...[1, 2, 5, 10, 20].map((each) => each * DAY),
];

function seconds(value: number | null): string | null {
  return value === null ? null : duration(value);
}

function ratio(value: number | null): string | null {
  return value === null ? null : percent(value);
}

function factsOf(times: Times, of: string): [string, string][] {
  return [
    ["9 of 10 within", seconds(times.p90Seconds) ?? "–"],
    [plainly(of), count(times.count)],
  ];
}

function Card(props: { title: string; means: string; value: string | null; children: ComponentChildren }) {
  return (
    <article class="card figure" aria-label={props.title}>
      <header>
        <h2>{props.title}</h2>
        <p class="muted">{props.means}</p>
        <p class="value">{props.value ?? <span class="muted">None in this time</span>}</p>
      </header>
      {props.children}
    </article>
  );
}

function Facts({ facts }: { facts: [string, string][] }) {
  return (
    <dl class="figures">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

interface OverGiven {
  title: string;
  stretches: Figures[];
  every: Every;
  series: Series[];
  shown: (value: number) => string;
  atLeast: number;
  atMost?: number;
  among?: readonly number[];
}

const LENGTH_MS: Record<Every, number> = { HOUR: 3_600_000, DAY: 86_400_000 };

/** Each stretch stands where it began. */
function Over({ stretches, every, ...rest }: OverGiven) {
  const times = stretches.map(({ since }) => Date.parse(since));
  const [from = 0] = times;
  const until = times.at(-1) ?? from + 1;
  const told = (at: number) => momentOf(at, every === "HOUR");
  return <Chart {...rest} times={times} from={from} until={until} gapMs={1.5 * LENGTH_MS[every]} ends={[told(from), told(until)]} told={told} />;
}

function Reasons({ reasons }: { reasons: { reason: string; times: Times }[] }) {
  if (reasons.length === 0) return null;
  return (
    <table>
      <caption class="unseen">Exceptions by reason</caption>
      <thead>
        <tr>
          <th scope="col">Reason</th>
          <th scope="col" class="number">
            Count
          </th>
          <th scope="col" class="number">
            Median
          </th>
        </tr>
      </thead>
      <tbody>
        {reasons.map(({ reason, times }) => (
          <tr key={reason}>
            <td>{titleOf(reason)}</td>
            <td class="number">{count(times.count)}</td>
            <td class="number">{seconds(times.medianSeconds) ?? "–"}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Channels({ channels }: { channels: Outcomes[] }) {
  if (channels.length === 0) return null;
  return (
    <table>
      <caption class="unseen">Submissions by channel</caption>
      <thead>
        <tr>
          <th scope="col">Channel</th>
          <th scope="col" class="number">
            Ended
          </th>
          <th scope="col" class="number">
            Success
          </th>
          <th scope="col" class="number">
            By itself
          </th>
        </tr>
      </thead>
      <tbody>
        {channels.map((each) => (
          <tr key={each.channel}>
            <td>{CHANNEL[each.channel ?? ""] ?? each.channel}</td>
            <td class="number">{count(each.count)}</td>
            <td class="number">{ratio(each.successRate) ?? "–"}</td>
            <td class="number">{ratio(each.straightThroughRate) ?? "–"}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
