"""What is sent: writes and what their answers mean, and how the gateway shows itself, over real sockets."""

import asyncio

import pytest
from stack import served
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from upstream import DECODER, MAKE, OK, ONCE, QUICK, THING, Upstream, call, client_of, json

from sources.endpoint import Endpoint
from sources.errors import (
    OutcomeUnknown,
    SourceError,
    SourceRateLimited,
    SourceRefused,
    SourceRejected,
    SourceUnavailable,
)
from sources.grant import AuthSettings
from sources.http import Operation, SourceClient

OPENING = Operation("POST", "/opening")

# ---------------------------------------------------------------- writes


async def test_a_write_carries_its_key_and_is_decoded() -> None:
    upstream = Upstream(json(status=201))
    async with client_of(upstream, token="secret") as client:
        reply = await client.write(call(), MAKE, decoder=DECODER, body=b'{"a": 1}', idempotency_key="k-1")
    assert reply.content.size == 1
    (asked,) = upstream.asked
    assert (asked.method, upstream.bodies) == ("POST", [b'{"a": 1}'])
    assert asked.headers["idempotency-key"] == "k-1"
    assert asked.headers["authorization"] == "Bearer secret"
    assert asked.headers["x-correlation-id"] == "id-1"


async def test_a_write_to_nobody_was_not_sent() -> None:
    async with SourceClient(Endpoint(name="erp", url="http://127.0.0.1:1", retry=ONCE)) as client:
        with pytest.raises(SourceUnavailable) as raised:
            await client.write(call(), MAKE, decoder=DECODER, body=b"{}")
    assert not isinstance(raised.value, OutcomeUnknown)


@pytest.mark.parametrize("honours", [False, True])
async def test_a_write_that_may_have_been_done_is_sent_again_only_where_its_key_is_honoured(*, honours: bool) -> None:
    upstream = Upstream(json(b"{}", 500), json())
    async with client_of(upstream, retry=QUICK, honours_idempotency_key=honours) as client:
        sending = client.write(call(), MAKE, decoder=DECODER, body=b"{}", idempotency_key="k")
        if honours:
            assert (await sending).content.size == 1
        else:
            with pytest.raises(OutcomeUnknown):
                await sending
    assert len(upstream.asked) == 1 + honours


async def test_a_write_that_is_not_answered_in_time_has_an_unknown_outcome() -> None:
    hang = asyncio.Event()

    async def never(_: Request) -> Response:
        await hang.wait()
        return json()

    async with client_of(Upstream(json(), never), timeouts={"POST /thing": 0.3}) as client:
        await client.write(
            call(), OPENING, decoder=DECODER, body=b"{}"
        )  # the first opens what all go by, which takes its time
        with pytest.raises(OutcomeUnknown):
            await client.write(call(), MAKE, decoder=DECODER, body=b"{}")
        hang.set()


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (json(b"{}", 422), SourceRejected),
        (json(b"{}", 403), SourceRefused),
        (json(b"{}", 429), SourceRateLimited),
        (json(b"{}", 503), OutcomeUnknown),
        (json(b"{}", 502), OutcomeUnknown),
        (json(b"not json"), OutcomeUnknown),
        (Response("<html>", media_type="text/html"), OutcomeUnknown),
        (json(OK + b" " * 2000), OutcomeUnknown),
    ],
)
async def test_what_an_answer_to_a_write_means(answer: Response, kind: type[SourceError]) -> None:
    async with client_of(Upstream(answer), retry=ONCE, max_response_bytes=1000) as client:
        with pytest.raises(kind) as raised:
            await client.write(call(), MAKE, decoder=DECODER, body=b"{}")
    assert type(raised.value) is kind


# ---------------------------------------------------------------- credentials


@pytest.mark.parametrize(
    ("auth", "header", "value"),
    [
        (AuthSettings(token="t"), "authorization", "Bearer t"),
        (AuthSettings(header="X-Api-Key", value="k"), "x-api-key", "k"),
        (AuthSettings(username="u", password="p"), "authorization", "Basic dTpw"),
    ],
)
async def test_the_gateway_shows_itself_as_it_was_told(auth: AuthSettings, header: str, value: str) -> None:
    upstream = Upstream(json())
    async with client_of(upstream, auth=auth) as client:
        await client.read(call(), THING, decoder=DECODER)
    assert upstream.asked[0].headers[header] == value
    assert "p" not in repr(auth).lower().replace("…", "")


def test_half_a_credential_and_two_at_once_are_refused() -> None:
    with pytest.raises(ValueError, match="two ways"):
        AuthSettings(token="t", username="u")
    with pytest.raises(ValueError, match="other half"):
        AuthSettings(header="X-Key")


async def test_a_token_is_fetched_once_for_all_who_wait_for_it() -> None:
    tokens = Upstream(json(b'{"access_token": "abc", "expires_in": 3600}'))
    async with served(Starlette(routes=[Route("/token", tokens.answered, methods=["POST"])])) as login:
        auth = AuthSettings(token_url=f"{login}/token", client_id="us", client_secret="ours", scope="erp")
        upstream = Upstream(json())
        async with client_of(upstream, auth=auth) as client:
            reads = [client.read(call(), THING, decoder=DECODER, params=[("n", str(number))]) for number in range(20)]
            await asyncio.gather(*reads)
    assert len(tokens.asked) == 1
    assert tokens.bodies == [b"grant_type=client_credentials&client_id=us&client_secret=ours&scope=erp"]
    assert {asked.headers["authorization"] for asked in upstream.asked} == {"Bearer abc"}


@pytest.mark.parametrize(
    ("answer", "kind"),
    [(json(b"{}", 400), SourceRefused), (json(b"{}", 503), SourceUnavailable), (json(b"[]"), SourceRefused)],
)
async def test_without_a_token_nothing_is_asked_and_no_secret_is_told(
    answer: Response, kind: type[SourceError]
) -> None:
    tokens, upstream = Upstream(answer), Upstream(json())
    async with served(Starlette(routes=[Route("/token", tokens.answered, methods=["POST"])])) as login:
        auth = AuthSettings(token_url=f"{login}/token", client_id="us", client_secret="ours")
        async with client_of(upstream, auth=auth, retry=ONCE) as client:
            with pytest.raises(kind) as raised:
                await client.read(call(), THING, decoder=DECODER)
    assert upstream.asked == []
    assert "ours" not in f"{raised.value} {raised.value.detail}"
    assert "127.0.0.1" not in f"{raised.value} {raised.value.detail}"
