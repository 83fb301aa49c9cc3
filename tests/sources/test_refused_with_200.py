"""A refusal told with status 200 is one: what was granted is granted anew. And a way to sign in that a system does not have."""

from typing import Any

import msgspec
import pytest
from starlette.responses import Response
from upstream import MAKE, THING, Clock, Thing, Upstream, call, client_of, json

from gateway.checking import checked
from gateway.settings import SettingsError, settings_from
from gateway.wiring import opened_sources
from sources.errors import SourceError, SourceRefused
from sources.grant import AuthSettings, ClientCredentials, NoWay
from sources.http import SourceClient
from sources.retry import RetrySettings

DECODER = msgspec.json.Decoder(Thing)
SHUT, OPEN = b'{"size": 0}', b'{"size": 1}'


def refused(thing: Thing) -> SourceError | None:
    return SourceRefused("erp") if thing.size == 0 else None


def token(name: str) -> Response:
    return json(f'{{"access_token": "{name}", "expires_in": 3600}}'.encode())


async def asked(answers: list[Response], *, write: bool = False, wait: float = 10.0) -> tuple[Upstream, list[Any]]:
    """What came of asking twice, `wait` seconds apart."""
    upstream, came, clock = Upstream(*answers), list[Any](), Clock()
    async with client_of(upstream) as plain:
        auth = AuthSettings(token_url=f"{plain._root}/token", client_id="us", client_secret="ours")  # noqa: SLF001 - its address
        endpoint = msgspec.structs.replace(plain._endpoint, auth=auth, retry=RetrySettings(base_seconds=0))  # noqa: SLF001 - as above
        async with SourceClient(endpoint, clock=clock) as client:
            for _ in range(2):
                try:
                    if write:
                        reply = await client.write(call(), MAKE, decoder=DECODER, body=b"{}", judged=refused)
                    else:
                        reply = await client.read(call(), THING, decoder=DECODER, judged=refused)
                    came.append(reply.content.size)
                except SourceError as error:
                    came.append(type(error))
                clock.now += wait
    return upstream, came


def paths(upstream: Upstream) -> list[tuple[str, str | None]]:
    return [(each.url.path, each.headers.get("Authorization")) for each in upstream.asked]


async def test_a_read_refused_with_200_is_made_again_with_another_token() -> None:
    upstream, came = await asked([token("a"), json(OPEN), json(SHUT), token("b"), json(OPEN)])
    assert came == [1, 1]
    assert paths(upstream) == [
        ("/token", None), ("/thing", "Bearer a"), ("/thing", "Bearer a"), ("/token", None), ("/thing", "Bearer b"),
    ]  # fmt: skip


async def test_a_new_token_that_is_refused_with_200_is_not_the_reason() -> None:
    upstream, came = await asked([token("a"), json(SHUT)], wait=1.0)
    assert came == [SourceRefused, SourceRefused]
    assert [path for path, _ in paths(upstream)] == ["/token", "/thing", "/thing"]


async def test_a_change_refused_with_200_was_not_done_and_is_not_sent_again() -> None:
    upstream, came = await asked([token("a"), json(OPEN), json(SHUT)], write=True)
    assert came == [1, SourceRefused]
    assert [path for path, _ in paths(upstream)] == ["/token", "/thing", "/thing"]


def test_a_refresh_token_is_a_way_of_its_own_and_never_shown() -> None:
    auth = AuthSettings(refresh_token="secret")
    assert "secret" not in repr(auth)
    assert auth.headers() == {}
    for other in ({"token": "t"}, {"username": "me"}, {"token_url": "u", "client_id": "c", "client_secret": "s"}):
        with pytest.raises(ValueError, match="two ways"):
            AuthSettings(refresh_token="secret", **other)
    with pytest.raises(NoWay, match="refresh_token"):
        ClientCredentials().request(auth, "")


async def test_a_system_that_takes_no_refresh_token_says_so_before_anything_is_asked() -> None:
    source = {"url": "http://127.0.0.1:1", "auth": {"refresh_token": "secret"}}
    sources = {
        role: source if role == "crm" else {"url": "http://127.0.0.1:1"} for role in ("erp", "crm", "wms", "carrier")
    }
    settings = settings_from({"mode": "development", "sources": sources}, origin="test")
    with pytest.raises(SettingsError, match=r"at `\$\.sources\.crm\.auth`") as raised:
        async with opened_sources(settings):
            pass
    assert "secret" not in str(raised.value)


async def test_the_check_of_a_source_says_so_too() -> None:
    async with client_of(Upstream(json())) as client:
        source = {"url": client._root, "auth": {"refresh_token": "secret"}}  # noqa: SLF001 - its address
        sources = dict.fromkeys(("erp", "crm", "wms", "carrier"), source)
        settings = settings_from({"mode": "development", "sources": sources}, origin="test")
        with pytest.raises(SettingsError, match=r"at `\$\.sources\.crm\.auth`"):
            await checked(settings, "crm", {})


async def test_shiphero_is_opened_by_its_settings() -> None:
    plain = {"url": "http://127.0.0.1:1"}
    wms = plain | {"connector": "shiphero", "auth": {"refresh_token": "secret"}, "options": {"company": "US"}}
    given = {"mode": "development", "sources": {"erp": plain, "crm": plain, "wms": wms, "carrier": plain}}
    quiet = {"cache": {"enabled": False}, "submissions": {"enabled": False}}
    async with opened_sources(settings_from(given | quiet, origin="test")) as opened:
        assert opened.sources.wms.max_batch["stock"] == 25
    wrong = wms | {"options": {"company": "US", "timezone": "Mars"}}
    settings = settings_from(given | quiet | {"sources": given["sources"] | {"wms": wrong}}, origin="test")  # type: ignore[operator]  # it is a table
    with pytest.raises(SettingsError, match=r"timezone.* at `\$\.sources\.wms\.options`"):
        async with opened_sources(settings):
            pass
