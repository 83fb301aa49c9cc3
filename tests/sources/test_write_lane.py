"""Writes: after each failure it is known whether anything can have been done; over real sockets."""

import asyncio
import inspect
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import httpx
import pytest
from upstream import DECODER, MAKE, ONCE, QUICK, Upstream, call, client_of, json

from sources import errors
from sources.call import CallMade
from sources.endpoint import Endpoint
from sources.http import SourceClient
from sources.meaning import WRITE_FAILURE_MEANING, meaning_of_failure, meaning_of_status

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def raw(serve: Serve) -> AsyncIterator[str]:
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def written(url: str, seconds: float = 2, **settings: object) -> object:
    endpoint = Endpoint(name="erp", url=url, **{"retry": ONCE, **settings})  # type: ignore[arg-type]  # a test's own settings
    async with SourceClient(endpoint) as client:
        return await client.write(call(seconds), MAKE, decoder=DECODER, body=b"{}")


@pytest.mark.parametrize("status", range(100, 600))
def test_a_writes_4xx_says_that_nothing_was_done_and_what_else_fails_is_unknown(status: int) -> None:
    kind = meaning_of_status(status, is_write=True)
    if status // 100 == 4 and status != 408:
        assert issubclass(kind, errors.SourceError)
        assert not issubclass(kind, errors.OutcomeUnknown)
    elif status // 100 != 2:
        assert kind is errors.OutcomeUnknown


def test_every_exception_of_the_writing_library_has_a_meaning_and_few_say_that_nothing_was_sent() -> None:
    named = [getattr(httpx, name) for name in httpx.__all__]
    kinds = [each for each in named if inspect.isclass(each) and issubclass(each, Exception)]
    unmapped = {each.__name__ for each in kinds if not issubclass(each, tuple(WRITE_FAILURE_MEANING))}
    assert unmapped == {"CookieConflict"}
    sure = {
        each.__name__
        for each in kinds
        if each.__name__ not in unmapped
        and meaning_of_failure(each.__new__(each), is_write=True) is errors.SourceUnavailable
    }
    assert sure == {"ConnectError", "ConnectTimeout", "PoolTimeout", "ProxyError"}


async def test_a_connection_lost_after_the_request_leaves_the_outcome_unknown() -> None:
    async def lost(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.close()

    async with raw(lost) as url:
        with pytest.raises(errors.OutcomeUnknown):
            await written(url)


async def test_a_server_that_never_takes_the_connection_was_sent_nothing() -> None:
    """Its backlog is full: the connection is asked for and never made."""
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        address = deaf.getsockname()
        with socket.create_connection(address):
            with pytest.raises(errors.SourceUnavailable) as raised:
                await written(f"http://127.0.0.1:{address[1]}", timeout_seconds=0.2)
            with pytest.raises(errors.DeadlineExceeded):
                await written(f"http://127.0.0.1:{address[1]}", seconds=0.2)
    assert raised.type is errors.SourceUnavailable


async def test_a_redirect_is_not_followed() -> None:
    upstream = Upstream(json(b"{}", 307, Location="/elsewhere"))
    async with client_of(upstream) as client:
        with pytest.raises(errors.OutcomeUnknown):
            await client.write(call(), MAKE, decoder=DECODER, body=b"{}")
    assert [asked.url.path for asked in upstream.asked] == ["/thing"]


@pytest.mark.parametrize("second", [429, 403])
async def test_a_doubt_is_not_cleared_by_a_later_attempt_that_was_turned_away(second: int) -> None:
    upstream = Upstream(json(b"{}", 500), json(b"{}", second))
    async with client_of(upstream, retry=QUICK, honours_idempotency_key=True) as client:
        with pytest.raises(errors.OutcomeUnknown):
            await client.write(call(), MAKE, decoder=DECODER, body=b"{}", idempotency_key="k")
    assert len(upstream.asked) == 2


async def test_a_doubt_is_cleared_by_what_the_business_says_to_the_same_key() -> None:
    upstream = Upstream(json(b"{}", 500), json(b"{}", 422))
    async with client_of(upstream, retry=QUICK, honours_idempotency_key=True) as client:
        with pytest.raises(errors.SourceRejected):
            await client.write(call(), MAKE, decoder=DECODER, body=b"{}", idempotency_key="k")
    assert [asked.headers["idempotency-key"] for asked in upstream.asked] == ["k", "k"]


async def test_two_equal_writes_at_once_are_two_calls_and_each_is_told() -> None:
    made: list[CallMade] = []
    upstream = Upstream(json())
    async with client_of(upstream) as client:
        writes = [client.write(call(made=made), MAKE, decoder=DECODER, body=b"{}") for _ in range(2)]
        await asyncio.gather(*writes)
    assert len(upstream.asked) == 2
    assert [(each.operation, each.outcome, each.how) for each in made] == [("POST /thing", "ok", "sent")] * 2


async def test_a_write_without_time_left_is_not_sent() -> None:
    made: list[CallMade] = []
    upstream = Upstream(json())
    async with client_of(upstream) as client:
        with pytest.raises(errors.DeadlineExceeded):
            await client.write(call(-1, made), MAKE, decoder=DECODER, body=b"{}")
    assert upstream.asked == []
    assert [(each.outcome, each.how) for each in made] == [("DeadlineExceeded", "refused")]
