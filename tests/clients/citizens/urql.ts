import { Client, fetchExchange, gql, subscriptionExchange } from "@urql/core";
import { persistedExchange } from "@urql/exchange-persisted";
import { createClient } from "graphql-ws";
import WebSocket from "ws";
import { asked, events, say, watched, webSocketUrl, type Sent } from "./asked.js";
import { LIFE, ORDER, PARTIAL, QUOTE } from "./documents.js";

const fetchOptions = { headers: { Authorization: `Bearer ${asked.key}` } };
const streams = { url: asked.url, exchanges: [fetchExchange], fetchSubscriptions: true, preferGetMethod: false as const };
const client = new Client({ ...streams, fetchOptions });
const connectionParams = { Authorization: `Bearer ${asked.key}` };
const socket = createClient({ url: webSocketUrl, webSocketImpl: WebSocket, connectionParams, retryAttempts: 10 });
const forwardSubscription = (request: { query?: string; variables?: Record<string, unknown> }) => ({
  subscribe: (sink: Parameters<typeof socket.subscribe>[1]) => ({
    unsubscribe: socket.subscribe({ query: request.query ?? "", variables: request.variables }, sink),
  }),
});
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

const DEFER = gql`query Deferred($input: QuoteInput!) {
  quote(input: $input) { lines { sku ... @defer { total { amount currency } } } }
}`;
const keyed = { fetchOptions: { headers: { ...fetchOptions.headers, "Idempotency-Key": "urql" } } };
const order = async () => (await client.mutation(ORDER, { input: asked.order }, keyed).toPromise()).data?.submitOrder;

await say("query", async () => {
  const { data } = await client.query(QUOTE, { input: asked.quote }).toPromise();
  const total: string | undefined = data?.quote?.lines[0]?.total?.amount; // a Decimal is a string
  return { data, total };
});
await say("mutation", async () => [await order(), await order()]);
await say("errors", async () => {
  const { data, error } = await client.query(PARTIAL, { number: asked.customer }).toPromise();
  return { data, codes: error?.graphQLErrors.map((each) => each.extensions.code) ?? null };
});
await say("defer", async () => {
  const { data, error } = await client.query(DEFER, { input: asked.quote }).toPromise();
  if (error) throw error;
  return data;
});
await say("persisted", persisted);
await say("sse", () => followed(client, "urql-sse"));
await say("websocket", () => followed(live, "urql-websocket"));
process.exit(0);
