"""Operations under way: each has a context and a record of its own, and is told of when it is over."""

import asyncio
from types import TracebackType
from typing import NamedTuple, Self

from gateway import operation, wiring
from gateway.freshness import Tally, Told
from gateway.hangup import HungUp
from gateway.intake import Taken
from gateway.settings import Settings
from gateway.telemetry.hearing import Telemetry
from gateway.telemetry.record import About, Record, Transport
from gateway.wiring import Opened
from resolvers.context import Context
from sources.call import CallContext, CallMade, Deadline, Recalled
from sources.trace import Trace
from sources.viewer import Viewer


class Asking(NamedTuple):
    """Who asks, by which way, and what they want of it: no longer than `seconds`, nothing older than `max_age_seconds`."""

    viewer: Viewer
    correlation_id: str
    transport: Transport = "http"
    trace: Trace | None = None
    seconds: float | None = None
    max_age_seconds: float | None = None
    idempotency_key: str | None = None


class Operations:
    """One a gateway: makes what every operation needs, whatever way it came."""

    def __init__(self, settings: Settings, opened: Opened, telemetry: Telemetry) -> None:
        self._deadlines, self._opened, self.telemetry = settings.deadlines, opened, telemetry
        self.tally = Tally()

    def allowed_seconds(self, taken: Taken) -> float:
        return self._deadlines.query_seconds if taken.is_query else self._deadlines.mutation_seconds

    def running(self, taken: Taken, asking: Asking) -> "Running":
        trace = asking.trace or self.telemetry.tracing.begun()
        about = About(
            taken.kind.value,
            taken.name,
            asking.transport,
            asking.viewer.subject,
            asking.correlation_id,
            trace,
            taken.cost,
        )
        record = Record(about, Told(self.tally))

        def made(call: CallMade) -> None:
            record.told.call_made(call)
            self.telemetry.call_made(call)

        def recalled(batch: Recalled) -> None:
            record.told.recalled(batch)
            self.telemetry.recalled(batch)

        seconds = self.allowed_seconds(taken) if asking.seconds is None else asking.seconds
        call = CallContext(
            viewer=asking.viewer,
            deadline=Deadline.after(seconds),
            correlation_id=asking.correlation_id,
            observer=made,
            max_age_seconds=asking.max_age_seconds,
            recalled=recalled,
            trace=trace,
        )
        context = wiring.context_for(
            self._opened,
            call,
            told=self.tally,
            idempotency_key=asking.idempotency_key,
            recent=self.telemetry.recent.slowest,
        )
        return Running(taken, context, record, self.telemetry)

    def event_context(self, viewer: Viewer, correlation_id: str) -> Context:
        """What the answer to one event needs: it is no operation of its own, but what it asks of sources is told."""

        def recalled(batch: Recalled) -> None:
            self.tally.recalled(batch)
            self.telemetry.recalled(batch)

        deadline = Deadline.after(self._deadlines.query_seconds)
        call = CallContext(viewer, deadline, correlation_id, observer=self.telemetry.call_made, recalled=recalled)
        return wiring.context_for(self._opened, call, told=self.tally)


class Running:
    """One operation under way. Whatever becomes of it, its context is closed and its record told."""

    def __init__(self, taken: Taken, context: Context, record: Record, telemetry: Telemetry) -> None:
        self.record = record
        self._taken, self._context, self._telemetry = taken, context, telemetry

    async def __aenter__(self) -> Self:
        self._telemetry.begun(self.record)
        return self

    async def answer(self) -> operation.Answer:
        taken, record = self._taken, self.record
        answer = await operation.answer(taken.request, self._context, taken.prepared, record)
        record.answered(answer.body, executed=answer.executed)
        return answer

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, HungUp | asyncio.CancelledError):
            self.record.outcome = "hung_up"
        try:
            await self._context.aclose()
        finally:
            self._telemetry.over(self.record)
