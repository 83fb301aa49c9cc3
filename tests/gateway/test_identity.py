"""Tokens and keys, good and bad, at a gateway in production."""

import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from gateway_process import gateway_process
from identity_provider import (
    EC_KEY,
    OTHER_RSA_KEY,
    RSA_KEY,
    Provider,
    identity_provider,
    pem,
    public_row,
    raw,
)
from stack import Stack, stack_over

from gateway import development_key
from gateway.app import create_app
from gateway.auth import Authenticator, IdentityUnavailable, Unauthenticated, hashed, new_key
from gateway.cli import main
from gateway.identity import ApiKey, IdentitySettings
from gateway.key_set import KeySet
from gateway.settings import SettingsError, settings_from
from sandbox.facts import Dataset
from sources.viewer import SCOPES

FACTS = {
    "today": "2026-06-30",
    "items": [{"company": "US", "sku": "BOLT", "name": "Bolt"}],
    "customers": [{"company": "US", "number": "C1", "name": "Acme"}],
}
OLD, NEW = new_key("edi"), new_key("edi")
LAPSED = new_key("lapsed")
YESTERDAY = (datetime.now(UTC) - timedelta(days=1)).date()
KEYS = [
    {
        "id": "edi",
        "hashes": [hashed(OLD), hashed(NEW)],
        "scopes": ["item:read"],
        "companies": ["US"],
        "customers": ["*"],
    },
    {
        "id": "lapsed",
        "hashes": [hashed(LAPSED)],
        "scopes": ["item:read"],
        "companies": ["US"],
        "customers": ["*"],
        "expires": YESTERDAY,
    },
]
ITEM = '{ item(sku: "BOLT") { sku } viewer { subject scopes companies customers } }'
NOT_ACCEPTED = "The token is not accepted."


@pytest.fixture(scope="module")
async def provider() -> AsyncIterator[Provider]:
    async with identity_provider() as running:
        yield running


@pytest.fixture(scope="module")
async def production(provider: Provider) -> AsyncIterator[Stack]:
    settings = {
        "mode": "production",
        "http": {"hosts": ["127.0.0.1"]},
        "identity": {**provider.settings(), "keys": KEYS},
    }
    async with stack_over(Dataset.from_builtins(FACTS), **settings) as running:
        yield running


async def shown(stack: Stack, token: str | None) -> Any:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    return await stack.client.post("/graphql", json={"query": ITEM}, headers=headers)


@pytest.mark.parametrize(
    "token",
    [
        lambda provider: provider.token(),
        lambda provider: provider.token(key=EC_KEY, kid="ec-1", alg="ES256"),
        lambda provider: provider.token(header={"typ": "at+jwt"}),
        lambda provider: provider.token(aud=["another", "crossdock-api"]),
        lambda provider: provider.token(scope=None, crossdock_companies="US", scp=["x"]),
        lambda provider: provider.token(exp=int(time.time()) - 20),  # within the skew of 30 s
        lambda provider: provider.token(nbf=int(time.time()) + 20),
    ],
)
async def test_a_good_token_is_taken(provider: Provider, production: Stack, token: Callable[[Provider], str]) -> None:
    answer = await shown(production, token(provider))
    assert answer.status_code == 200
    assert answer.json()["data"]["viewer"]["subject"] == "portal-user"
    assert answer.json()["data"]["viewer"]["customers"] == ["C1"]


async def test_scopes_that_nobody_knows_are_left_out(provider: Provider, production: Stack) -> None:
    answer = await shown(production, provider.token(scope="item:read openid profile admin"))
    assert answer.json()["data"]["viewer"]["scopes"] == ["item:read"]


def confused(provider: Provider) -> str:
    """HS256, signed with the provider's public key as the secret: what it takes to fool a server that asks the header."""
    unsigned = raw({"alg": "HS256", "kid": "rsa-1"}, provider.claims()).rpartition(".")[0]
    signature = hmac.new(pem(RSA_KEY), unsigned.encode(), hashlib.sha256).digest()
    return unsigned + "." + raw("", "", signature).rpartition(".")[2]


