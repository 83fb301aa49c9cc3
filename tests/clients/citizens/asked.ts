// What each client is told to ask, and how it says what it got: a line of JSON for each part.
import type { QuoteInput, SubmitOrderInput } from "./gql/graphql.js";

export type Asked = { url: string; key: string; quote: QuoteInput; order: SubmitOrderInput; customer: string };
export type Sent = { hash: boolean; query: boolean };

export const asked: Asked = JSON.parse(process.argv[2] ?? "");
export const webSocketUrl = asked.url.replace("http", "ws");
export const EVENTS = 5;
const PATIENCE_MS = 30_000;

const plain = (name: string, value: unknown): unknown => (name === "__typename" ? undefined : value);

/** Says one part as soon as it is known; where it fails, the others are still asked. */
export async function say(part: string, found: () => Promise<unknown>): Promise<void> {
  try {
    process.stdout.write(JSON.stringify({ [part]: await found() }, plain) + "\n");
  } catch (error) {
    process.stderr.write(`${part}: ${error instanceof Error ? error.stack : JSON.stringify(error)}\n`);
  }
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
    const patience = setTimeout(() => finish(), PATIENCE_MS);
    const finish = () => {
      clearTimeout(patience);
      setImmediate(() => end()); // a client may tell its first event before `start` has returned
      resolve(heard);
    };
    const end = start(
      (event) => {
        heard.push(event);
        if (heard.length === EVENTS) finish();
      },
      (error) => {
        process.stderr.write(`${String(error)} ${JSON.stringify(error)}\n`);
        finish();
      },
    );
  });
}
