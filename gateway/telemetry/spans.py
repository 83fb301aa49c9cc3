"""A recorded operation as OpenTelemetry's spans: made when it is over, and sent by a thread of OpenTelemetry's own.

One span for the operation, one for each step of the plan and one for each call to a source, which was told that span's id.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import SpanContext, SpanKind, Status, StatusCode, TraceFlags, TraceState

from engine import StepDone
from gateway.telemetry.record import Record
from gateway.telemetry.settings import TraceSettings
from sources.call import CallMade, Recalled
from sources.ending import ended
from sources.trace import new_span_id

CLOSE_SECONDS = 3.0
EXPORT_SECONDS = 5.0
_SCOPE = InstrumentationScope("crossdock")
_NANO = 1_000_000_000

Attributes = Mapping[str, str | int | float | bool | Sequence[str]]


class Moment(NamedTuple):
    """How far the wall's clock is ahead of the monotonic one, in seconds."""

    ahead: float

    def nanoseconds(self, monotonic: float) -> int:
        return int((monotonic + self.ahead) * _NANO)


class Spans:
    """Hears of operations; those that are recorded become spans. Made and closed inside one running event loop."""

    def __init__(self, processor: SpanProcessor, service: str) -> None:
        self._processor, self._resource = processor, Resource.create({"service.name": service})

    async def aclose(self) -> None:
        """What was not sent yet has a moment; a collector that does not answer holds nobody up."""
        closing = asyncio.get_running_loop().create_task(asyncio.to_thread(self._processor.shutdown))
        done, _ = await asyncio.wait({closing}, timeout=CLOSE_SECONDS)
        if not done:
            await ended(closing)

    def begun(self, _: Record) -> None:
        """An operation is told when it is over."""

    def call_made(self, _: CallMade) -> None:
        """The record has it."""

    def recalled(self, _: Recalled) -> None:
        """The record has it."""

    def refused(self, *_: Any, **__: Any) -> None:
        """A request that became no operation has nothing to show."""

    def over(self, record: Record) -> None:
        if record.about.trace.is_sampled:
            for span in self.spans(record):
                self._processor.on_end(span)

    def spans(self, record: Record) -> Iterator[ReadableSpan]:
        moment = Moment(record.at.timestamp() - record.started)
        yield self._operation(record, moment)
        for step in record.steps:
            yield self._step(record, step, moment)
        for call in record.told.calls:
            yield self._call(record, call, moment)

    def _operation(self, record: Record, moment: Moment) -> ReadableSpan:
        about, told = record.about, record.told
        kind = about.kind
        attributes: dict[str, str | int | float | bool | Sequence[str]] = {
            "graphql.operation.type": kind,
            "crossdock.correlation_id": about.correlation_id,
            "crossdock.transport": about.transport,
            "crossdock.outcome": record.outcome,
            "crossdock.cost": about.cost,
            "crossdock.calls": sum(call.how == "sent" for call in told.calls),
            "crossdock.cached_keys": sum(batch.hits for batch in told.batches),
            "crossdock.engine": record.engine,
        }
        if about.name is not None:
            attributes["graphql.operation.name"] = about.name
        if record.errors:
            attributes["crossdock.error_codes"] = sorted(record.errors)
        failed = record.outcome in {"errors", "failed"}
        return self._span(
            record,
            f"{kind} {about.name}" if about.name else kind,
            about.trace.span_id,
            attributes=attributes,
            kind=SpanKind.SERVER,
            failed=failed,
            times=(moment.nanoseconds(record.started), moment.nanoseconds(record.ended)),
        )

    def _step(self, record: Record, done: StepDone, moment: Moment) -> ReadableSpan:
        position = done.step.position
        attributes: Attributes = {
            "graphql.field.path": done.step.path,
            "graphql.field.name": f"{position.parent_type.name}.{position.name}",
            "crossdock.parents": done.parents,
        }
        return self._span(
            record,
            f"step {done.step.path}",
            new_span_id(),
            attributes=attributes,
            times=(moment.nanoseconds(done.started), moment.nanoseconds(done.ended)),
        )

    def _call(self, record: Record, call: CallMade, moment: Moment) -> ReadableSpan:
        method, _, template = call.operation.partition(" ")
        attributes: dict[str, str | int | float | bool | Sequence[str]] = {
            "http.request.method": method,
            "url.template": template,
            "peer.service": call.source,
            "crossdock.keys": call.keys,
            "crossdock.how": call.how,
            "http.request.resend_count": call.attempt - 1,
        }
        if call.outcome != "ok":
            attributes["error.type"] = call.outcome
        return self._span(
            record,
            f"{call.source} {call.operation}",
            call.span_id or new_span_id(),
            attributes=attributes,
            kind=SpanKind.CLIENT,
            failed=call.outcome != "ok",
            times=(moment.nanoseconds(call.started), moment.nanoseconds(call.started + call.seconds)),
        )

    def _span(
        self,
        record: Record,
        name: str,
        span_id: str,
        *,
        attributes: Attributes,
        times: tuple[int, int],
        kind: SpanKind = SpanKind.INTERNAL,
        failed: bool = False,
    ) -> ReadableSpan:
        trace = record.about.trace
        above = trace.parent_id if span_id == trace.span_id else trace.span_id
        return ReadableSpan(
            name,
            context=_context(trace.trace_id, span_id, trace.state),
            parent=_context(trace.trace_id, above, trace.state) if above else None,
            resource=self._resource,
            attributes=attributes,
            kind=kind,
            status=Status(StatusCode.ERROR) if failed else Status(StatusCode.UNSET),
            start_time=times[0],
            end_time=times[1],
            instrumentation_scope=_SCOPE,
        )


def _context(trace_id: str, span_id: str, state: str) -> SpanContext:
    known = TraceState.from_header([state]) if state else None
    return SpanContext(
        int(trace_id, 16), int(span_id, 16), is_remote=False, trace_flags=TraceFlags(1), trace_state=known
    )


def exported(settings: TraceSettings) -> Spans:
    exporter = OTLPSpanExporter(settings.endpoint, headers=settings.headers, timeout=EXPORT_SECONDS)
    return Spans(BatchSpanProcessor(exporter), settings.service)
