"""Telemetry as the settings want it, opened and closed with the gateway."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from importlib.metadata import version

from gateway.telemetry.business import Business
from gateway.telemetry.hearing import Hearer, Telemetry
from gateway.telemetry.lines import Lines
from gateway.telemetry.looking import Looked, look_for_ever
from gateway.telemetry.metrics import Metrics
from gateway.telemetry.recent import Recent
from gateway.telemetry.settings import MetricSettings, TelemetrySettings
from gateway.telemetry.tracing import NOTHING_RECORDED, Tracing
from orders.desk import Desk
from sources.ending import ended


@asynccontextmanager
async def opened_telemetry(settings: TelemetrySettings) -> AsyncIterator[Telemetry]:
    async with AsyncExitStack() as stack:
        recent = Recent()
        hearers: list[Hearer] = [Lines(settings.logs.operations), recent]
        metrics = _metrics(settings.metrics)
        if metrics is not None:
            hearers.append(metrics)
        tracing, chosen = NOTHING_RECORDED, settings.traces
        if chosen.endpoint:
            from gateway.telemetry.spans import exported  # noqa: PLC0415 - a seventh of a second that others save

            spans = exported(chosen)
            stack.push_async_callback(spans.aclose)
            hearers.append(spans)
            tracing = Tracing(ratio=chosen.ratio, follows=chosen.follow_caller)
        yield Telemetry(hearers, tracing=tracing, recent=recent, metrics=metrics)


def _metrics(settings: MetricSettings) -> Metrics | None:
    if settings.access == "off":
        return None
    metrics = Metrics(operation_names=settings.operation_names)
    metrics.set("crossdock_info", 1, version("crossdock"))
    return metrics


@asynccontextmanager
async def looking(telemetry: Telemetry, looked: Looked) -> AsyncIterator[None]:
    """Beside everything else, until the gateway stops."""
    if telemetry.metrics is None:
        yield
        return
    task = asyncio.get_running_loop().create_task(look_for_ever(telemetry.metrics, looked))
    try:
        yield
    finally:
        await ended(task)


@contextmanager
def counting(telemetry: Telemetry, desk: Desk | None) -> Iterator[None]:
    """From before the books are opened until they are closed: some things are observed at a start, and at a stop."""
    if telemetry.metrics is None or desk is None:
        yield
        return
    business, listeners = Business(telemetry.metrics), desk.ledger.listeners
    listeners.append(business.hear)
    try:
        yield
    finally:
        listeners.remove(business.hear)
