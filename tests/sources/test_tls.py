"""TLS: an authority of one's own, and a certificate that the gateway shows; both lanes, over real sockets."""

import asyncio
import ssl
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

import pytest
from upstream import DECODER, MAKE, ONCE, THING, call

from gateway.settings import SettingsError, settings_from
from gateway.wiring import opened_sources
from sources.endpoint import Endpoint, TlsSettings
from sources.errors import SourceUnavailable
from sources.http import SourceClient

ANSWER = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n{"size": 1}'


class Papers(NamedTuple):
    """A certificate of 127.0.0.1, signed by itself, and its key."""

    certificate: str
    key: str


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Papers:
    folder = tmp_path_factory.mktemp("tls")
    certificate, key = str(folder / "certificate.pem"), str(folder / "key.pem")
    made = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "2",
    ]
    named = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate]
    subprocess.run([*made, *named], check=True, capture_output=True)  # noqa: S603 - openssl, found by its name
    return Papers(certificate, key)


@asynccontextmanager
async def secured(papers: Papers, *, wants_certificate: bool = False) -> AsyncIterator[str]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(papers.certificate, papers.key)
    if wants_certificate:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(papers.certificate)

    async def answered(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(ANSWER)
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass  # a client that was shown the door
        finally:
            writer.close()

    server = await asyncio.start_server(answered, "127.0.0.1", 0, ssl=context)
    async with server:
        yield f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"


def endpoint(url: str, **files: str) -> Endpoint:
    return Endpoint(name="erp", url=url, tls=TlsSettings(**files), retry=ONCE)


async def test_an_authority_of_ones_own_is_trusted_by_both_lanes(papers: Papers) -> None:
    async with secured(papers) as url, SourceClient(endpoint(url, ca_file=papers.certificate)) as client:
        assert (await client.read(call(), THING, decoder=DECODER)).content.size == 1
        assert (await client.write(call(), MAKE, decoder=DECODER, body=b"{}")).content.size == 1


async def test_an_unknown_authority_is_not_trusted_and_a_write_was_not_sent(papers: Papers) -> None:
    async with secured(papers) as url, SourceClient(endpoint(url)) as client:
        with pytest.raises(SourceUnavailable):
            await client.read(call(), THING, decoder=DECODER)
        with pytest.raises(SourceUnavailable):
            await client.write(call(), MAKE, decoder=DECODER, body=b"{}")


async def test_the_gateway_shows_its_certificate_where_one_is_wanted(papers: Papers) -> None:
    certificate, key = papers
    ours = {"ca_file": certificate, "certificate_file": certificate, "key_file": key}
    async with secured(papers, wants_certificate=True) as url:
        async with SourceClient(endpoint(url, **ours)) as client:
            assert (await client.read(call(), THING, decoder=DECODER)).content.size == 1
        async with SourceClient(endpoint(url, ca_file=certificate)) as client:
            with pytest.raises(SourceUnavailable):
                await client.read(call(), THING, decoder=DECODER)


async def test_a_tls_file_that_is_not_there_stops_the_start_and_says_where(tmp_path: Path) -> None:
    roles = {role: {"url": "https://127.0.0.1:1"} for role in ("erp", "crm", "carrier")}
    wms = {"url": "https://127.0.0.1:1", "tls": {"ca_file": str(tmp_path / "none.pem")}}
    settings = settings_from({"sources": {**roles, "wms": wms}, "cache": {"enabled": False}}, origin="x")
    with pytest.raises(SettingsError, match=r"No such file.*\$\.sources\.wms\.tls"):
        async with opened_sources(settings):
            pass


def test_a_key_without_its_certificate_is_refused() -> None:
    with pytest.raises(ValueError, match="certificate_file"):
        TlsSettings(key_file="key.pem")
