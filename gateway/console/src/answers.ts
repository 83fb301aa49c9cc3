// The shapes of the gateway's answers, as documents.ts asks for them. Decimals and moments come as text and stay so.

export interface Viewer {
  subject: string;
  scopes: string[];
  companies: string[];
  customers: string[];
}

export interface Money {
  amount: string;
  currency: string;
}

export type SourceState = "UP" | "DEGRADED" | "DOWN" | "UNKNOWN";

export interface Source {
  name: string;
  system: string;
  state: SourceState;
  breaker: "CLOSED" | "HALF_OPEN" | "OPEN";
  p50Ms: number | null;
  p95Ms: number | null;
  errorRate: number;
  inFlight: number;
  cacheHitRatio: number | null;
}

export type SubmissionStatus =
  | "QUEUED"
  | "RUNNING"
  | "ACCEPTED"
  | "NEEDS_ATTENTION"
  | "REJECTED"
  | "RECONCILING"
  | "CANCELLED"
  | "FAILED";

export type Severity = "ERROR" | "WARNING";

export type Group = "waiting" | "moving" | "accepted" | "ended" | "all";

export type Counts = Record<Group, { totalCount: number | null } | null>;

export interface SubmissionRow {
  id: string;
  status: SubmissionStatus;
  company: string | null;
  customerNumber: string;
  customer: { name: string } | null;
  poNumber: string | null;
  channel: string;
  erpOrderNumber: string | null;
  submittedAt: string;
  total: Money | null;
  problems: { code: string; severity: Severity }[];
}

export interface SubmissionPage {
  edges: { node: SubmissionRow }[];
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
}

export interface Problem {
  __typename: string;
  code: string;
  message: string;
  path: string[];
  severity: Severity;
  quantity?: string;
  minimum?: string;
  maximum?: string | null;
  increment?: string;
  replacedBySku?: string | null;
  substituteSkus?: string[];
  expected?: Money;
  actual?: Money;
  tolerance?: string;
  requested?: string;
  available?: string;
  earliestDate?: string | null;
  limit?: Money;
  exposure?: Money;
  exceededBy?: Money;
  poNumber?: string;
  orderNumber?: string;
  carrierService?: string;
  sku?: string | null;
  reason?: string;
}

export interface Line {
  number: number;
  sku: string;
  insteadOf: string | null;
  quantity: string;
  uom: string;
  unitPrice: Money | null;
  total: Money | null;
  priceAsOf: string | null;
  available: string | null;
  promisedDate: string | null;
  availabilityAsOf: string | null;
}

export interface Step {
  name: string;
  status: "PENDING" | "RUNNING" | "DONE" | "FAILED" | "COMPENSATED" | "SKIPPED";
  attempts: number;
  startedAt: string | null;
  finishedAt: string | null;
  detail: string | null;
}

export type DecisionKind = "RELEASE" | "AMEND" | "REJECT";

export interface Credit {
  limit: Money | null;
  exposure: Money;
  available: Money | null;
  onHold: boolean;
  asOf: string;
}

/** The account that pays: the customer itself, or another. */
export interface Payer {
  number: string;
  name: string;
  credit: Credit | null;
}

export interface Submission extends Omit<SubmissionRow, "customer" | "problems"> {
  idempotencyKey: string;
  shipToCode: string;
  requestedDate: string | null;
  submittedBy: string;
  correlationId: string;
  customer: { name: string; segment: string | null; paymentTerms: string | null; billTo: Payer | null } | null;
  order: { status: string; sourceStatus: string | null; holds: { code: string; reason: string }[] } | null;
  lines: Line[];
  problems: Problem[];
  route: { company: string; reason: string; warehouses: { code: string; name: string }[] } | null;
  steps: Step[];
  decisions: { decision: DecisionKind; by: string; at: string; note: string }[];
}

export interface Afterwards {
  submission: { id: string; status: SubmissionStatus; erpOrderNumber: string | null } | null;
  problems: { code: string; message: string; severity: Severity }[];
}

export interface OperationStep {
  path: string;
  field: string;
  level: number;
  parents: number;
  startMs: number;
  ms: number;
}

export interface OperationCall {
  source: string;
  operation: string;
  keys: number;
  startMs: number;
  ms: number;
  outcome: string;
  how: string;
  attempt: number;
}

export interface OperationRecall {
  source: string;
  fact: string;
  keys: number;
  cached: number;
  stale: number;
}

export interface Operation {
  correlationId: string;
  traceId: string;
  kind: string;
  name: string | null;
  caller: string;
  startedAt: string;
  ms: number;
  cost: number;
  outcome: string;
  errors: string[];
  engine: string;
  leftBecause: string | null;
  steps: OperationStep[];
  calls: OperationCall[];
  remembered: OperationRecall[];
}
