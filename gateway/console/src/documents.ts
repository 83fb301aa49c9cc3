// All that the console asks of the gateway. The texts are known to a gateway that takes known documents only: built/documents.json.

const MONEY = "{ amount currency }";

export const ME = "query ConsoleViewer { viewer { subject scopes companies customers } }";

export const SOURCES = `query ConsoleSources {
  sources { name system state breaker p50Ms p95Ms errorRate inFlight cacheHitRatio }
}`;

export const COUNTS = `query ConsoleCounts($customer: String, $reason: [ProblemCode!]) {
  waiting: submissions(status: [NEEDS_ATTENTION, FAILED], customer: $customer, reason: $reason, first: 0) { totalCount }
  moving: submissions(status: [QUEUED, RUNNING, RECONCILING], customer: $customer, reason: $reason, first: 0) { totalCount }
  accepted: submissions(status: [ACCEPTED], customer: $customer, reason: $reason, first: 0) { totalCount }
  ended: submissions(status: [REJECTED, CANCELLED], customer: $customer, reason: $reason, first: 0) { totalCount }
  all: submissions(customer: $customer, reason: $reason, first: 0) { totalCount }
}`;

export const SUBMISSIONS = `query ConsoleSubmissions(
  $status: [SubmissionStatus!], $reason: [ProblemCode!], $customer: String, $first: Int, $after: String
) {
  submissions(status: $status, reason: $reason, customer: $customer, first: $first, after: $after) {
    edges { node {
      id status company customerNumber customer { name } poNumber channel erpOrderNumber submittedAt
      total ${MONEY} problems { code severity }
    } }
    pageInfo { hasNextPage endCursor }
  }
}`;

export const SUBMISSION = `query ConsoleSubmission($id: ID!) {
  submission(id: $id) {
    id idempotencyKey status company customerNumber shipToCode poNumber requestedDate channel erpOrderNumber
    submittedAt submittedBy correlationId total ${MONEY}
    customer {
      name segment paymentTerms
      billTo { number name credit { limit ${MONEY} exposure ${MONEY} available ${MONEY} onHold asOf } }
    }
    order { status sourceStatus holds { code reason } }
    lines {
      number sku insteadOf quantity uom unitPrice ${MONEY} total ${MONEY} priceAsOf available promisedDate availabilityAsOf
    }
    problems {
      __typename code message path severity
      ... on QuantityRuleBroken { quantity minimum maximum increment }
      ... on ItemDiscontinued { replacedBySku substituteSkus }
      ... on PriceChanged { expected ${MONEY} actual ${MONEY} tolerance }
      ... on InsufficientAvailability { requested available earliestDate }
      ... on CreditLimitExceeded { limit ${MONEY} exposure ${MONEY} exceededBy ${MONEY} }
      ... on DuplicatePurchaseOrder { poNumber orderNumber }
      ... on CarrierRestricted { carrierService sku reason }
    }
    route { company reason warehouses { code name } }
    steps { name status attempts startedAt finishedAt detail }
    decisions { decision by at note }
  }
}`;

const AFTERWARDS = "{ submission { id status erpOrderNumber } problems { code message severity } }";

export const RESOLVE = `mutation ConsoleResolve($input: ResolveSubmissionInput!) { resolveSubmission(input: $input) ${AFTERWARDS} }`;

export const RETRY = `mutation ConsoleRetry($input: RetrySubmissionInput!) { retrySubmission(input: $input) ${AFTERWARDS} }`;

export const CANCEL = `mutation ConsoleCancel($input: CancelSubmissionInput!) { cancelSubmission(input: $input) ${AFTERWARDS} }`;

export const FOLLOW = "subscription ConsoleFollow($after: String) { submissionEvents(after: $after) { cursor gap } }";

export const OPERATIONS = `query ConsoleOperations($first: Int!) {
  recentOperations(first: $first) {
    correlationId traceId kind name caller startedAt ms cost outcome errors engine leftBecause
    steps { path field level parents startMs ms }
    calls { source operation keys startMs ms outcome how attempt }
    remembered { source fact keys cached stale }
  }
}`;

const TIMES = "{ count medianSeconds p90Seconds }";
const OUTCOMES = `{
  channel count straightThrough afterDecision rejected cancelled failed successRate straightThroughRate
}`;
const EACH = `since until orderCycle ${TIMES} exceptionResolution ${TIMES} shipmentConfirmation ${TIMES}
    perfectOrders { delivered judged perfect rate late shortPicked withException }
    submissions ${OUTCOMES} shortPicks { lines orders }`;

export const FIGURES = `query ConsoleFigures($since: DateTime!, $until: DateTime!, $company: String, $every: OperationsStretch) {
  operations(since: $since, until: $until, company: $company, every: $every) {
    total { ${EACH} exceptionReasons { reason times ${TIMES} } submissionChannels ${OUTCOMES} }
    series { ${EACH} }
  }
}`;
