import type { ComponentChildren } from "preact";
import type { Refused } from "./gateway";
import { MoodIcon } from "./icons";
import type { Mood } from "./words";

/** What stands where there is nothing else to show. */
export function Notice(props: { mood: Mood; title: string; children?: ComponentChildren }) {
  return (
    <div class={`notice ${props.mood}`}>
      <MoodIcon mood={props.mood} />
      <h2>{props.title}</h2>
      {props.children && <p>{props.children}</p>}
    </div>
  );
}

export function NoRight({ scope, what }: { scope: string; what: string }) {
  return (
    <Notice mood="quiet" title={`You may not see ${what}`}>
      This takes the right <code>{scope}</code>. Whoever gives out your tokens or keys can add it.
    </Notice>
  );
}

export function RefusedNotice({ refusal }: { refusal: Refused }) {
  return (
    <Notice mood="bad" title="The gateway refused this">
      {refusal.message}
      {refusal.correlationId && (
        <>
          {" "}
          In the logs it is <code>{refusal.correlationId}</code>.
        </>
      )}
    </Notice>
  );
}

/** Takes the room of what is to come, so that nothing jumps when it is there. */
export function Waiting({ rows }: { rows: number }) {
  return (
    <div class="waiting" role="status" aria-label="Loading">
      {Array.from({ length: rows }, (_, at) => (
        <span key={at} />
      ))}
    </div>
  );
}
