"""POST and GET /graphql: GraphQL over HTTP."""

import logging
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson
from starlette.requests import Request as HttpRequest
from starlette.responses import Response

from gateway import audit, body
from gateway.body import Refused
from gateway.errors import MASKED
from gateway.freshness import BadHeader, Told, idempotency_key, max_age_seconds, timeout_seconds
from gateway.hangup import HungUp, while_there
from gateway.intake import Intake, Taken
from gateway.measuring import Measured
from gateway.negotiation import GRAPHQL_RESPONSE, media_type
from gateway.operations import Asking, Operations
from gateway.reception import Admitted
from gateway.settings import Settings
from gateway.streams import Streams, asks_for_stream
from gateway.trusted import NOT_EXECUTED
from resolvers.errors import ClientError
from sources.trace import Trace
from sources.viewer import Viewer

_CORRELATION_ID = re.compile(r"[A-Za-z0-9_.:-]{1,128}", re.ASCII)
UNTOLD: Mapping[str, str] = {"Cache-Control": "private, max-age=0"}
"""How long an answer may be kept would tell a bounded viewer whether a record that it may not see is there."""

_NOTHING: Mapping[str, object] = {}
_errors = logging.getLogger("crossdock.errors")


class Asked(NamedTuple):
    """A request that may be answered: who asks, and what."""

    admitted: Admitted
    taken: Taken

    @property
    def viewer(self) -> Viewer:
        return self.admitted.viewer


class Traced(NamedTuple):
    """By what a request is found again: in logs and errors, and in traces."""

    correlation_id: str
    trace: Trace


class GraphQLEndpoint:
    """Made when the gateway starts; its handler answers one request."""

    def __init__(self, settings: Settings, operations: Operations, intake: Intake, streams: Streams) -> None:
        self._limits, self._operations, self._intake, self._streams = settings.limits, operations, intake, streams

    async def handle(self, http: HttpRequest) -> Response:
        trace = self._operations.telemetry.tracing.begun(http.headers)
        traced = Traced(correlation_id_of(http) or trace.trace_id, trace)
        try:
            return await self._answered(http, await self._asked(http), traced)
        except Refused as refused:
            return self._turned_away(http, refused, traced)
        except BadHeader as error:
            return self._refusal(http, traced, str(error))
        except ClientError as error:
            return self._refusal(http, traced, str(error), code=error.code, more=error.extensions)
        except HungUp:
            return Response(status_code=499)
        except Exception as error:  # noqa: BLE001 - a client gets an answer with a correlation id whatever went wrong
            _errors.error("masked error, correlation id %s", traced.correlation_id, exc_info=error)
            return self._refusal(http, traced, MASKED, status=500, code="INTERNAL")

    def _turned_away(self, http: HttpRequest, refused: Refused, traced: Traced) -> Response:
        if refused.audited is not None:
            subject, reason = refused.audited
            audit.record("refused", refused.code, subject=subject, correlation_id=traced.correlation_id, reason=reason)
        status = _not_executed(http) if refused.status == NOT_EXECUTED else refused.status
        answer = self._refusal(http, traced, str(refused), status=status, code=refused.code, more=refused.more)
        answer.headers.update(refused.headers)
        return answer

    def _refusal(
        self,
        http: HttpRequest,
        traced: Traced,
        message: str,
        *,
        status: int = 400,
        code: str = "BAD_INPUT",
        more: Mapping[str, object] = _NOTHING,
    ) -> Response:
        correlation_id = traced.correlation_id
        self._operations.telemetry.refused(correlation_id, status=status, code=code)
        error = {"message": message, "extensions": {"code": code, **more, "correlationId": correlation_id}}
        return _response(http, {"errors": [error]}, {"Cache-Control": "no-store"}, correlation_id, status=status)

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
        told = running.record.told
        shown = answer.body | self._extensions(http, asked, told)
        status = 200 if answer.executed else _not_executed(http)
        freshness = UNTOLD if asked.viewer.is_bounded else told.headers(keepable="errors" not in shown)
        headers = {**freshness, **asked.admitted.rates.headers()}
        return _response(http, shown, headers, correlation_id, status=status)

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

    def _extensions(self, http: HttpRequest, asked: Asked, told: Told) -> dict[str, Any]:
        """What a caller asked to be told besides the answer."""
        found: dict[str, Any] = {}
        if _wants(http, "x-crossdock-sources") and "source:read" in asked.viewer.scopes:
            found["sources"] = told.sources()
        if _wants(http, "x-crossdock-cost") and isinstance(asked.taken.prepared.measured, Measured):
            found["cost"] = {"cost": asked.taken.cost, **asked.taken.prepared.measured.told()}
        return {"extensions": found} if found else {}


def _not_executed(http: HttpRequest) -> int:
    """JSON's status is about the request as such; the other media type's is about the operation, too."""
    return 400 if media_type(http.headers.get("accept", "")) == GRAPHQL_RESPONSE else NOT_EXECUTED


def _wants(http: HttpRequest, header: str) -> bool:
    return http.headers.get(header, "").lower() == "true"


def correlation_id_of(http: HttpRequest) -> str:
    """The caller's own, where it is one that may stand in a log; else none."""
    given = http.headers.get("x-correlation-id", "")
    return given if _CORRELATION_ID.fullmatch(given) else ""


def _response(
    http: HttpRequest, shown: dict[str, Any], freshness: Mapping[str, str], correlation_id: str, *, status: int
) -> Response:
    kind = media_type(http.headers.get("accept", ""))
    headers = {"X-Correlation-Id": correlation_id, "Vary": "Accept", **freshness}
    return Response(orjson.dumps(shown), status_code=status, media_type=f"{kind}; charset=utf-8", headers=headers)
