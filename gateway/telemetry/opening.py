"""Telemetry as the settings want it, opened and closed with the gateway."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from gateway.telemetry.hearing import Hearer, Telemetry
from gateway.telemetry.recent import Recent
from gateway.telemetry.settings import TelemetrySettings
from gateway.telemetry.tracing import NOTHING_RECORDED, Tracing


@asynccontextmanager
async def opened_telemetry(settings: TelemetrySettings) -> AsyncIterator[Telemetry]:
    async with AsyncExitStack() as stack:
        recent = Recent()
        hearers: list[Hearer] = [recent]
        tracing, chosen = NOTHING_RECORDED, settings.traces
        if chosen.endpoint:
            from gateway.telemetry.spans import exported  # noqa: PLC0415 - a seventh of a second that others save

            spans = exported(chosen)
            stack.push_async_callback(spans.aclose)
            hearers.append(spans)
            tracing = Tracing(ratio=chosen.ratio, follows=chosen.follow_caller)
        yield Telemetry(hearers, tracing=tracing, recent=recent)
