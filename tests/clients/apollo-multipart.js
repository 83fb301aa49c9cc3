import { ApolloClient, HttpLink, InMemoryCache, gql } from "@apollo/client";
import { QUERY, SUBSCRIPTION, failed, say, told, url } from "./told.js";

const client = new ApolloClient({ link: new HttpLink({ uri: url }), cache: new InMemoryCache() });
const answer = await client.query({ query: gql(QUERY), fetchPolicy: "no-cache" }).catch(failed);
say(answer.data.sources.length);
client.subscribe({ query: gql(SUBSCRIPTION), fetchPolicy: "no-cache" }).subscribe({ next: told, error: failed });
