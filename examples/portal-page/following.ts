import { createClient, NetworkError } from "graphql-sse";
import { authorization, type Session } from "../gateway";
import { FollowingDocument, type FollowingSubscription, type FollowingSubscriptionVariables } from "./graphql/graphql";

export type Happening = FollowingSubscription["shipmentEvents"];
export type Line = "connecting" | "live" | "lost" | "ended";

interface Told {
  line: (now: Line) => void;
  happened: (event: Happening) => void;
  /** What is shown may have holes: read it anew. */
  reread: () => void;
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 10_000;

/** Follow an order until `signal` says otherwise; after a cut it comes back behind the last event that was heard, so none is missed. */
export async function follow(session: Session, order: { number: string; company: string }, told: Told, signal: AbortSignal) {
  const client = createClient({ url: session.gateway, headers: authorization(session), retryAttempts: 0 });
  let after: string | null = null;
  let pause = FIRST_PAUSE_MS;
  signal.addEventListener("abort", () => client.dispose());
  while (!signal.aborted) {
    const connected = () => {
      told.line("live");
      if (after === null) told.reread(); // only now is everything that follows heard
    };
    try {
      const variables: FollowingSubscriptionVariables = { ...order, after };
      for await (const answer of client.iterate<FollowingSubscription>({ query: FollowingDocument.toString(), variables }, { connected })) {
        pause = FIRST_PAUSE_MS;
        const event = answer.data?.shipmentEvents;
        if (!event) continue;
        after = event.cursor;
        told.happened(event);
        if (event.gap || answer.extensions) told.reread(); // events are no longer kept, or this page was too slow for them
      }
      break; // the gateway has said that it is complete
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof NetworkError && isRefusal(error)) break;
      told.line("lost");
    }
    await new Promise((resolve) => setTimeout(resolve, pause * (0.75 + Math.random() / 2)));
    pause = Math.min(2 * pause, LONGEST_PAUSE_MS);
  }
  if (!signal.aborted) told.line("ended");
}

/** The gateway does not know us any more, or not for this: to come back would change nothing. */
function isRefusal({ response }: NetworkError): boolean {
  const status = response?.status ?? 0;
  return status >= 400 && status < 500 && status !== 429;
}
