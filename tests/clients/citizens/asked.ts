// What each client is told to ask, and how it says what it got: one line of JSON.
import type { QuoteInput, SubmitOrderInput } from "./gql/graphql.js";

export type Asked = { url: string; key: string; quote: QuoteInput; order: SubmitOrderInput; customer: string };
export type Told = Record<string, unknown>;
export type Sent = { hash: boolean; query: boolean };

export const asked: Asked = JSON.parse(process.argv[2] ?? "");
export const webSocketUrl = asked.url.replace("http", "ws");
export const EVENTS = 5;
const PATIENCE_MS = 3_000;

export function say(told: Told): void {
  const plain = (name: string, value: unknown): unknown => (name === "__typename" ? undefined : value);
  process.stdout.write(JSON.stringify(told, plain) + "\n", () => process.exit(0));
}

/** A fetch that remembers whether each request carried a document's text, or only its hash. */
export function watched(sent: Sent[]): typeof fetch {
  return (input, init) => {
    const body = JSON.parse(String(init?.body ?? "{}"));
    sent.push({ hash: Boolean(body.extensions?.persistedQuery ?? body.doc_id), query: "query" in body });
    return fetch(input, init);
  };
}

/** The first events of a stream; `start` gets what takes them, and returns what ends it. */
export function events(start: (next: (event: unknown) => void, failed: (error: unknown) => void) => () => void): Promise<unknown[]> {
  return new Promise((resolve) => {
    const heard: unknown[] = [];
    const end = start((event) => {
      heard.push(event);
      if (heard.length === EVENTS) {
        setImmediate(() => end());
        resolve(heard);
      }
    }, (error) => {
      process.stderr.write(JSON.stringify(error) + "\n");
      resolve(heard);
    });
    setTimeout(() => resolve(heard), PATIENCE_MS);
  });
}