ATTACKS: dict[str, tuple[Callable[[Provider], str], str]] = {
    "alg none": (lambda p: raw({"alg": "none", "kid": "rsa-1"}, p.claims()), NOT_ACCEPTED),
    "alg NoNe": (lambda p: raw({"alg": "NoNe", "kid": "rsa-1"}, p.claims()), NOT_ACCEPTED),
    "alg is a list": (lambda p: raw({"alg": ["RS256"], "kid": "rsa-1"}, p.claims()), NOT_ACCEPTED),
    "no signature": (lambda p: p.token().rpartition(".")[0] + ".", NOT_ACCEPTED),
    "HS256 with the public key": (confused, NOT_ACCEPTED),
    "an algorithm not pinned": (lambda p: p.token(alg="RS512"), NOT_ACCEPTED),
    "an algorithm of another key": (lambda p: p.token(key=EC_KEY, kid="rsa-1", alg="ES256"), NOT_ACCEPTED),
    "another's key under a known id": (lambda p: p.token(key=OTHER_RSA_KEY), NOT_ACCEPTED),
    "another issuer": (lambda p: p.token(iss="https://evil.example.com"), NOT_ACCEPTED),
    "no issuer": (lambda p: p.token(iss=None), NOT_ACCEPTED),
    "another audience": (lambda p: p.token(aud="another"), NOT_ACCEPTED),
    "no audience": (lambda p: p.token(aud=None), NOT_ACCEPTED),
    "expired": (lambda p: p.token(exp=int(time.time()) - 60), "The token has expired."),
    "without an end": (lambda p: p.token(exp=None), NOT_ACCEPTED),
    "an end that is no number": (lambda p: p.token(exp="never"), NOT_ACCEPTED),
    "not yet": (lambda p: p.token(nbf=int(time.time()) + 60), "The token does not hold yet."),
    "made tomorrow": (lambda p: p.token(iat=int(time.time()) + 86_400), "The token does not hold yet."),
    "nobody": (lambda p: p.token(sub=None), NOT_ACCEPTED),
    "a subject like a key's": (lambda p: p.token(sub="key:edi"), NOT_ACCEPTED),
    "an unknown key id": (lambda p: p.token(kid="rsa-2"), NOT_ACCEPTED),
    "no key id": (lambda p: p.token(kid=None), NOT_ACCEPTED),
    "a key id that is a path": (lambda p: p.token(kid="../../../../dev/null"), NOT_ACCEPTED),
    "a key id that is SQL": (lambda p: p.token(kid="x' UNION SELECT 'secret"), NOT_ACCEPTED),
    "a key id that is an object": (lambda p: raw({"alg": "RS256", "kid": {"a": 1}}, p.claims()), NOT_ACCEPTED),
    "a key of its own": (
        lambda p: p.token(key=OTHER_RSA_KEY, header={"jwk": public_row("rsa-1", OTHER_RSA_KEY)}), NOT_ACCEPTED,
    ),
    "a key set of its own": (
        lambda p: p.token(key=OTHER_RSA_KEY, header={"jku": "http://127.0.0.1:1/jwks", "x5u": "http://127.0.0.1:1/"}), NOT_ACCEPTED,
    ),
    "critical headers": (lambda p: p.token(header={"crit": ["exp"]}), NOT_ACCEPTED),
    "another kind of token": (lambda p: p.token(header={"typ": "logout+jwt"}), NOT_ACCEPTED),
    "the development key": (
        lambda _: development_key.token(development_key.Bearer("evil", SCOPES)), NOT_ACCEPTED,
    ),
    "no companies": (lambda p: p.token(crossdock_companies=None), "The token does not say which companies and customers it is for."),
    "no customers": (lambda p: p.token(crossdock_customers=[]), "The token does not say which companies and customers it is for."),
    "customers of another kind": (
        lambda p: p.token(crossdock_customers={"all": True}), "The token does not say which companies and customers it is for.",
    ),
    "garbage": (lambda _: "a.b.c", NOT_ACCEPTED),
    "no token": (lambda _: "x", NOT_ACCEPTED),
    "a very long one": (lambda _: "a" * 20_000, NOT_ACCEPTED),
    "a key that nobody has": (lambda _: new_key("edi"), NOT_ACCEPTED),
    "a key of nobody": (lambda _: new_key("ghost"), NOT_ACCEPTED),
    "half a key": (lambda _: OLD[:-1], NOT_ACCEPTED),
    "a key's hash": (lambda _: f"cdk_edi_{hashed(OLD)}", NOT_ACCEPTED),
    "a key that has expired": (lambda _: LAPSED, "The key has expired."),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
@pytest.mark.parametrize("name", ATTACKS)
async def test_a_bad_token_is_refused_and_nothing_is_asked(provider: Provider, production: Stack, name: str) -> None:
    make, message = ATTACKS[name]
    await production.calls()
    answer = await shown(production, make(provider))
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["message"], error["extensions"]["code"]) == (401, message, "UNAUTHENTICATED")
    assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"'
    assert "data" not in answer.json()
    assert await production.calls() == {}


