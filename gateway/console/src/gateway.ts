import { Cell } from "./cell";
import { authorization, hasToken, signOut } from "./session";

/** What the gateway says of one field, or of the whole request. */
export interface Fault {
  message: string;
  path?: (string | number)[];
  extensions?: { code?: string; source?: string; correlationId?: string };
}

export interface Answer<T> {
  data: T;
  faults: Fault[];
}

/** The gateway understood and said no. */
export class Refused extends Error {
  constructor(
    message: string,
    readonly code: string,
    readonly correlationId: string | undefined,
  ) {
    super(message);
  }
}

/** No answer, or none of the gateway's own. */
export class Unreachable extends Error {}

export interface Reach {
  isUp: boolean;
  since: number;
}

export const reach = new Cell<Reach>({ isUp: true, since: Date.now() });

const PATIENCE_MS = 15_000;
const AWAY = new Set([502, 503, 504]);

function wasReached(isUp: boolean): void {
  if (reach.value.isUp !== isUp) reach.value = { isUp, since: Date.now() };
}

async function sent(body: unknown, accept: string, signal: AbortSignal): Promise<Response> {
  try {
    return await fetch("/graphql", {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: accept, ...authorization() },
      body: JSON.stringify(body),
      cache: "no-store",
      signal,
    });
  } catch (error) {
    throw new Unreachable(String(error));
  }
}

async function read(response: Response): Promise<{ data?: unknown; errors?: Fault[] }> {
  if (AWAY.has(response.status)) throw new Unreachable(`status ${response.status}`);
  try {
    return (await response.json()) as { data?: unknown; errors?: Fault[] };
  } catch (error) {
    throw new Unreachable(String(error));
  }
}

function refusalOf(faults: Fault[]): Refused {
  const first = faults[0];
  return new Refused(
    first?.message ?? "The gateway gave no reason.",
    first?.extensions?.code ?? "UNKNOWN",
    first?.extensions?.correlationId,
  );
}

/** Ends the session where the gateway does not know who asks. */
function judged(status: number, faults: Fault[]): void {
  if (status !== 401) return;
  signOut(hasToken() ? (faults[0]?.message ?? "The token is not accepted.") : null);
  throw refusalOf(faults);
}

export async function ask<T>(document: string, variables: object = {}, signal?: AbortSignal): Promise<Answer<T>> {
  const patience = AbortSignal.timeout(PATIENCE_MS);
  const limit = signal ? AbortSignal.any([signal, patience]) : patience;
  try {
    const response = await sent({ query: document, variables }, "application/json", limit);
    const body = await read(response);
    wasReached(true);
    const faults = body.errors ?? [];
    judged(response.status, faults);
    if (body.data === undefined || body.data === null) throw refusalOf(faults);
    return { data: body.data as T, faults };
  } catch (error) {
    if (error instanceof Unreachable && !signal?.aborted) wasReached(false);
    throw error;
  }
}

/** Of a field that is null because of a fault, the fault. */
export function needed<T>(value: T | null, faults: Fault[]): T {
  if (value === null) throw refusalOf(faults);
  return value;
}

/** A subscription over server-sent events; ends when the gateway ends it, throws when it breaks off. */
export async function follow<T>(
  document: string,
  variables: object,
  told: (data: T) => void,
  signal: AbortSignal,
  opened: () => void,
): Promise<void> {
  const response = await sent({ query: document, variables }, "text/event-stream", signal);
  if (!response.headers.get("Content-Type")?.startsWith("text/event-stream") || !response.body) {
    const faults = (await read(response)).errors ?? [];
    judged(response.status, faults);
    throw refusalOf(faults);
  }
  opened();
  for await (const event of eventsOf(response.body)) {
    if (event.kind === "complete") return;
    if (event.kind !== "next") continue;
    const body = JSON.parse(event.data) as { data?: T | null; errors?: Fault[] };
    if (body.data === undefined || body.data === null) throw refusalOf(body.errors ?? []);
    told(body.data);
  }
  throw new Unreachable("the stream broke off");
}

interface StreamEvent {
  kind: string;
  data: string;
}

async function* eventsOf(body: ReadableStream<Uint8Array>): AsyncGenerator<StreamEvent> {
  const reader = body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>).getReader();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const parts = (rest + value).split("\n\n");
      rest = parts.pop() ?? "";
      yield* parts.map(parsed);
    }
  } catch (error) {
    throw new Unreachable(String(error));
  } finally {
    reader.cancel().catch(() => undefined);
  }
}

function parsed(text: string): StreamEvent {
  const event = { kind: "", data: "" };
  for (const line of text.split("\n")) {
    if (line.startsWith("event: ")) event.kind = line.slice(7);
    else if (line.startsWith("data: ")) event.data += line.slice(6);
  }
  return event;
}
