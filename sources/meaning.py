"""What an answer's status and a library's exception mean: tables, which tests prove complete."""

from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import aiohttp
import httpx

from sources.asked import NO_LIMITS
from sources.errors import (
    OutcomeUnknown,
    SourceContractBroken,
    SourceError,
    SourceRateLimited,
    SourceRefused,
    SourceRejected,
    SourceUnavailable,
)

Meaning = type[SourceError]

RETRY_AFTER_CAP_SECONDS = 60.0
_SAYING_WHEN = {429, 503}
_REFUSED = 4
"""The class of the statuses after which nothing was done."""

STATUS_MEANING: dict[int, Meaning] = {
    401: SourceRefused,
    403: SourceRefused,
    407: SourceRefused,
    408: SourceUnavailable,
    409: SourceRejected,
    422: SourceRejected,
    425: SourceUnavailable,
    429: SourceRateLimited,
}
"""What single statuses mean in answer to a read; the rest by `STATUS_CLASS_MEANING`."""

STATUS_CLASS_MEANING: dict[int, Meaning] = {
    1: SourceContractBroken,
    2: SourceContractBroken,  # a read is answered with 200; another success is not an answer to it
    3: SourceContractBroken,  # redirects are not followed: they would carry our credentials elsewhere
    4: SourceContractBroken,
    5: SourceUnavailable,
}

WRITE_STATUS_MEANING: dict[int, Meaning] = STATUS_MEANING | {
    408: OutcomeUnknown,  # the server gave up reading, but how much of it was done is its secret
    412: SourceRejected,
}
"""What single statuses mean in answer to a write."""

WRITE_STATUS_CLASS_MEANING: dict[int, Meaning] = STATUS_CLASS_MEANING | {
    1: OutcomeUnknown,
    3: OutcomeUnknown,
    5: OutcomeUnknown,  # 503 too: the one who says "not now" may be a proxy whose server died at work
}
"""A write's 4xx says that nothing was done; after every other answer but a success, nobody knows."""

FAILURE_MEANING: dict[type[BaseException], Meaning] = {
    TimeoutError: SourceUnavailable,
    aiohttp.ClientConnectionError: SourceUnavailable,
    aiohttp.ClientPayloadError: SourceUnavailable,
    aiohttp.ClientResponseError: SourceContractBroken,
    aiohttp.InvalidURL: SourceContractBroken,
    aiohttp.ClientError: SourceUnavailable,
    OSError: SourceUnavailable,
}
"""What the reading library's exceptions mean: the first entry that matches counts."""

WRITE_FAILURE_MEANING: dict[type[BaseException], Meaning] = {
    httpx.ConnectError: SourceUnavailable,
    httpx.ConnectTimeout: SourceUnavailable,
    httpx.PoolTimeout: SourceUnavailable,
    httpx.UnsupportedProtocol: SourceContractBroken,
    httpx.LocalProtocolError: SourceContractBroken,
    httpx.ProxyError: SourceUnavailable,
    httpx.TransportError: OutcomeUnknown,
    httpx.DecodingError: OutcomeUnknown,
    httpx.TooManyRedirects: OutcomeUnknown,
    httpx.RequestError: OutcomeUnknown,
    httpx.InvalidURL: SourceContractBroken,
    httpx.HTTPError: OutcomeUnknown,
    httpx.StreamError: OutcomeUnknown,
    TimeoutError: OutcomeUnknown,
    OSError: OutcomeUnknown,
}
"""What the writing library's exceptions mean. Only those that truly say "nothing was sent" are no unknown outcome."""


def meaning_of_status(status: int, *, is_write: bool = False) -> Meaning:
    """What an answer with this status means for the one who asked; a read's 200 and a write's 2xx never get here."""
    single, by_class = (
        (WRITE_STATUS_MEANING, WRITE_STATUS_CLASS_MEANING) if is_write else (STATUS_MEANING, STATUS_CLASS_MEANING)
    )
    return single.get(status) or by_class.get(status // 100, OutcomeUnknown if is_write else SourceContractBroken)


def meaning_of_failure(error: BaseException, *, is_write: bool = False) -> Meaning:
    table = WRITE_FAILURE_MEANING if is_write else FAILURE_MEANING
    return next(kind for failure, kind in table.items() if isinstance(error, failure))


def refusal(
    source: str,
    status: int,
    headers: Mapping[str, str],
    reason: Callable[[bytes], str],
    *,
    content: bytes,
    is_write: bool = False,
    refusals: Collection[int] = (),
    limits: Mapping[str, float] = NO_LIMITS,
) -> SourceError:
    """The error that an answer with this status is. Of its content only the machine word of a refusal is kept."""
    if limits and status // 100 == _REFUSED and (word := reason(content)) in limits:
        wait = retry_after_seconds(headers.get("Retry-After"))
        seconds = limits[word] if wait is None else wait
        return SourceRateLimited(source, detail=f"HTTP {status} {word}", retry_after_seconds=seconds)
    kind: Meaning = SourceRejected if status in refusals else meaning_of_status(status, is_write=is_write)
    detail = f"HTTP {status}"
    if issubclass(kind, SourceRejected):
        return kind(source, reason=reason(content), detail=detail)
    if issubclass(kind, SourceContractBroken):
        return kind(source, path="status", detail=detail)
    wait = retry_after_seconds(headers.get("Retry-After")) if status in _SAYING_WHEN else None
    return kind(source, detail=detail, retry_after_seconds=wait)


def failed(kind: Meaning, source: str, detail: str) -> SourceError:
    """`detail` is an exception's name only: its text would name the upstream's address."""
    if issubclass(kind, SourceContractBroken):
        return kind(source, path="request", detail=detail)
    return kind(source, detail=detail)


def retry_after_seconds(header: str | None) -> float | None:
    """RFC 9110, 10.2.3: seconds or a date; capped. Nonsense counts as not given."""
    if header is None:
        return None
    text = header.strip()
    if text.isascii() and text.isdigit():
        return min(float(text), RETRY_AFTER_CAP_SECONDS)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    wait = (moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.now(UTC)).total_seconds()
    return min(max(0.0, wait), RETRY_AFTER_CAP_SECONDS)
