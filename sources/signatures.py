"""Whether a delivery comes from who shares a secret with us: the raw body is looked at before it is parsed, in constant time.

Secrets are several while one is being replaced. A scheme whose signature covers a moment refuses what is not of these minutes, and
what it has had before; the others sign the body alone, so that a replay cannot be told from a sender's second attempt: its events are
the same, and the bus drops them.
"""

import base64
import binascii
import hashlib
import hmac
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec

from sources.delivery import Delivery

TOLERANCE_SECONDS = 300.0
_MOMENT = re.compile(r"\d{1,13}(\.\d{1,6})?", re.ASCII)


class Unverified(Exception):
    """Who sent it is not known. `reason` is one of few words, fit to be counted."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Checking(NamedTuple):
    """By which secrets a delivery is checked, how far its moment may be away, and which header carries a bare secret."""

    secrets: Sequence[str]
    tolerance_seconds: float = TOLERANCE_SECONDS
    header: str = ""


Scheme = Callable[[Delivery, Checking], str | None]
"""Raises Unverified. Answers what tells this very delivery from all others, where the signature covers a moment."""


def _given(delivery: Delivery, header: str) -> str:
    value = delivery.headers.get(header, "").strip()
    if not value:
        raise Unverified("no signature")
    return value


def _digest(secret: str, message: bytes) -> bytes:
    return hmac.digest(secret.encode(), message, hashlib.sha256)


def _check(given: bytes | None, message: bytes, secrets: Sequence[str]) -> None:
    """Every secret is tried, whichever fits."""
    if given is None:
        raise Unverified("wrong signature")
    fits = [hmac.compare_digest(given, _digest(secret, message)) for secret in secrets if secret]
    if not any(fits):
        raise Unverified("wrong signature")


def _from_hex(text: str) -> bytes | None:
    if len(text) != hashlib.sha256().digest_size * 2:
        return None
    try:
        return bytes.fromhex(text)
    except ValueError:
        return None


def _from_base64(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def _timely(text: str, delivery: Delivery, checking: Checking, *, per_second: int = 1) -> None:
    if not _MOMENT.fullmatch(text):
        raise Unverified("no timestamp")
    away = abs(delivery.received.timestamp() - float(text) / per_second)
    if away > checking.tolerance_seconds:
        raise Unverified("stale timestamp")


def standard(delivery: Delivery, checking: Checking) -> str | None:
    """X-Crossdock-Signature: v1=<hex of HMAC-SHA256 over timestamp.body>, with X-Crossdock-Timestamp in seconds."""
    signature = _given(delivery, "x-crossdock-signature")
    timestamp = delivery.headers.get("x-crossdock-timestamp", "")
    version, _, digest = signature.partition("=")
    if version != "v1":
        raise Unverified("wrong signature")
    _timely(timestamp, delivery, checking)
    _check(_from_hex(digest), timestamp.encode() + b"." + delivery.body, checking.secrets)
    return digest.lower()


def easypost(delivery: Delivery, checking: Checking) -> str | None:
    """X-Hmac-Signature: hmac-sha256-hex=<hex over the body>; the secret is normalised (NFKD) first."""
    name, _, digest = _given(delivery, "x-hmac-signature").partition("=")
    if name != "hmac-sha256-hex":
        raise Unverified("wrong signature")
    _check(_from_hex(digest), delivery.body, [unicodedata.normalize("NFKD", each) for each in checking.secrets])
    return None


_DECODED = {"%3A": ":", "%2F": "/", "%3F": "?", "%40": "@", "%21": "!", "%24": "$", "%27": "'", "%28": "(", "%29": ")",
            "%2A": "*", "%2C": ",", "%3B": ";"}  # fmt: skip


def hubspot(delivery: Delivery, checking: Checking) -> str | None:
    """X-HubSpot-Signature-v3: base64 over method, URL, body and X-HubSpot-Request-Timestamp in milliseconds."""
    signature = _given(delivery, "x-hubspot-signature-v3")
    timestamp = delivery.headers.get("x-hubspot-request-timestamp", "")
    _timely(timestamp, delivery, checking, per_second=1000)
    url = delivery.url
    for encoded, character in _DECODED.items():
        url = url.replace(encoded, character).replace(encoded.lower(), character)
    message = f"{delivery.method}{url}".encode() + delivery.body + timestamp.encode()
    _check(_from_base64(signature), message, checking.secrets)
    return signature


def _of_body(header: str) -> Scheme:
    def scheme(delivery: Delivery, checking: Checking) -> str | None:
        _check(_from_base64(_given(delivery, header)), delivery.body, checking.secrets)
        return None

    return scheme


def _same(given: str, secrets: Sequence[str]) -> bool:
    return any([hmac.compare_digest(given.encode(), secret.encode()) for secret in secrets if secret])  # noqa: C419 - every secret is tried, whichever fits


def shared_secret(delivery: Delivery, checking: Checking) -> str | None:
    """The secret itself in a header, for those who cannot sign: over TLS only."""
    header = (checking.header or "authorization").lower()
    given = _given(delivery, header)
    if header == "authorization":
        given = given.removeprefix("Bearer ").strip()
    if not _same(given, checking.secrets):
        raise Unverified("wrong signature")
    return None


class _Notification(msgspec.Struct, rename="camel"):
    client_state: str = ""


class _Notifications(msgspec.Struct):
    value: tuple[_Notification, ...]


_NOTIFICATIONS = msgspec.json.Decoder(_Notifications)


def client_state(delivery: Delivery, checking: Checking) -> str | None:
    """Business Central signs nothing: each notification repeats the secret that its subscription was made with."""
    try:
        given = [each.client_state for each in _NOTIFICATIONS.decode(delivery.body).value]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Unverified("no signature") from None
    if not given or not all([_same(each, checking.secrets) for each in given]):  # noqa: C419 - all are looked at, in constant time
        raise Unverified("wrong signature")
    return None


SCHEMES: Mapping[str, Scheme] = {
    "standard": standard,
    "easypost": easypost,
    "hubspot": hubspot,
    "shiphero": _of_body("x-shiphero-hmac-sha256"),
    "shopify": _of_body("x-shopify-hmac-sha256"),
    "aftership": _of_body("aftership-hmac-sha256"),
    "fedex": _of_body("fdx-signature"),
    "secret": shared_secret,
    "client_state": client_state,
}


def signed(body: bytes, secret: str, at: datetime) -> dict[str, str]:
    """The headers of the standard contract's own scheme, as a sender makes them."""
    timestamp = f"{at.timestamp():.3f}"
    digest = _digest(secret, timestamp.encode() + b"." + body).hex()
    return {"X-Crossdock-Timestamp": timestamp, "X-Crossdock-Signature": f"v1={digest}"}
