"""What every JSON endpoint does with a request: it gets a correlation id, and whatever goes wrong an error that a client may see."""

import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple

import orjson
from starlette.requests import Request as HttpRequest
from starlette.responses import Response

from gateway import audit
from gateway.body import Refused
from gateway.errors import MASKED
from gateway.freshness import BadHeader
from gateway.hangup import HungUp
from gateway.negotiation import GRAPHQL_RESPONSE, media_type
from gateway.telemetry.hearing import Telemetry
from gateway.trusted import NOT_EXECUTED
from resolvers.errors import ClientError
from sources.trace import Trace

_CORRELATION_ID = re.compile(r"[A-Za-z0-9_.:-]{1,128}", re.ASCII)
UNKEPT: Mapping[str, str] = {"Cache-Control": "no-store"}

_NOTHING: Mapping[str, object] = {}
_errors = logging.getLogger("crossdock.errors")


class Traced(NamedTuple):
    """By what a request is found again: in logs and errors, and in traces."""

    correlation_id: str
    trace: Trace


class Refusal(NamedTuple):
    """What a client is told of what went wrong. `error` is shaped as GraphQL's errors are."""

    error: Mapping[str, Any]
    status: int
    headers: Mapping[str, str] = {}


class Answering:
    """One an endpoint. `shown`: how a refusal's error is wrapped for the endpoint's clients."""

    def __init__(
        self, telemetry: Telemetry, shown: Callable[[Mapping[str, Any]], dict[str, Any]] | None = None
    ) -> None:
        self._telemetry, self._shown = telemetry, shown or _as_graphql

    async def answer(self, http: HttpRequest, work: Callable[[HttpRequest, Traced], Awaitable[Response]]) -> Response:
        """What the work answers, or why it does not."""
        trace = self._telemetry.tracing.begun(http.headers)
        traced = Traced(correlation_id_of(http) or trace.trace_id, trace)
        try:
            return await work(http, traced)
        except HungUp:
            return Response(status_code=499)
        except Exception as error:  # noqa: BLE001 - a client gets an answer with a correlation id whatever went wrong
            told = refusal(error, traced.correlation_id, unexecuted=not_executed(http))
        self._telemetry.refused(traced.correlation_id, status=told.status, code=told.error["extensions"]["code"])
        answer = response(http, self._shown(told.error), UNKEPT, traced.correlation_id, status=told.status)
        answer.headers.update(told.headers)
        return answer


def _as_graphql(error: Mapping[str, Any]) -> dict[str, Any]:
    return {"errors": [error]}


def refusal(error: Exception, correlation_id: str, *, unexecuted: int = NOT_EXECUTED) -> Refusal:
    """What may be told of an error that kept a request from being answered; the logs are told the rest.

    `unexecuted`: the status of what was well formed, and refused by GraphQL.
    """
    if isinstance(error, Refused):
        if error.audited is not None:
            subject, reason = error.audited
            audit.record("refused", error.code, subject=subject, correlation_id=correlation_id, reason=reason)
        status = unexecuted if error.status == NOT_EXECUTED else error.status
        return Refusal(_error(str(error), error.code, error.more, correlation_id), status, error.headers)
    if isinstance(error, BadHeader):
        return Refusal(_error(str(error), "BAD_INPUT", _NOTHING, correlation_id), 400)
    if isinstance(error, ClientError):
        return Refusal(_error(str(error), error.code, error.extensions, correlation_id), 400)
    _errors.error("masked error, correlation id %s", correlation_id, exc_info=error)
    return Refusal(_error(MASKED, "INTERNAL", _NOTHING, correlation_id), 500)


def _error(message: str, code: str, more: Mapping[str, object], correlation_id: str) -> dict[str, Any]:
    return {"message": message, "extensions": {"code": code, **more, "correlationId": correlation_id}}


def correlation_id_of(http: HttpRequest) -> str:
    """The caller's own, where it is one that may stand in a log; else none."""
    given = http.headers.get("x-correlation-id", "")
    return given if _CORRELATION_ID.fullmatch(given) else ""


def not_executed(http: HttpRequest) -> int:
    """JSON's status is about the request as such; the other media type's is about the operation, too."""
    return 400 if media_type(http.headers.get("accept", "")) == GRAPHQL_RESPONSE else NOT_EXECUTED


def response(
    http: HttpRequest, shown: dict[str, Any], freshness: Mapping[str, str], correlation_id: str, *, status: int
) -> Response:
    kind = media_type(http.headers.get("accept", ""))
    headers = {"X-Correlation-Id": correlation_id, "Vary": "Accept", **freshness}
    return Response(orjson.dumps(shown), status_code=status, media_type=f"{kind}; charset=utf-8", headers=headers)
