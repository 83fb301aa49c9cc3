import { Client, fetchExchange } from "@urql/core";
import { QUERY, SUBSCRIPTION, failed, say, told, url } from "./told.js";

const client = new Client({ url, exchanges: [fetchExchange], fetchSubscriptions: true, preferGetMethod: false });
const answer = await client.query(QUERY, {}).toPromise();
if (answer.error) failed(answer.error);
say(answer.data.sources.length);
client.subscription(SUBSCRIPTION, {}).subscribe((result) => (result.error ? failed(result.error) : told(result)));
