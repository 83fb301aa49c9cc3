import { Client, fetchExchange, gql, subscriptionExchange } from "@urql/core";
import { persistedExchange } from "@urql/exchange-persisted";
import { createClient } from "graphql-ws";
import WebSocket from "ws";
import { asked, events, say, watched, webSocketUrl, type Sent } from "./asked.js";
import { LIFE, ORDER, PARTIAL, QUOTE } from "./documents.js";

// setup: begin
const fetchOptions = { headers: { Authorization: `Bearer ${asked.key}` } };
const streams = { url: asked.url, exchanges: [fetchExchange], fetchSubscriptions: true, preferGetMethod: false as const };
const client = new Client({ ...streams, fetchOptions });
const socket = createClient({ url: webSocketUrl, webSocketImpl: WebSocket, connectionParams: { Authorization: `Bearer ${asked.key}` }, retryAttempts: 10 });
const forwardSubscription = (request: { query?: string; variables?: Record<string, unknown> }) => ({
  subscribe: (sink: Parameters<typeof socket.subscribe>[1]) => ({
    unsubscribe: socket.subscribe({ query: request.query ?? "", variables: request.variables }, sink),
  }),
});
// setup: end
const live = new Client({ url: asked.url, exchanges: [subscriptionExchange({ forwardSubscription: forwardSubscription as never })], preferGetMethod: false });

async function persisted(): Promise<unknown> {
  const sent: Sent[] = [];
  const exchanges = [persistedExchange({ preferGetForPersistedQueries: false }), fetchExchange];
  const hashed = new Client({ url: asked.url, exchanges, fetch: watched(sent), preferGetMethod: false });
  await hashed.query(QUOTE, { input: asked.quote }).toPromise();
  const again = await hashed.query(QUOTE, { input: asked.quote }).toPromise();
  return { sent, data: again.data };
}

const followed = (by: Client, shipment: string) =>
  events((next, failed) => {
    const following = by.subscription(LIFE, { shipment }).subscribe((each) => (each.error ? failed(each.error) : next(each.data?.shipmentEvents)));
    return () => following.unsubscribe();
  });

const quote = await client.query(QUOTE, { input: asked.quote }).toPromise();
const total: string | undefined = quote.data?.quote?.lines[0]?.total?.amount; // a Decimal is a string
const keyed = { fetchOptions: { headers: { ...fetchOptions.headers, "Idempotency-Key": "urql" } } };
const order = async () => (await client.mutation(ORDER, { input: asked.order }, keyed).toPromise()).data?.submitOrder;
const partial = await client.query(PARTIAL, { number: asked.customer }).toPromise();
const DEFER = gql`query Deferred($input: QuoteInput!) {
  quote(input: $input) { lines { sku ... @defer { total { amount currency } } } }
}`;
const deferred = await client.query(DEFER, { input: asked.quote }).toPromise();
say({
  query: { data: quote.data, total },
  mutation: [await order(), await order()],
  errors: { data: partial.data, codes: partial.error?.graphQLErrors.map((each) => each.extensions.code) ?? null },
  defer: deferred.data ?? String(deferred.error),
  persisted: await persisted(),
  sse: await followed(client, "urql-sse"),
  websocket: await followed(live, "urql-websocket"),
});
