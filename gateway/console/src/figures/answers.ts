export interface Times {
  count: number;
  medianSeconds: number | null;
  p90Seconds: number | null;
}

export interface Outcomes {
  channel: string | null;
  count: number;
  straightThrough: number;
  afterDecision: number;
  rejected: number;
  cancelled: number;
  failed: number;
  successRate: number | null;
  straightThroughRate: number | null;
}

export interface Figures {
  since: string;
  until: string;
  orderCycle: Times;
  perfectOrders: {
    delivered: number;
    judged: number;
    perfect: number;
    rate: number | null;
    late: number;
    shortPicked: number;
    withException: number;
  };
  exceptionResolution: Times;
  shipmentConfirmation: Times;
  submissions: Outcomes;
  shortPicks: { lines: number; orders: number };
}

export interface Total extends Figures {
  exceptionReasons: { reason: string; times: Times }[];
  submissionChannels: Outcomes[];
}

export interface Operations {
  total: Total;
  series: Figures[] | null;
}
