"""What vendors need of the way out: keys in paths, headers, refusals in their own words, failures told with status 200."""

from collections.abc import Sequence
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.responses import Response
from upstream import DECODER, OK, ONCE, Thing, Upstream, call, client_of, json

from sources.asked import Asked, filled
from sources.credentials import Credentials
from sources.errors import (
    OutcomeUnknown,
    SourceContractBroken,
    SourceError,
    SourceRateLimited,
    SourceRefused,
    SourceRejected,
    SourceUnavailable,
)
from sources.grant import AuthSettings, ClientCredentials, Granted, Request
from sources.http import Operation, SourceClient

ONE = Operation("GET", "/things/{number}", refusals=frozenset({404}))
PARTLY = Operation("GET", "/things", answers=frozenset({200, 207}))
CHANGE = Operation("PATCH", "/things/{number}")
NOTHING = msgspec.json.Decoder(type(None))


async def test_a_key_fills_its_place_in_the_path_and_the_template_is_what_is_told() -> None:
    made: list[Any] = []
    async with client_of(upstream := Upstream(json())) as client:
        await client.read(call(made=made), ONE, decoder=DECODER, at={"number": "a/b?c'é"}, params=[("x", "1")])
    assert upstream.asked[0].scope["raw_path"] == b"/things/a%2Fb%3Fc%27%C3%A9"
    assert upstream.asked[0].url.query == "x=1"
    assert [each.operation for each in made] == ["GET /things/{number}"]


@given(st.text(min_size=1, alphabet=st.characters(exclude_categories=["Cs"])))
def test_no_key_leaves_its_place(key: str) -> None:
    path = filled("/things/{number}/end", {"number": key})
    before, place, end = path.rsplit("/", 2)
    assert (before, end) == ("/things", "end")
    assert place not in {"", ".", ".."}
    assert not {"?", "#", "/", "\\", "'", " "} & set(place)


def test_an_empty_key_is_never_sent() -> None:
    with pytest.raises(ValueError, match="empty key"):
        filled("/things/{number}", {"number": ""})


async def test_headers_go_along_and_those_of_the_gateway_stay() -> None:
    async with client_of(upstream := Upstream(json()), token="t") as client:
        await client.read(call(), ONE, decoder=DECODER, at={"number": "1"}, headers={"transId": "7"})
        await client.write(call(), CHANGE, decoder=DECODER, at={"number": "1"}, headers={"If-Match": "W/1"}, body=b"{}")
    read, written = upstream.asked
    assert (read.headers["transId"], read.headers["Authorization"]) == ("7", "Bearer t")
    assert (written.method, written.headers["If-Match"], written.headers["X-Correlation-Id"]) == (
        "PATCH",
        "W/1",
        "id-1",
    )


async def test_a_status_by_which_this_system_says_no_is_a_refusal_with_its_word() -> None:
    async with client_of(Upstream(json(b'{"code": "TW0001"}', 404))) as client:
        with pytest.raises(SourceRejected) as raised:
            await client.read(call(), ONE, decoder=DECODER, at={"number": "1"})
        with pytest.raises(SourceContractBroken):
            await client.read(call(), PARTLY, decoder=DECODER)
    assert raised.value.detail == "HTTP 404"


async def test_another_success_is_an_answer_where_the_operation_says_so() -> None:
    async with client_of(Upstream(json(OK, 207))) as client:
        assert (await client.read(call(), PARTLY, decoder=DECODER)).content == Thing(1)
        with pytest.raises(SourceContractBroken):
            await client.read(call(), ONE, decoder=DECODER, at={"number": "1"})


LIMITED = Operation("GET", "/things", refusals=frozenset({400}), limits={"SPENT": 20.0})
WRITE_LIMITED = Operation("POST", "/things", limits={"SPENT": 20.0})


def first_word(body: bytes) -> str:
    return body.decode().partition(" ")[0]


@pytest.mark.parametrize(
    ("status", "body", "headers", "kind", "seconds"),
    [
        (403, b"SPENT now", {}, SourceRateLimited, 20),
        (400, b"SPENT now", {}, SourceRateLimited, 20),
        (429, b"SPENT now", {}, SourceRateLimited, 20),
        (429, b"SPENT now", {"Retry-After": "5"}, SourceRateLimited, 5),
        (429, b"OTHER", {"Retry-After": "5"}, SourceRateLimited, 5),
        (403, b"OTHER", {}, SourceRefused, None),
        (503, b"SPENT now", {}, SourceUnavailable, None),
    ],
)
async def test_a_refusals_word_may_mean_too_many_whatever_its_status(
    status: int, body: bytes, headers: dict[str, str], kind: type[SourceError], seconds: float | None
) -> None:
    async with client_of(Upstream(json(body, status, **headers))) as plain:
        endpoint = msgspec.structs.replace(plain._endpoint, retry=ONCE)  # noqa: SLF001 - its address
        async with SourceClient(endpoint, reason=first_word) as client:
            with pytest.raises(SourceError) as raised:
                await client.read(call(), LIMITED, decoder=DECODER)
            assert (type(raised.value), raised.value.retry_after_seconds) == (kind, seconds)
            assert (client.state().rate_limited_for_seconds > 4) == (seconds is not None)


