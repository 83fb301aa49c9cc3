"""The provider's keys: rotated, away, wrong; and how often they are asked for."""

from typing import Any

import pytest
from identity_provider import OTHER_RSA_KEY, RSA_KEY, identity_provider, public_row

from gateway import development_key
from gateway.auth import Authenticator, IdentityUnavailable, Unauthenticated
from gateway.identity import IdentitySettings
from gateway.key_set import KeySet


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


async def outcome(authenticator: Authenticator, token: str) -> str:
    try:
        return (await authenticator.known(f"Bearer {token}")).viewer.subject
    except Unauthenticated as error:
        return f"{error.status} {error.reason}"


async def test_a_rotated_key_is_found_and_the_old_one_forgotten() -> None:
    clock = Clock()
    async with identity_provider() as provider:
        settings = IdentitySettings(**provider.settings())
        async with KeySet(settings, clock=clock) as keys:
            desk = Authenticator(settings, keys)
            old, new = provider.token(), provider.token(key=OTHER_RSA_KEY, kid="rsa-2")
            assert await outcome(desk, old) == "portal-user"
            provider.rows = [public_row("rsa-2", OTHER_RSA_KEY)]
            assert await outcome(desk, new) == "401 unknown key id"  # asked a moment ago: not again at once
            assert provider.reads == 1
            clock.now += 6
            assert await outcome(desk, new) == "portal-user"
            assert await outcome(desk, old) == "401 unknown key id"
            assert provider.reads == 2


async def test_unknown_key_ids_make_us_ask_no_more_often_than_every_five_seconds() -> None:
    clock = Clock()
    async with identity_provider() as provider:
        settings = IdentitySettings(**provider.settings())
        async with KeySet(settings, clock=clock) as keys:
            desk = Authenticator(settings, keys)
            for at in range(100):
                clock.now += 0.1
                assert await outcome(desk, provider.token(kid=f"k{at}")) == "401 unknown key id"
            assert provider.reads <= 3


async def test_while_the_provider_is_away_its_keys_are_held_and_then_no_more() -> None:
    clock = Clock()
    async with identity_provider() as provider:
        settings = IdentitySettings(**provider.settings(), refresh_seconds=300, outage_seconds=3600)
        async with KeySet(settings, clock=clock) as keys:
            desk, good = Authenticator(settings, keys), provider.token()
            provider.is_down = True
            clock.now += 400
            assert await outcome(desk, good) == "portal-user"
            assert await outcome(desk, provider.token(kid="new")) == "503 provider away"
            clock.now += 3600
            assert await outcome(desk, good) == "503 provider away"
            provider.is_down = False
            assert await outcome(desk, good) == "503 provider away"  # asked a moment ago
            clock.now += 6
            assert await outcome(desk, good) == "portal-user"


async def test_a_gateway_that_starts_before_its_provider_says_so_and_recovers() -> None:
    clock = Clock()
    async with identity_provider() as provider:
        provider.is_down = True
        settings = IdentitySettings(**provider.settings())
        async with KeySet(settings, clock=clock) as keys:
            desk = Authenticator(settings, keys)
            with pytest.raises(IdentityUnavailable, match=r"^Tokens cannot be checked at the moment\.$"):
                await desk.known(f"Bearer {provider.token()}")
            provider.is_down = False
            clock.now += 6
            assert await outcome(desk, provider.token()) == "portal-user"


@pytest.mark.parametrize(
    "body",
    [b"", b"null", b"[]", b'{"keys": {}}', b'{"keys": [null, 3, {"kid": 1}]}', b"{" * 10_000, b" " * 300_000, b"\xff"],
)
async def test_a_key_set_that_is_none_opens_nothing_and_breaks_nothing(body: bytes) -> None:
    async with identity_provider() as provider:
        provider.body = body
        settings = IdentitySettings(**provider.settings())
        async with KeySet(settings) as keys:
            assert (await outcome(Authenticator(settings, keys), provider.token()))[:3] in {"401", "503"}


@pytest.mark.parametrize(
    "row",
    [
        {"kty": "oct", "kid": "rsa-1", "k": "c2VjcmV0"},
        public_row("rsa-1", RSA_KEY, use="enc"),
        public_row("rsa-1", RSA_KEY, alg="RS512"),
        {"kty": "RSA", "kid": "rsa-1", "n": "AQAB", "e": "AQAB"},
        {"kty": "RSA", "kid": "rsa-1"},
    ],
)
async def test_a_key_that_does_not_sign_tokens_is_not_used(row: dict[str, Any]) -> None:
    async with identity_provider() as provider:
        provider.rows = [row]
        settings = IdentitySettings(**provider.settings())
        async with KeySet(settings) as keys:
            assert await outcome(Authenticator(settings, keys), provider.token()) == "401 unknown key id"


async def test_a_provider_that_publishes_the_development_key_is_not_believed() -> None:
    async with identity_provider() as provider:
        provider.rows = [{"kty": "OKP", "crv": "Ed25519", "x": development_key.PUBLIC_X, "kid": "harmless"}]
        settings = IdentitySettings(**provider.settings(), algorithms=("EdDSA",))
        async with KeySet(settings) as keys:
            signed = provider.token(key=development_key._private_key(), kid="harmless", alg="EdDSA")  # noqa: SLF001 - as whoever reads the file could
            assert await outcome(Authenticator(settings, keys), signed) == "401 unknown key id"
