"""What is looked at from time to time, for nobody tells it: how the sources, the bus, the streams and the submissions stand."""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from gateway.eventing import Eventing
from gateway.telemetry.metrics import Metrics
from orders.desk import Desk
from sources.breaker import BreakerState
from sources.health import SourceState

EVERY_SECONDS = 5.0
LEVEL: Mapping[BreakerState, int] = {BreakerState.CLOSED: 0, BreakerState.HALF_OPEN: 1, BreakerState.OPEN: 2}
POLLED = ("calls", "parcels", "news", "failures", "too many")
TOLD = ("told", "failed", "dead letters", "gap")
_log = logging.getLogger("crossdock.metrics")


class Looked(NamedTuple):
    """What there is to be looked at. `desk` is None where no orders are taken."""

    sources: Callable[[], Sequence[SourceState]]
    eventing: Eventing
    desk: Desk | None
    dropped: Callable[[], int]


async def look_for_ever(metrics: Metrics, looked: Looked, *, every: float = EVERY_SECONDS) -> None:
    while True:
        try:
            await look(metrics, looked)
        except Exception:  # noqa: BLE001 - what cannot be seen now may be seen next time
            _log.warning("the gateway's state could not be looked at", exc_info=True)
        due = time.monotonic() + every
        await asyncio.sleep(every)
        metrics.set("crossdock_loop_lag_seconds", max(0.0, time.monotonic() - due))


async def look(metrics: Metrics, looked: Looked) -> None:
    for state in looked.sources():
        _source(metrics, state)
    metrics.rose("crossdock_log_lines_dropped_total", looked.dropped())
    await _events(metrics, looked.eventing)
    if looked.desk is not None:
        for status, count in (await looked.desk.standing()).items():
            metrics.set("crossdock_submissions", count, status.value)


def _source(metrics: Metrics, state: SourceState) -> None:
    metrics.set("crossdock_source_breaker", LEVEL[state.breaker], state.name)
    metrics.set("crossdock_source_in_flight", state.in_flight, state.name)
    metrics.set("crossdock_source_queued", state.queued, state.name)
    metrics.set("crossdock_source_rate_limited_seconds", state.rate_limited_for_seconds, state.name)


async def _events(metrics: Metrics, eventing: Eventing) -> None:
    metrics.set("crossdock_streams_open", len(eventing.sockets.seats))
    metrics.set("crossdock_subscribers", eventing.fanout.members)
    bus = await eventing.bus.state()
    metrics.set("crossdock_bus_connected", bus.connected)
    metrics.set("crossdock_bus_lag_events", bus.lag)
    metrics.set("crossdock_bus_lag_seconds", bus.lag_seconds)
    for outcome, count in bus.counts.items():
        metrics.rose("crossdock_bus_events_total", count, outcome)
    for (source, outcome), count in eventing.webhooks.counts.items():
        metrics.rose("crossdock_webhooks_total", count, source, outcome)
    if eventing.polling is not None:
        for what in POLLED:
            metrics.rose("crossdock_polling_total", eventing.polling.counts[what], what)
    for name, courier in eventing.outbound.couriers.items():
        for outcome in TOLD:
            metrics.rose("crossdock_outbound_total", courier.counts[outcome], name, outcome)
    books = eventing.bookkeeping
    lost = books.counts["dropped"] + books.counts["unfit"] if books is not None else 0
    metrics.rose("crossdock_figures_dropped_total", lost)
    metrics.set("crossdock_letters", await eventing.letters.count())
