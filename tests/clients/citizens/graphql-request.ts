import { GraphQLClient } from "graphql-request";
import { asked, say } from "./asked.js";
import { ORDER, QUOTE } from "./documents.js";

const client = new GraphQLClient(asked.url, {
  headers: { Authorization: `Bearer ${asked.key}` },
  errorPolicy: "all",
});

const order = async () =>
  (await client.request(ORDER, { input: asked.order }, { "Idempotency-Key": "graphql-request" })).submitOrder;

await say("query", async () => {
  const data = await client.request(QUOTE, { input: asked.quote });
  const total: string | undefined = data.quote?.lines[0]?.total?.amount; // a Decimal is a string
  return { data, total };
});
await say("mutation", async () => [await order(), await order()]);
await say("errors", async () => {
  const { data, errors } = await client.rawRequest<unknown>(
    "query ($number: String!) { customer(number: $number) { number relationship { owner } } }",
    { number: asked.customer },
  );
  return { data, codes: errors?.map((each) => each.extensions?.code) ?? null };
});
process.exit(0);
