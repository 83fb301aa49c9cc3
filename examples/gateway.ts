/** How a page asks the gateway: one function for documents, and what may come back. */

/** A document with the types of its answer and its variables, as GraphQL Code Generator makes them. */
export interface Document<Data, Variables> extends String {
  __apiType?: (variables: Variables) => Data;
}

/** What the gateway says of one field that it could not answer, or of the whole request. */
export interface Fault {
  message: string;
  path?: (string | number)[];
  extensions?: { code?: string; source?: string; correlationId?: string };
}

/** Where a system is down, `data` has its fields null, and `faults` says which and why: both are shown. */
export interface Answer<Data> {
  data: Data;
  faults: Fault[];
}

export interface Session {
  gateway: string;
  token: string;
}

/** No answer at all, or no data in it. */
export class Unanswered extends Error {}

const PATIENCE_MS = 15_000;

/** In earnest your login gives the token; here the page's own server makes one for development. */
export async function session(): Promise<Session> {
  const answer = await fetch("/session", { signal: AbortSignal.timeout(PATIENCE_MS) });
  return (await answer.json()) as Session;
}

export function authorization({ token }: Session): Record<string, string> {
  return { Authorization: `Bearer ${token}` };
}

export async function ask<Data, Variables>(
  session: Session,
  document: Document<Data, Variables>,
  variables: Variables,
): Promise<Answer<Data>> {
  let body: { data?: Data | null; errors?: Fault[] };
  try {
    const answer = await fetch(session.gateway, {
      method: "POST",
      headers: { "Content-Type": "application/json", ...authorization(session) },
      body: JSON.stringify({ query: document.toString(), variables }),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    body = (await answer.json()) as typeof body;
  } catch {
    throw new Unanswered("The gateway does not answer.");
  }
  if (!body.data) throw new Unanswered(body.errors?.[0]?.message ?? "The gateway gave no reason.");
  return { data: body.data, faults: body.errors ?? [] };
}

/** Whether something below this place of the answer is missing, and not merely empty. */
export function isMissing(faults: Fault[], ...place: (string | number)[]): boolean {
  return faults.some(({ path = [] }) => place.every((step, at) => path[at] === step));
}
