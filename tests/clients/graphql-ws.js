import { createClient } from "graphql-ws";
import WebSocket from "ws";
import { QUERY, SUBSCRIPTION, failed, say, told, webSocketUrl } from "./told.js";

const client = createClient({ url: webSocketUrl, webSocketImpl: WebSocket });
client.subscribe({ query: QUERY }, { next: (answer) => say(answer.data.sources.length), error: failed, complete: follow });

function follow() {
  client.subscribe({ query: SUBSCRIPTION }, { next: told, error: failed, complete: () => {} });
}
