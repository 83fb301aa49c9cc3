"""The door: every status and every failure has a meaning, and nothing of the upstream gets through."""

import inspect
from datetime import UTC, datetime

import aiohttp
import msgspec
import pytest
from stack import served
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sources import errors
from sources.call import CallContext, CallMade, Deadline
from sources.endpoint import Endpoint
from sources.http import Operation, SourceClient, broken_path
from sources.meaning import meaning_of_failure, meaning_of_status, retry_after_seconds
from sources.retry import RetrySettings
from sources.viewer import SERVICE_DESK

THING = Operation("GET", "/thing")


class Thing(msgspec.Struct):
    size: int


DECODER = msgspec.json.Decoder(Thing)


def call(seconds: float = 2, made: list[CallMade] | None = None) -> CallContext:
    observed = [] if made is None else made
    return CallContext(SERVICE_DESK, Deadline.after(seconds), "id-1", observed.append)


async def answered_with(response: Response, *, max_bytes: int = 1000, seconds: float = 2) -> Thing:
    async def thing(_: Request) -> Response:
        return response

    async with served(Starlette(routes=[Route("/thing", thing)])) as url:
        endpoint = Endpoint(name="erp", url=url, token="secret", max_response_bytes=max_bytes)
        async with SourceClient(endpoint) as client:
            return (await client.read(call(seconds), THING, decoder=DECODER)).content


def json(body: bytes, status: int = 200, **headers: str) -> Response:
    return Response(body, status_code=status, media_type="application/json", headers=headers)


@pytest.mark.parametrize("status", [status for status in range(100, 600) if status != 200])
def test_every_status_means_something(status: int) -> None:
    assert issubclass(meaning_of_status(status), errors.SourceError)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (301, errors.SourceContractBroken),
        (400, errors.SourceContractBroken),
        (401, errors.SourceRefused),
        (403, errors.SourceRefused),
        (404, errors.SourceContractBroken),
        (409, errors.SourceRejected),
        (422, errors.SourceRejected),
        (429, errors.SourceRateLimited),
        (500, errors.SourceUnavailable),
        (503, errors.SourceUnavailable),
    ],
)
async def test_a_status_is_raised_as_what_it_means(status: int, kind: type[errors.SourceError]) -> None:
    with pytest.raises(kind) as raised:
        await answered_with(json(b'{"stack": "trace at 10.0.0.1"}', status, **{"Retry-After": "7", "Location": "/x"}))
    assert raised.type is kind
    assert "trace" not in f"{raised.value} {raised.value.detail}"
    assert raised.value.retry_after_seconds == (7 if status in {429, 503} else None)


def test_every_exception_of_the_library_has_a_meaning() -> None:
    named = [getattr(aiohttp, name) for name in aiohttp.__all__]
    kinds = [each for each in named if inspect.isclass(each) and issubclass(each, Exception)]
    kinds = [each for each in kinds if not issubclass(each, Warning)]
    assert len(kinds) > 15
    for kind in kinds:
        if issubclass(kind, aiohttp.ClientError | OSError | TimeoutError):
            assert issubclass(meaning_of_failure(kind.__new__(kind)), errors.SourceError)
        else:
            assert kind.__name__ in {
                "WSMessageTypeError", "WebSocketError", "EofStream", "BadContentDispositionHeader", "BadContentDispositionParam",
                "WSServerHandshakeError", "NonHttpUrlClientError", "PayloadEncodingError",
            }, f"{kind} is not mapped"  # fmt: skip


async def test_an_answer_is_decoded_and_carries_when_it_was_asked() -> None:
    before = datetime.now(UTC)
    assert await answered_with(json(b'{"size": 3}')) == Thing(3)
    assert before <= datetime.now(UTC)


async def test_an_answer_that_does_not_fit_says_where_and_nothing_else() -> None:
    with pytest.raises(errors.SourceContractBroken) as raised:
        await answered_with(json(b'{"size": "huge"}'))
    assert raised.value.path == "$.size"
    assert "huge" not in f"{raised.value} {raised.value.detail}"


async def test_an_answer_that_is_too_large_is_cut_off() -> None:
    with pytest.raises(errors.SourceContractBroken, match="does not understand"):
        await answered_with(json(b'{"size": 3}' + b" " * 2000))


async def test_an_answer_that_is_no_json_is_refused() -> None:
    with pytest.raises(errors.SourceContractBroken) as raised:
        await answered_with(Response("<html>", media_type="text/html"))
    assert raised.value.path == "Content-Type"


async def test_nothing_is_sent_once_the_time_is_up() -> None:
    with pytest.raises(errors.DeadlineExceeded) as raised:
        await answered_with(json(b'{"size": 3}'), seconds=-1)
    assert raised.value.detail == "nothing was sent"


async def test_a_system_that_is_not_there_is_unavailable_and_its_address_stays_hidden() -> None:
    made: list[CallMade] = []
    endpoint = Endpoint(name="wms", url="http://127.0.0.1:1", retry=RetrySettings(attempts=1))
    async with SourceClient(endpoint) as client:
        with pytest.raises(errors.SourceUnavailable) as raised:
            await client.read(call(made=made), THING, decoder=DECODER)
    assert "127.0.0.1" not in f"{raised.value} {raised.value.detail}"
    assert [(each.source, each.operation, each.outcome, each.correlation_id) for each in made] == [
        ("wms", "GET /thing", "SourceUnavailable", "id-1")
    ]


def test_a_token_does_not_show() -> None:
    assert "secret" not in repr(Endpoint(name="erp", url="http://u:secret@h", token="secret"))


@pytest.mark.parametrize(("header", "seconds"), [("7", 7.0), ("9999", 60.0), (None, None), ("soon", None)])
def test_retry_after_is_capped_and_nonsense_counts_as_not_given(header: str | None, seconds: float | None) -> None:
    assert retry_after_seconds(header) == seconds


def test_the_path_of_a_broken_answer() -> None:
    assert broken_path("Expected `int`, got `str` - at `$.items[3].uom`") == "$.items[3].uom"
    assert broken_path("JSON is malformed") == "$"
