"""OAuth2 client credentials: when a token is fetched, renewed and dropped."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import msgspec
import pytest
from stack import served
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from upstream import DECODER, THING, Clock, Upstream, call, client_of, json

from sources.credentials import Credentials
from sources.errors import DeadlineExceeded, SourceRefused, SourceUnavailable
from sources.grant import AuthSettings


def token(name: str, life: int = 100) -> Response:
    return json(f'{{"access_token": "{name}", "expires_in": {life}}}'.encode())


@asynccontextmanager
async def login(
    *answers: Response | Callable[[Request], Awaitable[Response]],
) -> AsyncIterator[tuple[Upstream, AuthSettings]]:
    server = Upstream(*answers)
    async with served(Starlette(routes=[Route("/token", server.answered, methods=["POST"])])) as url:
        yield server, AuthSettings(token_url=f"{url}/token", client_id="us", client_secret="ours")


@asynccontextmanager
async def credentials(auth: AuthSettings, clock: Clock) -> AsyncIterator[Credentials]:
    made = Credentials("erp", auth, clock)
    try:
        yield made
    finally:
        await made.aclose()


async def test_a_token_is_renewed_early_while_the_old_one_serves() -> None:
    clock, renewing = Clock(), asyncio.Event()

    async def later(_: Request) -> Response:
        await renewing.wait()
        return token("new")

    async with login(token("old"), later) as (server, auth), credentials(auth, clock) as held:
        assert held.at_hand() is None
        assert await held.fetched(5) == {"Authorization": "Bearer old"}
        clock.now += 84
        assert held.at_hand() == {"Authorization": "Bearer old"}
        assert len(server.asked) == 1
        clock.now += 12
        assert [held.at_hand() for _ in range(10)] == [{"Authorization": "Bearer old"}] * 10
        renewing.set()
        assert await held.fetched(5) == {"Authorization": "Bearer new"}
        assert held.at_hand() == {"Authorization": "Bearer new"}
        assert len(server.asked) == 2


async def test_a_renewal_that_fails_leaves_the_old_token_until_its_end() -> None:
    clock = Clock()
    async with login(token("old"), json(b"{}", 503)) as (server, auth), credentials(auth, clock) as held:
        await held.fetched(5)
        clock.now += 96
        with pytest.raises(SourceUnavailable):
            await held.fetched(5)
        assert held.at_hand() == {"Authorization": "Bearer old"}
        assert len(server.asked) == 2
        clock.now += 5
        assert held.at_hand() is None


async def test_a_failure_to_fetch_stands_for_a_second() -> None:
    clock = Clock()
    async with login(json(b"{}", 503), token("first")) as (server, auth), credentials(auth, clock) as held:
        for _ in range(5):
            with pytest.raises(SourceUnavailable):
                await held.fetched(5)
        assert len(server.asked) == 1
        clock.now += 1
        assert await held.fetched(5) == {"Authorization": "Bearer first"}


async def test_who_gives_up_waiting_for_a_token_leaves_it_to_the_others() -> None:
    granted = asyncio.Event()

    async def later(_: Request) -> Response:
        await granted.wait()
        return token("late")

    async with login(later) as (server, auth), credentials(auth, Clock()) as held:
        waiting = asyncio.create_task(held.fetched(5))
        with pytest.raises(DeadlineExceeded):
            await held.fetched(0.01)
        granted.set()
        assert await waiting == {"Authorization": "Bearer late"}
        assert len(server.asked) == 1


async def test_a_token_that_the_source_refuses_is_dropped_unless_it_is_new() -> None:
    clock = Clock()
    async with login(token("one"), token("two")) as (_, auth), credentials(auth, clock) as held:
        first = await held.fetched(5)
        held.refused(first)
        assert held.at_hand() is first
        clock.now += 10
        held.refused({"Authorization": "Bearer one"})
        assert held.at_hand() is first
        held.refused(first)
        assert held.at_hand() is None
        assert await held.fetched(5) == {"Authorization": "Bearer two"}


async def test_a_refused_token_is_fetched_anew_and_the_read_made_once_more() -> None:
    clock, upstream = Clock(), Upstream(json(), json(b"{}", 401), json())
    async with login(token("one"), token("two")) as (_, auth), client_of(upstream, clock, auth=auth) as client:
        for _ in range(2):
            assert (await client.read(call(), THING, decoder=DECODER)).content.size == 1
            clock.now += 10
    assert [asked.headers["authorization"] for asked in upstream.asked] == ["Bearer one", "Bearer one", "Bearer two"]


async def test_a_source_that_refuses_every_token_is_not_asked_twice() -> None:
    upstream = Upstream(json(b"{}", 401))
    async with login(token("one")) as (server, auth), client_of(upstream, auth=auth) as client:
        for _ in range(3):
            with pytest.raises(SourceRefused):
                await client.read(call(), THING, decoder=DECODER)
    assert (len(server.asked), len(upstream.asked)) == (1, 3)


async def test_a_login_that_never_comes_to_an_end_is_given_up() -> None:
    hang = asyncio.Event()

    async def never(_: Request) -> Response:
        await hang.wait()
        return token("late")

    async with login(never) as (_, auth):
        brief = msgspec.structs.replace(auth, timeout_seconds=0.05)
        async with credentials(brief, Clock()) as held:
            with pytest.raises(SourceUnavailable) as raised:
                await held.fetched(5)
        hang.set()
    assert raised.value.detail == "no token: no answer in time"


@pytest.mark.parametrize("body", [b'{"access_token": "' + b"x" * 70_000 + b'"}', b"\xff"])
async def test_what_is_no_token_is_not_sent_on(body: bytes) -> None:
    async with login(json(body)) as (_, auth), credentials(auth, Clock()) as held:
        with pytest.raises((SourceUnavailable, SourceRefused), match="system"):
            await held.fetched(5)
        assert held.at_hand() is None


async def test_closing_ends_the_fetching_and_those_who_wait_for_it() -> None:
    hang = asyncio.Event()

    async def never(_: Request) -> Response:
        await hang.wait()
        return token("late")

    async with login(never) as (server, auth), credentials(auth, Clock()) as held:
        waiting = asyncio.create_task(held.fetched(5))
        await server.was_asked.wait()
        await held.aclose()
        with pytest.raises(SourceUnavailable, match="at the moment"):
            await waiting
        hang.set()
