import type { DecisionKind, Group, SourceState, Step, SubmissionStatus } from "./answers";

/** How something stands, by colour, form and word: never by colour alone. */
export type Mood = "good" | "busy" | "warn" | "bad" | "quiet";

interface Word {
  mood: Mood;
  word: string;
}

export const STATUS: Record<SubmissionStatus, Word & { means: string }> = {
  NEEDS_ATTENTION: { mood: "warn", word: "Needs a person", means: "It waits for a person's decision." },
  FAILED: { mood: "bad", word: "Failed", means: "Something on our side is wrong; retry it once that is mended." },
  QUEUED: { mood: "busy", word: "Queued", means: "Taken; it waits for its turn, or for a system that does not answer." },
  RUNNING: { mood: "busy", word: "Running", means: "It is being checked and written." },
  RECONCILING: { mood: "busy", word: "Reconciling", means: "It may have been written: that is being found out." },
  ACCEPTED: { mood: "good", word: "Accepted", means: "In the ERP and with the warehouse." },
  REJECTED: { mood: "quiet", word: "Rejected", means: "It cannot be ordered, or a person said no." },
  CANCELLED: { mood: "quiet", word: "Cancelled", means: "Taken back before it was done." },
};

export const GROUPS: Record<Group, { title: string; statuses: SubmissionStatus[] }> = {
  waiting: { title: "To decide", statuses: ["NEEDS_ATTENTION", "FAILED"] },
  moving: { title: "Under way", statuses: ["QUEUED", "RUNNING", "RECONCILING"] },
  accepted: { title: "Accepted", statuses: ["ACCEPTED"] },
  ended: { title: "Not ordered", statuses: ["REJECTED", "CANCELLED"] },
  all: { title: "All", statuses: [] },
};

export const CHANNEL: Record<string, string> = {
  DIRECT: "Direct",
  CPQ: "Quote",
  PORTAL: "Portal",
  ECOMMERCE: "Web shop",
  EDI: "EDI",
  MARKETPLACE: "Marketplace",
};

export const STEP: Record<string, string> = {
  check: "Checks",
  create: "Write to the ERP",
  release: "Release to the warehouse",
  note: "Note in the CRM",
  hold: "Put on hold in the ERP",
  unhold: "Lift the hold in the ERP",
  withdraw: "Take back from the ERP",
  cancel: "Cancelled",
  retry: "Tried again",
};

export const STEP_STATUS: Record<Step["status"], Word> = {
  PENDING: { mood: "quiet", word: "To come" },
  RUNNING: { mood: "busy", word: "Under way" },
  DONE: { mood: "good", word: "Done" },
  FAILED: { mood: "bad", word: "Ended the run" },
  COMPENSATED: { mood: "warn", word: "Taken back" },
  SKIPPED: { mood: "quiet", word: "Not needed" },
};

export const DECIDED: Record<DecisionKind, string> = { RELEASE: "Released", AMEND: "Amended", REJECT: "Rejected" };

export const SOURCE: Record<SourceState, Word & { means: string }> = {
  UP: { mood: "good", word: "Up", means: "It answers." },
  DEGRADED: { mood: "warn", word: "Degraded", means: "It answers, but fails now and then, or has just come back." },
  DOWN: { mood: "bad", word: "Down", means: "It does not answer, and is left alone but for probes." },
  UNKNOWN: { mood: "quiet", word: "Idle", means: "Nobody has asked it within the last minute." },
};

export const BREAKER = { CLOSED: "closed", HALF_OPEN: "half open", OPEN: "open" } as const;

const ROLES: Record<string, string> = { erp: "ERP", crm: "CRM", wms: "WMS", carrier: "Carrier" };

/** "erp.us" is the ERP that its operators call us. */
export function sourceName(name: string): string {
  const [role = "", ...own] = name.split(".");
  return [ROLES[role] ?? role, ...own].join(" ");
}

/** "CREDIT_HOLD" for what has no word of its own. */
export function plainly(code: string): string {
  const words = code.toLowerCase().replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
