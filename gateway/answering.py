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


class Answering:
    """One an endpoint."""

    def __init__(self, telemetry: Telemetry) -> None:
        self._telemetry = telemetry

    async def answer(self, http: HttpRequest, work: Callable[[HttpRequest, Traced], Awaitable[Response]]) -> Response:
        """What the work answers, or why it does not."""
        trace = self._telemetry.tracing.begun(http.headers)
        traced = Traced(correlation_id_of(http) or trace.trace_id, trace)
        try:
            return await work(http, traced)
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
        status = not_executed(http) if refused.status == NOT_EXECUTED else refused.status
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
        self._telemetry.refused(correlation_id, status=status, code=code)
        error = {"message": message, "extensions": {"code": code, **more, "correlationId": correlation_id}}
        return response(http, {"errors": [error]}, UNKEPT, correlation_id, status=status)


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
