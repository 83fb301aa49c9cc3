"""How far the way to a source goes: its name, its port, its encryption, told apart. Nothing is sent but TLS's own hello."""

import asyncio
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from gateway.findings import Finding
from sources.endpoint import Endpoint

SECONDS = 5.0
"""What each step may take."""

_PORTS = {"http": 80, "https": 443}
_SOON_DAYS = 14


class Place(NamedTuple):
    """Where a source is, without what its address may hold beside that."""

    host: str
    port: int
    is_encrypted: bool

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


def place_of(url: str) -> Place:
    """Raises ValueError for an address with a port that is none."""
    parts = urlsplit(url)
    return Place(parts.hostname or "", parts.port or _PORTS[parts.scheme], parts.scheme == "https")


async def contact(endpoint: Endpoint, place: Place, seconds: float = SECONDS) -> list[Finding]:
    """Name, connection, encryption: those that were reached, the last of which may have failed."""
    findings: list[Finding] = []
    for step in (_name, _connection, _encryption):
        findings.append(await step(place, endpoint, seconds))
        if findings[-1].status == "failed":
            break
    return findings


async def _name(place: Place, _endpoint: Endpoint, seconds: float) -> Finding:
    try:
        async with asyncio.timeout(seconds):
            found = await asyncio.get_running_loop().getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)
    except TimeoutError:
        return Finding("name", "failed", f"no answer in {seconds:g} s when asked for the address of {place.host}")
    except (OSError, UnicodeError):
        return Finding(
            "name", "failed", f"nobody knows the name {place.host}: look at the url, and at this machine's DNS"
        )
    addresses = sorted({str(each[4][0]) for each in found})
    return Finding("name", "ok", f"{place.host} is {', '.join(addresses)}")


async def _connection(place: Place, _endpoint: Endpoint, seconds: float) -> Finding:
    begun = time.perf_counter()
    try:
        async with asyncio.timeout(seconds):
            _, writer = await asyncio.open_connection(place.host, place.port)
    except TimeoutError:
        return Finding(
            "connection", "failed", f"port {place.port} does not answer: a firewall may swallow what is sent"
        )
    except ConnectionRefusedError:
        return Finding("connection", "failed", f"nobody listens on port {place.port}")
    except OSError as error:
        return Finding(
            "connection", "failed", f"port {place.port} cannot be reached: {error.strerror or type(error).__name__}"
        )
    await _closed(writer)
    milliseconds = (time.perf_counter() - begun) * 1000
    return Finding("connection", "ok", f"port {place.port} answers", milliseconds)


async def _encryption(place: Place, endpoint: Endpoint, seconds: float) -> Finding:
    if not place.is_encrypted:
        return Finding("encryption", "warning", "none: what is asked and answered can be read on the way")
    try:
        context = endpoint.tls.context()
    except OSError as error:
        return Finding("encryption", "failed", f"a file of the settings' `tls` cannot be used: {error.strerror}")
    return await _handshake(place, context, seconds)


async def _handshake(place: Place, context: ssl.SSLContext, seconds: float) -> Finding:
    try:
        async with asyncio.timeout(seconds):
            _, writer = await asyncio.open_connection(place.host, place.port, ssl=context, server_hostname=place.host)
    except ssl.SSLCertVerificationError as error:
        return Finding("encryption", "failed", f"its certificate is not trusted: {error.verify_message}")
    except ssl.SSLError as error:
        return Finding(
            "encryption", "failed", f"TLS fails: {(error.reason or 'no reason given').replace('_', ' ').lower()}"
        )
    except TimeoutError:
        return Finding("encryption", "failed", f"no TLS in {seconds:g} s")
    except OSError as error:
        return Finding("encryption", "failed", f"it hangs up before TLS: {error.strerror or type(error).__name__}")
    finding = _certificate(writer.get_extra_info("ssl_object"))
    await _closed(writer)
    return finding


def _certificate(connection: ssl.SSLObject) -> Finding:
    told = connection.version() or "TLS"
    ends = next(_ends(connection.getpeercert() or {}), None)
    if ends is None:
        return Finding("encryption", "ok", told)
    days = (ends - datetime.now(UTC)).days
    return Finding("encryption", "ok" if days >= _SOON_DAYS else "warning", f"{told}, certificate until {ends.date()}")


def _ends(certificate: Any) -> Iterator[datetime]:
    if "notAfter" in certificate:
        yield datetime.fromtimestamp(ssl.cert_time_to_seconds(certificate["notAfter"]), UTC)


async def _closed(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(OSError, TimeoutError):
        async with asyncio.timeout(1):
            await writer.wait_closed()
