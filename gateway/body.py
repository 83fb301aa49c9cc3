"""What comes in over HTTP, read within its limits: bytes, time, depth, digits, lengths."""

import asyncio
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

import msgspec
from starlette.requests import Request as HttpRequest

from gateway.limits import LimitSettings, TooMuch

BAD_REQUEST: Final = 400


class Audited(NamedTuple):
    """What the audit log is told of a refusal: who, if known, and why."""

    subject: str
    reason: str


class Refused(Exception):
    """The HTTP request is not taken; `status` says in which way."""

    def __init__(
        self,
        message: str,
        status: int = BAD_REQUEST,
        *,
        code: str = "BAD_INPUT",
        headers: Mapping[str, str] | None = None,
        more: Mapping[str, object] | None = None,
        audited: Audited | None = None,
    ) -> None:
        super().__init__(message)
        self.audited = audited
        self.status, self.code, self.headers, self.more = status, code, headers or {}, more or {}


NAMES = {"operation_name": "operationName", "document_id": "documentId"}


class Body(msgspec.Struct, rename=NAMES):
    """A document stands for itself, or is named: `documentId` by GraphQL over HTTP, `id` and `doc_id` by Relay's clients."""

    query: str | None = None
    variables: dict[str, Any] | None = None
    operation_name: str | None = None
    extensions: dict[str, Any] | None = None
    document_id: str | None = None
    id: str | None = None
    doc_id: str | None = None


_BODY = msgspec.json.Decoder(Body)
_VARIABLES: msgspec.json.Decoder[dict[str, Any] | None] = msgspec.json.Decoder(dict[str, Any] | None)


async def read(http: HttpRequest, limits: LimitSettings) -> Body:
    """A POST's body. Raises Refused for what is no request, TooMuch for what is too large a one."""
    raw = await received(http, limits)
    if raw.lstrip()[:1] == b"[":
        raise Refused("Batches are not taken: send one operation in each request.")
    try:
        body = _BODY.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError) as error:
        what = str(error) if isinstance(error, msgspec.ValidationError) else "it is no JSON object"
        raise Refused(f"The body is no GraphQL request: {what}.") from None
    for name, value in (("variables", body.variables), ("extensions", body.extensions)):
        check_values(name, value, limits)
    return body


async def received(http: HttpRequest, limits: LimitSettings) -> bytes:
    """The bytes of a POST of JSON, within their limits. Raises Refused."""
    kind = http.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Refused("Send the request as application/json.", 415)
    if http.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise Refused("Send the request without a content encoding.", 415)
    return await _bounded(http, limits)


async def _bounded(http: HttpRequest, limits: LimitSettings) -> bytes:
    most = limits.body_bytes
    if _stated_length(http) > most:
        raise Refused(f"The body is larger than {most} bytes.", 413, code="LIMIT_EXCEEDED")
    body = bytearray()
    try:
        async with asyncio.timeout(limits.body_seconds):
            async for part in http.stream():
                body += part
                if len(body) > most:
                    raise Refused(f"The body is larger than {most} bytes.", 413, code="LIMIT_EXCEEDED")
    except TimeoutError:
        raise Refused(f"The body did not come within {limits.body_seconds:g} seconds.", 408) from None
    return bytes(body)


def _stated_length(http: HttpRequest) -> int:
    stated = http.headers.get("content-length", "")
    return int(stated) if stated.isascii() and stated.isdigit() and len(stated) < 20 else 0  # noqa: PLR2004 - more digits than any body has


def from_query(http: HttpRequest, limits: LimitSettings) -> Body:
    """A GET's parameters."""
    params = http.query_params
    body = Body(
        query=params.get("query") or None,
        variables=_object(params.get("variables"), "variables"),
        operation_name=params.get("operationName") or None,
        extensions=_object(params.get("extensions"), "extensions"),
        document_id=params.get("documentId") or None,
    )
    check_values("variables", body.variables, limits)
    return body


def _object(text: str | None, name: str) -> dict[str, Any] | None:
    try:
        return _VARIABLES.decode(text or "null")
    except (msgspec.DecodeError, RecursionError, UnicodeEncodeError):
        raise Refused(f'The parameter "{name}" is no JSON object.') from None


def check_values(name: str, given: Mapping[str, Any] | None, limits: LimitSettings) -> None:
    """Raises TooMuch, which names the place, where values nest too deeply, are too many, too long or too large."""
    if not given:
        return
    level: list[tuple[str, Any]] = [(f"{name}.{key}", value) for key, value in given.items()]
    seen = depth = 0
    while level:
        depth, seen = depth + 1, seen + len(level)
        if depth > limits.json_depth:
            raise TooMuch(
                f"{level[0][0][:80]} is nested too deeply", asked=depth, limit=limits.json_depth, unit="levels"
            )
        if seen > limits.json_values:
            raise TooMuch(f"{name} are too many", asked=seen, limit=limits.json_values, unit="values")
        level = [
            pair for path, value in level if value.__class__ not in _PLAIN for pair in _inside(path, value, limits)
        ]


_PLAIN = {str, bool, float, type(None)}


def _inside(path: str, value: Any, limits: LimitSettings) -> Iterator[tuple[str, Any]]:
    if isinstance(value, list):
        if len(value) > limits.list_length:
            raise TooMuch(f"{path[:80]} is too long", asked=len(value), limit=limits.list_length, unit="entries")
        yield from ((path, each) for each in value)
    elif isinstance(value, dict):
        yield from ((f"{path}.{key}", each) for key, each in value.items())
    elif abs(value) >= 10**limits.digits:
        digits = len(str(abs(value)))
        raise TooMuch(f"{path[:80]} has too many digits", asked=digits, limit=limits.digits, unit="digits")