async def test_nobody_is_refused_before_the_body_is_looked_at(production: Stack) -> None:
    answer = await production.client.post("/graphql", content=b"[" * 1000, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    for scheme in ("Basic YTpi", "Bearer", "Token x", "Bearer,x"):
        answer = await production.client.post("/graphql", json={"query": ITEM}, headers={"Authorization": scheme})
        assert answer.status_code == 401
    assert (await production.client.get("/explorer")).status_code == 404
    assert (await production.client.get("/health/ready")).status_code == 200


@pytest.mark.parametrize("key", [OLD, NEW])
async def test_two_keys_of_one_machine_hold_while_it_changes(production: Stack, key: str) -> None:
    answer = await shown(production, key)
    assert answer.json()["data"] == {
        "item": {"sku": "BOLT"},
        "viewer": {"subject": "key:edi", "scopes": ["item:read"], "companies": ["US"], "customers": []},
    }


async def test_a_refusal_is_written_down_without_the_token(
    provider: Provider, production: Stack, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "crossdock.audit")
    token = provider.token(aud="another")
    await shown(production, token)
    (line,) = [json.loads(each.message) for each in caplog.records if each.name == "crossdock.audit"]
    assert (line["deed"], line["what"], line["reason"]) == ("refused", "UNAUTHENTICATED", "InvalidAudienceError")
    assert not any(part in caplog.text for part in token.split("."))


# ---------------------------------------------------------------- the provider's keys


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


# ---------------------------------------------------------------- starting


def production_with(**more: Any) -> Any:
    sources = {role: {"url": "http://127.0.0.1:1"} for role in ("erp", "crm", "wms", "carrier")}
    return settings_from({"mode": "production", "sources": sources, **more}, origin="x")


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({}, "identity provider"),
        ({"http": {"hosts": ["api.example.com"]}}, "identity provider"),
        ({"identity": {"issuer": "https://a/", "audience": "b"}}, "http.hosts"),
        ({"identity": {"issuer": development_key.ISSUER, "audience": "crossdock"}}, "development key"),
    ],
)
def test_production_does_not_start_open(more: dict[str, Any], told: str) -> None:
    with pytest.raises(SettingsError, match=told):
        create_app(production_with(**more))


