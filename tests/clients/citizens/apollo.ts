import { ApolloClient, CombinedGraphQLErrors, HttpLink, InMemoryCache, gql } from "@apollo/client";
import { Defer20220824Handler } from "@apollo/client/incremental";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { createHash } from "node:crypto";
import { createClient } from "graphql-ws";
import WebSocket from "ws";
import { asked, events, say, watched, webSocketUrl, type Sent } from "./asked.js";
import { LIFE, ORDER, PARTIAL, QUOTE } from "./documents.js";

const client = new ApolloClient({
  link: new HttpLink({ uri: asked.url, headers: { Authorization: `Bearer ${asked.key}` } }),
  cache: new InMemoryCache(),
  incrementalHandler: new Defer20220824Handler(),
});
const connectionParams = { Authorization: `Bearer ${asked.key}` };
const socket = createClient({ url: webSocketUrl, webSocketImpl: WebSocket, connectionParams, retryAttempts: 10 });
const live = new ApolloClient({ link: new GraphQLWsLink(socket), cache: new InMemoryCache() });

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

async function persisted(): Promise<unknown> {
  const sent: Sent[] = [];
  const link = new PersistedQueryLink({ sha256 }).concat(new HttpLink({ uri: asked.url, fetch: watched(sent) }));
  const hashed = new ApolloClient({ link, cache: new InMemoryCache(), queryDeduplication: false });
  await hashed.query({ query: QUOTE, variables: { input: asked.quote }, fetchPolicy: "no-cache" });
  const again = await hashed.query({ query: QUOTE, variables: { input: asked.quote }, fetchPolicy: "no-cache" });
  return { sent, data: again.data };
}

const followed = (by: ApolloClient, shipment: string) =>
  events((next, failed) => {
    const following = by
      .subscribe({ query: LIFE, variables: { shipment }, fetchPolicy: "no-cache" })
      .subscribe({ next: (each) => next(each.data?.shipmentEvents), error: failed });
    return () => following.unsubscribe();
  });

const DEFER = gql`query Deferred($input: QuoteInput!) {
  quote(input: $input) { lines { sku ... @defer { total { amount currency } } } }
}`;
const keyed = { headers: { Authorization: `Bearer ${asked.key}`, "Idempotency-Key": "apollo" } };
const order = async () => (await client.mutate({ mutation: ORDER, variables: { input: asked.order }, context: keyed })).data?.submitOrder;

await say("query", async () => {
  const { data } = await client.query({ query: QUOTE, variables: { input: asked.quote } });
  const total: string | undefined = data?.quote?.lines[0]?.total?.amount; // a Decimal is a string
  return { data, total };
});
await say("mutation", async () => [await order(), await order()]);
await say("errors", async () => {
  const { data, error } = await client.query({ query: PARTIAL, variables: { number: asked.customer }, errorPolicy: "all" });
  return { data, codes: CombinedGraphQLErrors.is(error) ? error.errors.map((each) => each.extensions?.code) : null };
});
await say("defer", async () => (await client.query({ query: DEFER, variables: { input: asked.quote }, fetchPolicy: "no-cache" })).data);
await say("persisted", persisted);
await say("multipart", () => followed(client, "apollo-multipart"));
await say("websocket", () => followed(live, "apollo-websocket"));
process.exit(0);
