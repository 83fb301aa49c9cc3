"""POST and GET /graphql: GraphQL over HTTP."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec
from starlette.requests import Request as HttpRequest
from starlette.responses import Response

from gateway import body
from gateway.answering import Answering, Traced, not_executed, response
from gateway.body import Refused
from gateway.freshness import idempotency_key, max_age_seconds, timeout_seconds
from gateway.hangup import while_there
from gateway.intake import Intake, Taken
from gateway.measuring import Measured
from gateway.operations import Asking, Operations
from gateway.reception import Admitted
from gateway.settings import Settings
from gateway.streams import Streams, asks_for_stream
from gateway.telemetry.record import Record
from gateway.telemetry.waterfall import waterfall
from sources.viewer import Viewer

UNTOLD: Mapping[str, str] = {"Cache-Control": "private, max-age=0"}
"""How long an answer may be kept would tell a bounded viewer whether a record that it may not see is there."""


class Asked(NamedTuple):
    """A request that may be answered: who asks, and what."""

    admitted: Admitted
    taken: Taken

    @property
    def viewer(self) -> Viewer:
        return self.admitted.viewer


class GraphQLEndpoint:
    """Made when the gateway starts; its handler answers one request."""

    def __init__(self, settings: Settings, operations: Operations, intake: Intake, streams: Streams) -> None:
        self._limits, self._operations, self._intake, self._streams = settings.limits, operations, intake, streams
        self._answering = Answering(operations.telemetry)

    async def handle(self, http: HttpRequest) -> Response:
        return await self._answering.answer(http, self._answer)

    async def _answer(self, http: HttpRequest, traced: Traced) -> Response:
        return await self._answered(http, await self._asked(http), traced)

    async def _asked(self, http: HttpRequest) -> Asked:
        chosen, reception = self._limits, self._intake.reception
        admitted = await reception.admitted(http)
        given = body.from_query(http, chosen) if http.method == "GET" else await body.read(http, chosen)
        taken = self._intake.understood(given)
        if http.method == "GET" and not taken.is_query and not asks_for_stream(http, taken):
            raise Refused("Only queries can be asked by GET: send this one by POST.", 405, headers={"Allow": "POST"})
        return Asked(await reception.charged(admitted, taken.cost), taken)

    async def _answered(self, http: HttpRequest, asked: Asked, traced: Traced) -> Response:
        streamed = self._streams.answer(http, asked.taken, asked.admitted.known)
        return streamed if streamed is not None else await self._told(http, asked, traced)

    async def _told(self, http: HttpRequest, asked: Asked, traced: Traced) -> Response:
        taken, correlation_id = asked.taken, traced.correlation_id
        async with self._operations.running(taken, self._asking(http, asked, traced)) as running:
            work = running.answer()
            answer = await (while_there(http, work) if taken.is_query else work)
        shown = answer.body | _extensions(http, asked, running.record)
        status = 200 if answer.executed else not_executed(http)
        freshness = UNTOLD if asked.viewer.is_bounded else running.record.told.headers(keepable="errors" not in shown)
        headers = {**freshness, **asked.admitted.rates.headers()}
        return response(http, shown, headers, correlation_id, status=status)

    def _asking(self, http: HttpRequest, asked: Asked, traced: Traced) -> Asking:
        headers, allowed = http.headers, self._operations.allowed_seconds(asked.taken)
        return Asking(
            asked.viewer,
            traced.correlation_id,
            trace=traced.trace,
            seconds=timeout_seconds(headers.get("x-timeout-ms", ""), allowed),
            max_age_seconds=max_age_seconds(headers.get("cache-control", "")),
            idempotency_key=idempotency_key(headers.get("idempotency-key")),
        )


def _extensions(http: HttpRequest, asked: Asked, record: Record) -> dict[str, Any]:
    """What a caller asked to be told besides the answer, as far as it may be told it."""
    found: dict[str, Any] = {}
    sees_sources = "source:read" in asked.viewer.scopes
    if _wants(http, "x-crossdock-sources") and sees_sources:
        found["sources"] = record.told.sources()
    if _wants(http, "x-crossdock-cost") and isinstance(asked.taken.prepared.measured, Measured):
        found["cost"] = {"cost": asked.taken.cost, **asked.taken.prepared.measured.told()}
    if _wants(http, "x-crossdock-trace") and sees_sources and not asked.viewer.is_bounded:
        found["trace"] = msgspec.to_builtins(waterfall(record))
    return {"extensions": found} if found else {}


def _wants(http: HttpRequest, header: str) -> bool:
    return http.headers.get(header, "").lower() == "true"