@pytest.mark.parametrize(
    ("identity", "told"),
    [
        ({"issuer": "https://a/"}, "audience"),
        ({"issuer": "http://a.example.com/", "audience": "b"}, "https"),
        ({"issuer": "https://a/", "audience": "b", "algorithms": ["HS256"]}, "HS256"),
        ({"issuer": "https://a/", "audience": "b", "algorithms": ["none"]}, "none"),
        ({"issuer": "https://a/", "audience": "b", "algorithms": []}, "at least"),
        ({"keys": [{**KEYS[0], "hashes": ["cdk_edi_plain"]}]}, "hashes"),
        ({"keys": [{**KEYS[0], "scopes": ["prices"]}]}, "no scope"),
        ({"keys": [{**KEYS[0], "customers": []}]}, "length"),
        ({"keys": [KEYS[0], KEYS[0]]}, "same `id`"),
    ],
)
def test_an_identity_that_would_be_unsafe_is_no_setting(identity: dict[str, Any], told: str) -> None:
    with pytest.raises(SettingsError, match=told):
        production_with(identity=identity)


def test_a_key_tells_its_end_and_not_its_hash() -> None:
    key = ApiKey(**{**KEYS[0], "expires": datetime(2027, 1, 1, tzinfo=UTC).date()})  # type: ignore[arg-type]  # as TOML gives it
    assert key.expires_at == datetime(2027, 1, 2, tzinfo=UTC).timestamp()
    assert repr(key) == "ApiKey(id='edi')"


async def test_a_gateway_in_production_starts_knows_its_callers_and_writes_down_whom_it_refused(tmp_path: Path) -> None:
    settings = f"""
[http]
hosts = ["127.0.0.1"]
[[identity.keys]]
id = "edi"
hashes = ["{hashed(OLD)}"]
scopes = ["item:read"]
companies = ["US"]
customers = ["*"]
"""
    async with gateway_process(tmp_path, settings, mode="production") as running:
        refused = await running.post(b'{"query": "{ viewer { subject } }"}')
        known = await running.post(b'{"query": "{ viewer { subject } }"}', Authorization=f"Bearer {OLD}")
        explorer = await running.client.get("/explorer")
    assert (refused.status_code, explorer.status_code) == (401, 404)
    assert known.json() == {"data": {"viewer": {"subject": "key:edi"}}}
    assert known.headers["ratelimit"].startswith('"requests";r=119;t=')
    assert "max-age=" in known.headers["strict-transport-security"]
    assert "server" not in known.headers
    (line,) = [each for each in (tmp_path / "log").read_text().splitlines() if "crossdock.audit" in each]
    assert json.loads(line.partition("crossdock.audit ")[2])["reason"] == "no token"


# ---------------------------------------------------------------- development


async def test_in_development_nobody_is_the_service_desk_and_a_token_is_who_it_says(stack: Stack) -> None:
    anonymous = (await stack.ask("{ viewer { subject scopes companies customers } }"))["data"]["viewer"]
    assert anonymous == {"subject": "development", "scopes": sorted(SCOPES), "companies": [], "customers": []}
    command = ["token", "--subject", "ann", "--scope", "item:read", "--company", "US", "--customer", "C1"]
    made = CliRunner().invoke(main, command).output.strip()
    answer = await stack.ask("{ viewer { subject scopes companies customers } }", Authorization=f"Bearer {made}")
    assert answer["data"]["viewer"] == {
        "subject": "ann", "scopes": ["item:read"], "companies": ["US"], "customers": ["C1"],
    }  # fmt: skip
    refused = await stack.ask("{ __typename }", Authorization=f"Bearer {made}x")
    assert refused["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


def test_the_commands_tell_what_is_no_scope_and_no_name() -> None:
    assert "no scope" in CliRunner().invoke(main, ["token", "--scope", "prices"]).output
    assert "a name is made of" in CliRunner().invoke(main, ["key", "No Name"]).output
    key, told = [line.split()[1] for line in CliRunner().invoke(main, ["key", "edi"]).output.splitlines()]
    assert (key.startswith("cdk_edi_"), hashed(key)) == (True, told)
