import type { SubmissionStatus, Viewer } from "../answers";
import { may } from "../session";

export type Action = "RELEASE" | "AMEND" | "REJECT" | "RETRY" | "CANCEL";

interface Told {
  name: string;
  key: string;
  look: "primary" | "plain" | "grave";
  does: string;
  /** What comes of it, said before it is done. */
  means: string;
  /** What the note is to say. */
  asks: string;
  scope: string;
}

export const ACTIONS: Record<Action, Told> = {
  RELEASE: {
    name: "Release",
    key: "r",
    look: "primary",
    does: "Release: go on in spite of the problems",
    means: "The order goes on in spite of what was found. Its problems become warnings; a new one stops it again.",
    asks: "Why may it go on?",
    scope: "submission:resolve",
  },
  AMEND: {
    name: "Amend",
    key: "a",
    look: "plain",
    does: "Amend: go on with other lines",
    means: "The order goes on with these lines, all of them. They are checked anew, at today's prices.",
    asks: "Why are the lines changed?",
    scope: "submission:resolve",
  },
  REJECT: {
    name: "Reject",
    key: "x",
    look: "grave",
    does: "Reject: do not go on",
    means: "The order does not go on. If it stands in the ERP, it is cancelled there. This cannot be undone.",
    asks: "Why is it rejected?",
    scope: "submission:resolve",
  },
  RETRY: {
    name: "Retry",
    key: "t",
    look: "plain",
    does: "Retry: try again, for what has been mended elsewhere",
    means: "It is tried once more under the same reference, for what has been mended elsewhere.",
    asks: "What was mended?",
    scope: "order:submit",
  },
  CANCEL: {
    name: "Cancel order",
    key: "c",
    look: "grave",
    does: "Cancel: take the submission back",
    means: "The submission is taken back. If the order stands in the ERP, it is cancelled there. This cannot be undone.",
    asks: "Why is it taken back?",
    scope: "order:submit",
  },
};

const OPEN_TO: Partial<Record<SubmissionStatus, Action[]>> = {
  NEEDS_ATTENTION: ["RELEASE", "AMEND", "REJECT", "RETRY", "CANCEL"],
  FAILED: ["RETRY", "CANCEL"],
  QUEUED: ["CANCEL"],
};

/** What this person may do about a submission that stands like this. The gateway has the last word. */
export function possible(status: SubmissionStatus, viewer: Viewer): Action[] {
  return (OPEN_TO[status] ?? []).filter((action) => may(viewer, ACTIONS[action].scope));
}