async def test_a_write_that_met_a_limit_was_not_done() -> None:
    async with (
        client_of(Upstream(json(b"SPENT now", 403))) as plain,
        SourceClient(plain._endpoint, reason=first_word) as client,  # noqa: SLF001 - its address
    ):
        with pytest.raises(SourceRateLimited) as raised:
            await client.write(call(), WRITE_LIMITED, decoder=DECODER, body=b"{}")
    assert (raised.value.retry_after_seconds, raised.value.detail) == (20, "HTTP 403 SPENT")


def limited(thing: Thing) -> SourceError | None:
    return SourceRateLimited("erp", retry_after_seconds=30) if thing.size == 0 else None


async def test_a_failure_told_with_status_200_counts_as_what_it_is() -> None:
    async with client_of(upstream := Upstream(json(b'{"size": 0}')), retry=ONCE) as client:
        for _ in range(2):  # the second finds that the system wants to be left alone
            with pytest.raises(SourceRateLimited):
                await client.read(call(), PARTLY, decoder=DECODER, judged=limited)
        assert client.state().rate_limited_for_seconds > 20
    assert len(upstream.asked) == 1


async def test_a_write_judged_wrong_was_not_done() -> None:
    def judged(thing: Thing) -> SourceError | None:
        return SourceRejected("erp", reason="CREDIT_LIMIT") if thing.size == 1 else None

    async with client_of(Upstream(json())) as client:
        with pytest.raises(SourceRejected) as raised:
            await client.write(call(), CHANGE, decoder=DECODER, at={"number": "1"}, body=b"{}", judged=judged)
    assert raised.value.reason == "CREDIT_LIMIT"


async def test_an_empty_answer_to_a_write_says_that_it_was_done() -> None:
    async with client_of(Upstream(Response(status_code=204))) as client:
        reply = await client.write(call(), CHANGE, decoder=NOTHING, at={"number": "1"}, body=b"{}")
        assert reply.content is None
        with pytest.raises(OutcomeUnknown):
            await client.write(call(), CHANGE, decoder=DECODER, at={"number": "1"}, body=b"{}")


class Session:
    """A login of a system's own: name and password for a ticket, at its own address."""

    def request(self, settings: AuthSettings, root: str) -> Request | None:
        if not settings.username:
            return None
        return Request(f"{root}/login", settings.password.encode(), {"X-Name": settings.username})

    def granted(self, settings: AuthSettings, content: bytes) -> Granted:
        if not content.isdigit():
            raise ValueError("no ticket")
        return Granted({"Authorization": f"Session {settings.username}:{content.decode()}"}, 100)


async def test_a_vendor_signs_in_in_its_own_way_and_once_more_when_it_is_sent_away() -> None:
    upstream = Upstream(json(b"1"), json(), json(b"{}", 401), json(b"2"), json())
    async with client_of(upstream) as plain:
        endpoint = msgspec.structs.replace(plain._endpoint, auth=AuthSettings(username="me", password="secret"))  # noqa: SLF001 - its address
        clock = _Clock()
        async with SourceClient(endpoint, grant=Session(), clock=clock) as client:
            await client.read(call(), PARTLY, decoder=DECODER)
            clock.now += 10
            await client.read(call(), PARTLY, decoder=DECODER)
    paths = [(each.url.path, each.headers.get("Authorization")) for each in upstream.asked]
    assert paths == [
        ("/login", None),
        ("/things", "Session me:1"),
        ("/things", "Session me:1"),
        ("/login", None),
        ("/things", "Session me:2"),
    ]
    assert upstream.bodies[0] == b"secret"
    assert "secret" not in repr(Session().request(endpoint.auth, ""))


class _Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


async def test_a_grant_that_is_none_is_a_refusal() -> None:
    async with client_of(Upstream(json(b"no"))) as plain:
        auth = AuthSettings(username="me", password="secret")
        held = Credentials("erp", auth, grant=Session(), root=plain._root)  # noqa: SLF001 - its address
        with pytest.raises(SourceRefused):
            await held.fetched(5)
        await held.aclose()


def test_settings_without_a_grant_are_headers_that_never_change() -> None:
    held = Credentials("erp", AuthSettings(token="t"), grant=Session(), root="http://x")
    assert held.at_hand() == {"Authorization": "Bearer t"}


def test_client_credentials_go_in_the_form_or_in_a_header() -> None:
    auth = AuthSettings(token_url="http://x/token", client_id="us", client_secret="o&r", scope="a b")
    form = ClientCredentials().request(auth, "")
    header = ClientCredentials(by_header=True).request(auth, "")
    assert form is not None
    assert header is not None
    assert form.body == b"grant_type=client_credentials&client_id=us&client_secret=o%26r&scope=a+b"
    assert "Authorization" not in form.headers
    assert header.body == b"grant_type=client_credentials&scope=a+b"
    assert header.headers["Authorization"] == "Basic dXM6byZy"


