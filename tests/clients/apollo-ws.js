import { ApolloClient, InMemoryCache, gql } from "@apollo/client";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { createClient } from "graphql-ws";
import WebSocket from "ws";
import { QUERY, SUBSCRIPTION, failed, say, told, webSocketUrl } from "./told.js";

const link = new GraphQLWsLink(createClient({ url: webSocketUrl, webSocketImpl: WebSocket }));
const client = new ApolloClient({ link, cache: new InMemoryCache() });
const answer = await client.query({ query: gql(QUERY), fetchPolicy: "no-cache" }).catch(failed);
say(answer.data.sources.length);
client.subscribe({ query: gql(SUBSCRIPTION), fetchPolicy: "no-cache" }).subscribe({ next: told, error: failed });
