import { GraphQLClient } from "graphql-request";
import { asked, say } from "./asked.js";
import { ORDER, QUOTE } from "./documents.js";

// setup: begin
const client = new GraphQLClient(asked.url, {
  headers: { Authorization: `Bearer ${asked.key}` },
  errorPolicy: "all",
});
// setup: end

const quote = await client.request(QUOTE, { input: asked.quote });
const total: string | undefined = quote.quote?.lines[0]?.total?.amount; // a Decimal is a string
const order = async () =>
  (await client.request(ORDER, { input: asked.order }, { "Idempotency-Key": "graphql-request" })).submitOrder;
const partial = await client.rawRequest<unknown>(
  "query ($number: String!) { customer(number: $number) { number relationship { owner } } }",
  { number: asked.customer },
);
say({
  query: { data: quote, total },
  mutation: [await order(), await order()],
  errors: { data: partial.data, codes: partial.errors?.map((each) => each.extensions?.code) ?? null },
});
