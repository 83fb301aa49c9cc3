// A second subgraph: contracts, one for each customer and item given. node contracts.js <customers> <skus>
// Prints its address; GET /calls says which root fields it was asked for since the last look.

import { readFileSync } from "node:fs";
import { ApolloServer } from "@apollo/server";
import { startStandaloneServer } from "@apollo/server/standalone";
import { buildSubgraphSchema } from "@apollo/subgraph";
import { parse } from "graphql";

const [customers, skus] = process.argv.slice(2, 4).map((text) => text.split(","));
const contracts = customers.map((customer, at) => ({
  number: `K-${at + 1}`,
  customer: { number: customer, company: "US" },
  item: { sku: skus[at % skus.length], company: "US" },
  agreed: { amount: "9.5000", currency: "USD" },
  until: "2026-12-31",
}));

const resolvers = {
  Contract: { __resolveReference: ({ number }) => contracts.find((each) => each.number === number) },
  Customer: {
    contracts: ({ number, company }) =>
      contracts.filter((each) => each.customer.number === number && each.customer.company === company),
  },
  Item: { contracts: ({ sku, company }) => contracts.filter((each) => each.item.sku === sku && each.item.company === company) },
  Query: { contracts: () => contracts, contractsAskedWith: (_, __, { authorization }) => authorization },
};

const schema = buildSubgraphSchema([{ typeDefs: parse(readFileSync("contracts.graphql", "utf8")), resolvers }]);
const server = new ApolloServer({ schema });
const { url } = await startStandaloneServer(server, {
  listen: { port: 0, host: "127.0.0.1" },
  context: async ({ req }) => ({ authorization: req.headers.authorization }),
});
console.log(url);
