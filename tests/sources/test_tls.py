"""TLS to a source: its authority is the one that was named, and the gateway shows a certificate of its own."""

import asyncio
import ssl
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from upstream import DECODER, MAKE, OK, ONCE, THING, call

from sources.endpoint import Endpoint, TlsSettings
from sources.errors import SourceUnavailable
from sources.http import SourceClient

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(OK), OK)


def certificate(folder: Path, name: str) -> tuple[str, str]:
    """A certificate that vouches for itself, and its key."""
    key, pem = folder / f"{name}.key", folder / f"{name}.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", f"/CN={name}"]
    command += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(pem)]
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - our own command
    return str(pem), str(key)


@pytest.fixture(scope="module")
def server_pem(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    return certificate(tmp_path_factory.mktemp("server"), "server")


@pytest.fixture(scope="module")
def client_pem(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    return certificate(tmp_path_factory.mktemp("client"), "client")


@asynccontextmanager
async def system(server: tuple[str, str], trusted_client: str) -> AsyncIterator[str]:
    """Answers over TLS those who show the client's certificate."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=trusted_client)
    context.load_cert_chain(*server)
    context.verify_mode = ssl.CERT_REQUIRED

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                writer.write(ANSWER)
        except (asyncio.IncompleteReadError, OSError):
            writer.close()

    listening = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)
    try:
        yield f"https://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    finally:
        listening.close()


async def test_both_lanes_trust_the_named_authority_and_show_the_certificate(
    server_pem: tuple[str, str], client_pem: tuple[str, str]
) -> None:
    tls = TlsSettings(ca_file=server_pem[0], certificate_file=client_pem[0], key_file=client_pem[1])
    async with system(server_pem, client_pem[0]) as url, SourceClient(Endpoint(name="erp", url=url, tls=tls)) as client:
        assert (await client.read(call(), THING, decoder=DECODER)).content.size == 1
        assert (await client.write(call(), MAKE, decoder=DECODER, body=b"")).content.size == 1


async def test_an_authority_that_was_not_named_is_not_trusted(
    server_pem: tuple[str, str], client_pem: tuple[str, str]
) -> None:
    tls = TlsSettings(certificate_file=client_pem[0], key_file=client_pem[1])
    async with (
        system(server_pem, client_pem[0]) as url,
        SourceClient(Endpoint(name="erp", url=url, tls=tls, retry=ONCE)) as client,
    ):
        with pytest.raises(SourceUnavailable):
            await client.read(call(), THING, decoder=DECODER)
        with pytest.raises(SourceUnavailable):
            await client.write(call(), MAKE, decoder=DECODER, body=b"")


def test_files_that_are_no_certificates_stop_the_start(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.pem"
    wrong.write_text("nothing")
    with pytest.raises(OSError, match=r"."):
        TlsSettings(ca_file=str(wrong)).context()
    with pytest.raises(ValueError, match="certificate_file"):
        TlsSettings(key_file="key.pem")
