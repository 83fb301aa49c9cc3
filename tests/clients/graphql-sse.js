import { createClient } from "graphql-sse";
import { QUERY, SUBSCRIPTION, failed, say, told, url } from "./told.js";

const client = createClient({ url });
client.subscribe({ query: QUERY }, { next: (answer) => say(answer.data.sources.length), error: failed, complete: follow });

function follow() {
  client.subscribe({ query: SUBSCRIPTION }, { next: told, error: failed, complete: () => {} });
}
