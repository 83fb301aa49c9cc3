// Composes Crossdock and the contracts with both composers. node compose.js <crossdock's url> <the contracts' url> <its sdl>…
// Prints, for each sdl, the supergraph that either composer makes; what they find wrong goes to stderr.

import { readFileSync } from "node:fs";
import { composeServices } from "@apollo/composition";
import { composeServices as composedByTheGuild } from "@theguild/federation-composition";
import { parse } from "graphql";

const [crossdock, contracts, ...files] = process.argv.slice(2);
const composers = { apollo: composeServices, theGuild: composedByTheGuild };

function composed(file) {
  const services = [
    { name: "crossdock", url: crossdock, typeDefs: parse(readFileSync(file, "utf8")) },
    { name: "contracts", url: contracts, typeDefs: parse(readFileSync("contracts.graphql", "utf8")) },
  ];
  const supergraphs = {};
  for (const [name, compose] of Object.entries(composers)) {
    const { errors, supergraphSdl } = compose(services);
    for (const each of errors ?? []) process.stderr.write(`${name}: ${each.message}\n`);
    supergraphs[name] = supergraphSdl ?? null;
  }
  return supergraphs;
}

process.stdout.write(JSON.stringify(files.map(composed)));
