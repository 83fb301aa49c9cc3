"""Tokens and keys, good and bad, at a gateway in production."""

import hashlib
import hmac
import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from click.testing import CliRunner
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
from gateway.auth import hashed, new_key
from gateway.cli import main
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


@pytest.mark.parametrize("key", [OLD, NEW], ids=["old", "new"])
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
    (line,) = [vars(each)["audit"] for each in caplog.records if each.name == "crossdock.audit"]
    assert (line["deed"], line["what"], line["reason"]) == ("refused", "UNAUTHENTICATED", "InvalidAudienceError")
    assert not any(part in caplog.text for part in token.split("."))


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
