"""Every scheme by which a webhook is signed: what passes, and every near miss."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sources.delivery import Delivery
from sources.signatures import SCHEMES, Checking, Unverified, signed

FIXTURES = Path(__file__).parents[1] / "fixtures"
NOW = datetime(2026, 6, 30, 12, tzinfo=UTC)
BODY = b'{"a": 1}'
EASYPOST_BODY = (FIXTURES / "easypost-event-body.json").read_bytes().removesuffix(b"\n")
EASYPOST_SIGNATURE = "hmac-sha256-hex=38f3f53c103713df81616a0a186d77141957323ec21d5fe9363db93840f527db"


def delivery(body: bytes = BODY, headers: dict[str, str] | None = None, **more: Any) -> Delivery:
    lower = {name.lower(): value for name, value in (headers or {}).items()}
    return Delivery(source="x", body=body, received=NOW, headers=lower, **more)


def refusal(scheme: str, given: Delivery, *secrets: str) -> str | None:
    try:
        SCHEMES[scheme](given, Checking(secrets))
    except Unverified as refused:
        return refused.reason
    return None


def easypost(body: bytes = EASYPOST_BODY, signature: str = EASYPOST_SIGNATURE) -> Delivery:
    return delivery(body, {"X-Hmac-Signature": signature})


def test_easyposts_published_signature_passes() -> None:
    assert refusal("easypost", easypost(), "s\u00e9cret") is None
    assert refusal("easypost", easypost(), "se\u0301cret") is None


@pytest.mark.parametrize(
    "near",
    [
        easypost(EASYPOST_BODY + b"\n"),
        easypost(EASYPOST_BODY.replace(b'"evt_1"', b'"evt_2"')),
        easypost(signature=EASYPOST_SIGNATURE[:-1] + "c"),
        easypost(signature=EASYPOST_SIGNATURE[:-1]),
        easypost(signature=EASYPOST_SIGNATURE + "0"),
        easypost(signature=EASYPOST_SIGNATURE.replace("hmac-sha256-hex=", "")),
        easypost(signature="hmac-sha256-hex=é" + "0" * 63),
        easypost(signature="hmac-sha256-hex= " + "0" * 63),
        easypost(signature="hmac-sha1-hex=" + EASYPOST_SIGNATURE.partition("=")[2]),
    ],
)
def test_easyposts_near_misses_fail(near: Delivery) -> None:
    assert refusal("easypost", near, "sécret") == "wrong signature"


def test_easyposts_body_under_another_secret_fails_also_under_one_that_only_looks_like_it() -> None:
    assert refusal("easypost", easypost(), "secret") == "wrong signature"
    composed = hmac.digest("s\u00e9cret".encode(), EASYPOST_BODY, hashlib.sha256).hex()
    assert refusal("easypost", easypost(signature=f"hmac-sha256-hex={composed}"), "sécret") == "wrong signature"


def standard(body: bytes = BODY, secret: str = "s3cret", at: datetime = NOW, **changed: str) -> Delivery:
    return delivery(body, signed(body, secret, at) | {name.replace("_", "-"): value for name, value in changed.items()})


def test_the_contracts_own_scheme_passes_and_tells_deliveries_apart() -> None:
    check = SCHEMES["standard"]
    one, other = standard(), standard(at=NOW + timedelta(seconds=1))
    assert check(one, Checking(["s3cret"])) == check(one, Checking(["s3cret"]))
    assert check(one, Checking(["s3cret"])) != check(other, Checking(["s3cret"]))


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (delivery(), "no signature"),
        (standard(secret="foreign"), "wrong signature"),
        (delivery(b'{"a": 2}', signed(BODY, "s3cret", NOW)), "wrong signature"),
        (standard(at=NOW - timedelta(seconds=301)), "stale timestamp"),
        (standard(at=NOW + timedelta(seconds=301)), "stale timestamp"),
        (standard(X_Crossdock_Timestamp=str(int(NOW.timestamp()) + 1)), "wrong signature"),
        (standard(X_Crossdock_Timestamp=""), "no timestamp"),
        (standard(X_Crossdock_Timestamp="-1"), "no timestamp"),
        (standard(X_Crossdock_Timestamp="1e9"), "no timestamp"),
        (standard(X_Crossdock_Timestamp="9" * 5000), "no timestamp"),
        (standard(X_Crossdock_Timestamp="\u0661\u0667"), "no timestamp"),
        (standard(X_Crossdock_Signature="v2=00"), "wrong signature"),
        (standard(X_Crossdock_Signature="v1="), "wrong signature"),
        (standard(X_Crossdock_Signature="v1=" + "zz" * 32), "wrong signature"),
    ],
)
def test_the_contracts_own_schemes_near_misses_fail(given: Delivery, reason: str) -> None:
    assert refusal("standard", given, "s3cret") == reason


def test_a_timestamp_at_the_edge_of_its_window_passes() -> None:
    for away in (-300, 300):
        assert refusal("standard", standard(at=NOW + timedelta(seconds=away)), "s3cret") is None


@pytest.mark.parametrize(
    ("scheme", "header"),
    [
        ("shopify", "X-Shopify-Hmac-Sha256"),
        ("shiphero", "x-shiphero-hmac-sha256"),
        ("aftership", "aftership-hmac-sha256"),
        ("fedex", "fdx-signature"),
    ],
)
def test_base64_over_the_body_passes_and_its_near_misses_fail(scheme: str, header: str) -> None:
    right = base64.b64encode(hmac.digest(b"k", BODY, hashlib.sha256)).decode()
    assert refusal(scheme, delivery(headers={header: right}), "k") is None
    assert refusal(scheme, delivery(headers={header: right}), "other") == "wrong signature"
    assert refusal(scheme, delivery(BODY + b" ", {header: right}), "k") == "wrong signature"
    assert refusal(scheme, delivery(headers={header: right[:-2]}), "k") == "wrong signature"
    assert refusal(scheme, delivery(headers={header: "é"}), "k") == "wrong signature"
    assert refusal(scheme, delivery(), "k") == "no signature"


def hubspot(*, url: str = "https://gw.example.com/webhooks/crm?a=b%3A1", method: str = "POST", at: int = 0) -> Delivery:
    timestamp = str(int(NOW.timestamp() * 1000) + at)
    said = b"POSThttps://gw.example.com/webhooks/crm?a=b:1" + BODY + timestamp.encode()
    signature = base64.b64encode(hmac.digest(b"app", said, hashlib.sha256)).decode()
    headers = {"X-HubSpot-Signature-v3": signature, "X-HubSpot-Request-Timestamp": timestamp}
    return delivery(headers=headers, url=url, method=method)


def test_hubspots_signature_covers_method_url_body_and_moment() -> None:
    assert refusal("hubspot", hubspot(), "app") is None
    assert refusal("hubspot", hubspot(url="https://gw.example.com/webhooks/crm?a=b%3A2"), "app") == "wrong signature"
    assert refusal("hubspot", hubspot(url="http://gw.example.com/webhooks/crm?a=b%3A1"), "app") == "wrong signature"
    assert refusal("hubspot", hubspot(method="PUT"), "app") == "wrong signature"
    assert refusal("hubspot", hubspot(at=-300_001), "app") == "stale timestamp"
    assert refusal("hubspot", hubspot(), "other") == "wrong signature"


def test_a_shared_secret_in_a_header_passes_as_it_is_or_as_a_bearer_token() -> None:
    check = SCHEMES["secret"]
    assert check(delivery(headers={"Authorization": "Bearer k"}), Checking(["k"])) is None
    assert check(delivery(headers={"X-Key": "k"}), Checking(["k"], header="X-Key")) is None
    for wrong in ("Bearer kk", "Bearer ", "Basic k", "Bearer é"):
        assert refusal("secret", delivery(headers={"Authorization": wrong}), "k") == "wrong signature"
    assert refusal("secret", delivery(), "k") == "no signature"


def test_business_centrals_notifications_must_all_repeat_the_secret() -> None:
    def check(body: bytes) -> str | None:
        return refusal("client_state", delivery(body), "k")

    assert check(b'{"value": [{"clientState": "k"}, {"clientState": "k"}]}') is None
    assert check(b'{"value": [{"clientState": "k"}, {"clientState": "x"}]}') == "wrong signature"
    assert check(b'{"value": [{}]}') == "wrong signature"
    assert check(b'{"value": []}') == "wrong signature"
    assert check(b"not json") == "no signature"


@pytest.mark.parametrize("scheme", list(SCHEMES))
def test_no_scheme_takes_an_empty_secret_or_none_at_all(scheme: str) -> None:
    digest = hmac.digest(b"", BODY, hashlib.sha256)
    stamp = str(int(NOW.timestamp()))
    headers = {
        "X-Crossdock-Timestamp": stamp,
        "X-Crossdock-Signature": "v1=" + hmac.digest(b"", stamp.encode() + b"." + BODY, hashlib.sha256).hex(),
        "X-Hmac-Signature": "hmac-sha256-hex=" + digest.hex(),
        "X-Shopify-Hmac-Sha256": base64.b64encode(digest).decode(),
        "x-shiphero-hmac-sha256": base64.b64encode(digest).decode(),
        "aftership-hmac-sha256": base64.b64encode(digest).decode(),
        "fdx-signature": base64.b64encode(digest).decode(),
        "Authorization": "Bearer ",
    }
    for secrets in ([], [""]):
        assert refusal(scheme, delivery(headers=headers), *secrets) is not None


@pytest.mark.parametrize("secret", ["old", "new"])
def test_two_secrets_hold_at_once_while_one_is_replaced(secret: str) -> None:
    assert refusal("standard", standard(secret=secret), "new", "old") is None
    assert refusal("standard", standard(secret="older"), "new", "old") == "wrong signature"
