import runtime, { type GraphQLResponse, type RequestParameters, type Variables } from "relay-runtime";
import { createClient } from "graphql-ws";
import WebSocket from "ws";
import { asked, events, say, watched, webSocketUrl, type Sent } from "./asked.js";
import DEFERRED, { type documentsDeferredQuery } from "./relay/__generated__/documentsDeferredQuery.graphql.js";
import LIFE, { type documentsLifeSubscription } from "./relay/__generated__/documentsLifeSubscription.graphql.js";
import ORDER, { type documentsOrderMutation } from "./relay/__generated__/documentsOrderMutation.graphql.js";
import PARTIAL, { type documentsPartialQuery } from "./relay/__generated__/documentsPartialQuery.graphql.js";
import QUOTE, { type documentsQuoteQuery } from "./relay/__generated__/documentsQuoteQuery.graphql.js";
import TOTAL, { type documents_total$data } from "./relay/__generated__/documents_total.graphql.js";

const { Environment, Network, Observable, RecordSource, Store, commitMutation, fetchQuery, getSingularSelector, requestSubscription } = runtime;
const sent: Sent[] = [];
const codes: unknown[] = [];
const posting = watched(sent);

const headers = { "Content-Type": "application/json", Authorization: `Bearer ${asked.key}`, "Idempotency-Key": "relay" };
const connectionParams = { Authorization: `Bearer ${asked.key}` };
const jsonMessageReplacer = (key: string, value: unknown) => (key === "query" && value === "" ? undefined : value); // the id stands for it
const socket = createClient({ url: webSocketUrl, webSocketImpl: WebSocket, connectionParams, jsonMessageReplacer, retryAttempts: 10 });
async function ask(request: RequestParameters, variables: Variables): Promise<GraphQLResponse> {
  const body = JSON.stringify({ doc_id: request.id, variables });
  const answer = await (await posting(asked.url, { method: "POST", headers, body })).json();
  if (answer.errors) codes.push(...answer.errors.map((each: { extensions: { code: string } }) => each.extensions.code));
  const extensions = { is_final: true }; // what is deferred came along
  return answer.data ? { data: answer.data, extensions } : answer; // Relay throws data away where errors stand beside it
}
const subscribe = (request: RequestParameters, variables: Variables) =>
  Observable.create<GraphQLResponse>((sink) => socket.subscribe({ query: "", variables, ...{ doc_id: request.id } }, sink as never));
const environment = new Environment({ network: Network.create(ask, subscribe), store: new Store(new RecordSource()) });

const force = { fetchPolicy: "network-only" } as const;
const order = () =>
  new Promise((resolve, reject) =>
    commitMutation<documentsOrderMutation>(environment, {
      mutation: ORDER,
      variables: { input: asked.order },
      onCompleted: (data) => resolve(data.submitOrder),
      onError: reject,
    }),
  );

const quoted = async () => fetchQuery<documentsQuoteQuery>(environment, QUOTE, { input: asked.quote }, force).toPromise();
await say("persisted", async () => ({ data: await quoted(), sent: sent.slice(0, 1) }));
await say("query", async () => {
  const data = await quoted();
  const total: string | undefined = data?.quote?.lines[0]?.total?.amount; // a Decimal is a string
  return { data, total };
});
await say("mutation", async () => [await order(), await order()]);
await say("errors", async () => {
  const data = await fetchQuery<documentsPartialQuery>(environment, PARTIAL, { number: asked.customer }, force).toPromise();
  return { data, codes };
});
await say("defer", async () => {
  const data = await fetchQuery<documentsDeferredQuery>(environment, DEFERRED, { input: asked.quote }, force).toPromise();
  const lines = data?.quote?.lines.map((line) => {
    const selector = getSingularSelector(TOTAL, line);
    return { sku: line.sku, ...(selector && (environment.lookup(selector).data as documents_total$data)) };
  });
  return { quote: { lines: lines?.map(({ sku, total }) => ({ sku, total })) } };
});
await say("websocket", () =>
  events((next, failed) => {
    const following = requestSubscription<documentsLifeSubscription>(environment, {
      subscription: LIFE,
      variables: { shipment: "relay-websocket" },
      onNext: (data) => next(data?.shipmentEvents),
      onError: failed,
    });
    return () => following.dispose();
  }),
);
process.exit(0);
