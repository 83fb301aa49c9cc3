"""POST and GET /graphql: GraphQL over HTTP."""

import logging
import re
import secrets
from collections.abc import Mapping
from typing import Any

import msgspec
import orjson
from starlette.requests import Request as HttpRequest
from starlette.responses import Response

from gateway import operation, wiring
from gateway.freshness import BadHeader, Tally, Told, max_age_seconds, timeout_seconds
from gateway.settings import Settings
from gateway.streams import Streams, asks_for_stream
from gateway.wiring import Opened
from resolvers.context import Context
from sources.call import CallContext, CallMade, Deadline
from sources.viewer import SERVICE_DESK

MAX_BODY_BYTES = 1_048_576

_CORRELATION_ID = re.compile(r"[A-Za-z0-9_.:-]{1,128}", re.ASCII)
_log = logging.getLogger("crossdock.source")


class Refused(Exception):
    """The HTTP request is no GraphQL request; `status` says in which way."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


class _Body(msgspec.Struct, rename="camel"):
    query: str
    variables: dict[str, Any] | None = None
    operation_name: str | None = None
    extensions: dict[str, Any] | None = None


_BODY = msgspec.json.Decoder(_Body)
_VARIABLES = msgspec.json.Decoder(dict[str, Any] | None)


class GraphQLEndpoint:
    """Made when the gateway starts; its handler answers one request."""

    def __init__(self, settings: Settings, opened: Opened, streams: Streams | None = None) -> None:
        self._settings, self._opened, self._streams = settings, opened, streams
        self._tally = Tally()

    async def handle(self, http: HttpRequest) -> Response:
        correlation_id = correlation_id_of(http)
        told = Told(self._tally)
        try:
            request = await _request(http)
            streamed = self._streams.answer(http, request, SERVICE_DESK) if self._streams is not None else None
            if streamed is not None:
                return streamed
            context = self._context(http, told, correlation_id)
        except Refused as refused:
            return self._refusal(http, str(refused), correlation_id, status=refused.status)
        except BadHeader as error:
            return self._refusal(http, str(error), correlation_id, status=400)
        try:
            answer = await operation.answer(request, context)
        finally:
            await context.aclose()
        body = answer.body
        if http.headers.get("x-crossdock-sources", "").lower() == "true" and self._tells_sources(context):
            body = body | {"extensions": {"sources": told.sources()}}
        status = 400 if not answer.executed and _speaks_graphql_response(http) else 200
        return _response(http, body, told.headers(keepable="errors" not in body), correlation_id, status=status)

    def _context(self, http: HttpRequest, told: Told, correlation_id: str) -> Context:
        def made(call: CallMade) -> None:
            told.call_made(call)
            log_failed_call(call)

        seconds = timeout_seconds(http.headers.get("x-timeout-ms", ""), self._settings.deadlines.query_seconds)
        call = CallContext(
            viewer=SERVICE_DESK,
            deadline=Deadline.after(seconds),
            correlation_id=correlation_id,
            observer=made,
            max_age_seconds=max_age_seconds(http.headers.get("cache-control", "")),
            recalled=told.recalled,
        )
        return wiring.context_for(self._opened, call, told=self._tally)

    def _tells_sources(self, context: Context) -> bool:
        return self._settings.mode == "development" or "source:read" in context.call.viewer.scopes

    def _refusal(self, http: HttpRequest, message: str, correlation_id: str, *, status: int) -> Response:
        error = {"message": message, "extensions": {"code": "BAD_INPUT", "correlationId": correlation_id}}
        return _response(http, {"errors": [error]}, {"Cache-Control": "no-store"}, correlation_id, status=status)


def correlation_id_of(http: HttpRequest) -> str:
    """The caller's own, where it is one that may stand in a log; else a new one."""
    given = http.headers.get("x-correlation-id", "")
    return given if _CORRELATION_ID.fullmatch(given) else secrets.token_hex(16)


def log_failed_call(call: CallMade) -> None:
    if call.outcome != "ok" and call.how == "sent":  # what was not sent is told by the breaker, once
        _log.warning(
            "source=%s operation=%s outcome=%s detail=%s ms=%.0f correlation_id=%s",
            call.source, call.operation, call.outcome, call.detail, call.seconds * 1000, call.correlation_id,
        )  # fmt: skip


async def _request(http: HttpRequest) -> operation.Request:
    if http.method == "GET":
        return _from_query(http)
    kind = http.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Refused("Send the request as application/json.", 415)
    if http.headers.get("content-encoding", "identity") != "identity":
        raise Refused("Send the request without a content encoding.", 415)
    try:
        body = _BODY.decode(await _bounded(http))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError) as error:
        what = str(error) if isinstance(error, msgspec.ValidationError) else "it is no JSON object"
        raise Refused(f"The body is no GraphQL request: {what}.") from None
    return operation.Request(body.query, body.variables, body.operation_name)


async def _bounded(http: HttpRequest) -> bytes:
    body = bytearray()
    async for part in http.stream():
        body += part
        if len(body) > MAX_BODY_BYTES:
            raise Refused(f"The body is larger than {MAX_BODY_BYTES} bytes.", 413)
    return bytes(body)


def _from_query(http: HttpRequest) -> operation.Request:
    params = http.query_params
    query = params.get("query")
    if not query:
        raise Refused('The parameter "query" is missing.')
    try:
        variables = _VARIABLES.decode(params.get("variables") or "null")
    except (msgspec.DecodeError, RecursionError):
        raise Refused('The parameter "variables" is no JSON object.') from None
    request = operation.Request(query, variables, params.get("operationName") or None)
    if not operation.is_query(request) and not asks_for_stream(http, request):
        raise Refused("Only queries can be asked by GET: send this one by POST.", 405)
    return request


def _speaks_graphql_response(http: HttpRequest) -> bool:
    return "application/graphql-response+json" in http.headers.get("accept", "")


def _response(
    http: HttpRequest, body: dict[str, Any], freshness: Mapping[str, str], correlation_id: str, *, status: int
) -> Response:
    kind = "application/graphql-response+json" if _speaks_graphql_response(http) else "application/json"
    headers = {"X-Correlation-Id": correlation_id, **freshness}
    if status == 405:  # noqa: PLR2004 - Method Not Allowed must say what is
        headers["Allow"] = "POST"
    return Response(orjson.dumps(body), status_code=status, media_type=f"{kind}; charset=utf-8", headers=headers)
