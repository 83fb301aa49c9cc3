"""What the ledger observes, as metrics: each observation once, by the gateway that wrote it down first (docs/metrics.md)."""

from typing import Final

from gateway.telemetry.metrics import OTHER, Metrics
from orders.observations import Figure, Observation

MAX_COMPANIES: Final = 50
NOBODY: Final = ""


class Business:
    """One a gateway; listens to the ledger."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._companies: set[str] = set()

    def hear(self, seen: Observation) -> None:
        company, of = self._company(seen.company), self._metrics.of
        if seen.figure is Figure.SUBMISSION:
            channel, _, outcome = seen.label.partition(":")
            of("crossdock_submissions_done_total", channel, outcome).inc()
        elif seen.figure is Figure.EXCEPTION_REASON and seen.seconds is not None:
            of("crossdock_exception_resolution_seconds", seen.label).observe(seen.seconds)
        elif seen.figure is Figure.ORDER_CYCLE and seen.seconds is not None:
            of("crossdock_order_cycle_seconds", company).observe(seen.seconds)
        elif seen.figure is Figure.CONFIRMATION and seen.seconds is not None:
            of("crossdock_shipment_confirmation_seconds", company).observe(seen.seconds)
        elif seen.figure is Figure.PERFECT_ORDER:
            of("crossdock_orders_delivered_total", company, seen.label).inc()
        elif seen.figure is Figure.SHORT_PICK:
            of("crossdock_short_picks_total", company).inc()

    def _company(self, company: str | None) -> str:
        """Events come from outside, so companies are bounded, too."""
        if company is None or company in self._companies:
            return company or NOBODY
        if len(self._companies) >= MAX_COMPANIES:
            return OTHER
        self._companies.add(company)
        return company