@pytest.mark.parametrize(("life", "seconds"), [(b'"14399"', 14399.0), (b"60", 60.0), (b"null", None)])
def test_how_long_a_token_lives_may_be_a_text(life: bytes, seconds: float | None) -> None:
    content = b'{"access_token": "t", "expires_in": %s}' % life
    assert ClientCredentials().granted(AuthSettings(), content) == Granted({"Authorization": "Bearer t"}, seconds)


# ---------------------------------------------------------------- status and headers before the rest, other media

MIXED = Operation("POST", "/things", media="multipart/mixed")


class Length:
    """A decoder of another kind than msgspec's."""

    def decode(self, content: bytes, /) -> int:
        if content == b"none":
            raise msgspec.ValidationError("no parts - at `$`")
        return len(content)


def turned_away(status: int, headers: Sequence[tuple[str, str]]) -> SourceError | None:
    wanted = ("x-token", "Required") in [(name.lower(), value) for name, value in headers]
    return SourceRejected("erp", reason="TOKEN_WANTED") if status == 403 and wanted else None


async def test_an_answers_headers_are_shown_before_its_body_and_every_cookie_is_among_them() -> None:
    seen: list[tuple[int, list[str]]] = []

    def headed(status: int, headers: Sequence[tuple[str, str]]) -> None:
        seen.append((status, [value for name, value in headers if name.lower() == "set-cookie"]))

    answer = json()
    answer.headers.append("Set-Cookie", "a=1")
    answer.headers.append("Set-Cookie", "b=2")
    async with client_of(Upstream(answer)) as client:
        await client.read(call(), PARTLY, decoder=DECODER, headed=headed)
        await client.write(call(), CHANGE, decoder=DECODER, at={"number": "1"}, body=b"{}", headed=headed)
    assert seen == [(200, ["a=1", "b=2"])] * 2


async def test_what_the_headers_say_is_wrong_is_what_went_wrong_and_costs_no_credentials() -> None:
    away = json(b"not even JSON", 403, **{"X-Token": "Required"})
    async with client_of(upstream := Upstream(away)) as client:
        for asking in (
            client.read(call(), PARTLY, decoder=DECODER, headed=turned_away),
            client.write(call(), CHANGE, decoder=DECODER, at={"number": "1"}, body=b"{}", headed=turned_away),
        ):
            with pytest.raises(SourceRejected) as raised:
                await asking
            assert raised.value.reason == "TOKEN_WANTED"
        with pytest.raises(SourceRefused):
            await client.read(call(), PARTLY, decoder=DECODER)
    assert len(upstream.asked) == 3


async def test_another_media_type_is_sent_and_read_where_the_operation_says_so() -> None:
    mixed = Response(b"--b", media_type="multipart/mixed; boundary=b")
    sent = {"Content-Type": "multipart/mixed; boundary=ours"}
    async with client_of(upstream := Upstream(mixed)) as client:
        read = await client.read(call(), MIXED, decoder=Length(), body=b"--ours", headers=sent)
        written = await client.write(call(), MIXED, decoder=Length(), body=b"--ours", headers=sent)
        with pytest.raises(SourceContractBroken) as raised:
            await client.read(call(), PARTLY, decoder=DECODER)
        with pytest.raises(OutcomeUnknown):
            await client.write(call(), CHANGE, decoder=DECODER, at={"number": "1"}, body=b"{}")
    assert (read.content, written.content) == (3, 3)
    assert raised.value.path == "Content-Type"
    assert [each.headers["Content-Type"] for each in upstream.asked if each.method == "POST"] == [
        sent["Content-Type"]
    ] * 2
    assert upstream.asked[-1].headers["Content-Type"] == "application/json"


async def test_json_is_no_answer_where_another_media_type_was_wanted_and_a_decoder_of_its_own_says_where() -> None:
    answers = (json(), Response(b"none", media_type="multipart/mixed"))
    async with client_of(Upstream(*answers), retry=ONCE) as client:
        for path in ("Content-Type", "$"):
            with pytest.raises(SourceContractBroken) as raised:
                await client.read(call(), MIXED, decoder=Length(), body=b"--ours")
            assert raised.value.path == path


async def test_a_space_in_a_query_is_no_plus() -> None:
    async with client_of(upstream := Upstream(json())) as client:
        await client.read(call(), PARTLY, decoder=DECODER, params=[("$filter", "a eq 'b+c d'")])
    assert upstream.asked[0].url.query == "%24filter=a%20eq%20%27b%2Bc%20d%27"


def test_a_request_shows_neither_its_address_nor_what_goes_along() -> None:
    asked = Asked(ONE, "http://x/things/17", b"{}", headers={"Cookie": "secret"})
    assert repr(asked) == "Asked(GET /things/{number})"
