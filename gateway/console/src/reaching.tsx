import { useEffect, useState } from "preact/hooks";
import type { Viewer } from "./answers";
import { useCell } from "./cell";
import { now } from "./clock";
import { ME } from "./documents";
import { span } from "./format";
import { ask, Refused, reach } from "./gateway";
import { session } from "./session";

const PAUSES_MS = [1_000, 2_000, 4_000, 8_000];

/** Asks who asks: when the page opens, and while the gateway is away again and again, until it is back. */
export async function askWho(): Promise<void> {
  try {
    const { data } = await ask<{ viewer: Viewer | null }>(ME);
    if (data.viewer) session.value = { is: "somebody", viewer: data.viewer };
  } catch (error) {
    if (error instanceof Refused && session.value.is === "asking") session.value = { is: "nobody", why: error.message };
  }
}

export function Away() {
  const { isUp, since } = useCell(reach);
  const moment = useCell(now);
  const [next, plan] = useState(0);
  const [tries, tried] = useState(0);

  useEffect(() => {
    if (isUp) {
      tried(0);
      return undefined;
    }
    const pause = PAUSES_MS[Math.min(tries, PAUSES_MS.length - 1)] ?? 0;
    plan(Date.now() + pause);
    const timer = window.setTimeout(() => void askWho().then(() => tried((count) => count + 1)), pause);
    return () => window.clearTimeout(timer);
  }, [isUp, tries]);

  return (
    <div role="alert">
      {!isUp && (
        <p class="banner bad away">
          <b>The gateway does not answer.</b> What you see may be old.
          <span aria-hidden="true">
            Away for {span(moment - since)}; next try {next > moment ? `in ${span(next - moment)}` : "now"}.
          </span>
          <button class="small" onClick={() => void askWho()}>
            Try now
          </button>
        </p>
      )}
    </div>
  );
}
