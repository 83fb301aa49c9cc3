"""`crossdock check SOURCE`: each thing that can be wrong on the way is told apart, nothing is written, and no secret shows."""

import asyncio
import json
import socket
import ssl
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner, Result
from stack import Stack

from gateway.checking import checked
from gateway.cli import main
from gateway.contact import contact, place_of
from gateway.findings import Checked, Finding
from gateway.settings import SettingsError, settings_from
from sources.absence import AbsentCrm
from sources.endpoint import Endpoint, TlsSettings
from sources.http import SourceClient
from sources.manifest import Manifest, Proof

SECRET = "s3cr3t-0f-a-kind"
ROLES = ("erp", "crm", "wms", "carrier")


def settings(folder: Path, url: str, **more: str) -> Path:
    """Four sources at one address: only one of them is checked."""
    lines = [f'url = "{url}"', *[f"{name} = {value}" for name, value in more.items()]]
    path = folder / "crossdock.toml"
    path.write_text(
        'mode = "development"\n' + "".join(f"[sources.{each}]\n" + "\n".join(lines) + "\n" for each in ROLES)
    )
    return path


async def check(source: str, path: Path, *more: str) -> Result:
    return await asyncio.to_thread(CliRunner().invoke, main, ["check", source, "--config", str(path), *more])


async def findings(source: str, path: Path, *more: str) -> dict[str, tuple[str, str]]:
    outcome = await check(source, path, "--json", *more)
    told = json.loads(outcome.output)
    assert outcome.exit_code == (0 if told["good"] else 1)
    return {each["check"]: (each["status"], each["told"]) for each in told["findings"]}


async def test_a_good_source_is_asked_once_for_all_it_offers_and_written_to_not_at_all(
    stack: Stack, tmp_path: Path
) -> None:
    path = settings(tmp_path, stack.addresses["erp"], token='"sandbox"')
    outcome = await check("erp", path)
    assert outcome.exit_code == 0, outcome.output
    lines = outcome.output.splitlines()
    assert lines[0].startswith("erp: Crossdock source contract at 127.0.0.1:")
    assert lines[-1] == "20 ok, 1 warning, 5 untried"
    assert [line.split()[:2] for line in lines[1:8]] == [
        ["name", "ok"], ["connection", "ok"], ["encryption", "warning"], ["http", "ok"],
        ["sign-in", "ok"], ["clock", "ok"], ["limits", "untried"],
    ]  # fmt: skip
    assert [line.split()[:2] for line in lines[-5:-1]] == [
        [name, "untried"] for name in ("cancel_order", "create_order", "hold_order", "unhold_order")
    ]
    asked = await stack.calls()
    assert len(asked) == 15
    assert {name for name in asked if name.startswith("POST")} == {"POST /prices", "POST /orders/simulate"}
    assert set(asked.values()) == {1}


async def test_keys_are_given_where_nothing_can_be_searched(
    stack: Stack, samples: dict[str, Any], tmp_path: Path
) -> None:
    path = settings(tmp_path, stack.addresses["wms"], token='"sandbox"')
    without = await findings("wms", path)
    assert without["stock"] == (
        "untried",
        "it is asked with a key that no search found: --key company=… --key item=…",
    )
    assert without["probe"] == ("ok", "asked for XD-PROBE, which nobody has, it answers")
    assert without["sign-in"] == ("ok", "the credentials are taken")
    given = await findings("wms", path, "--key", "company=US", "--key", f"item={samples['skus'][0]}")
    assert given["stock"] == ("ok", "1 row")
    assert given["warehouses"] == ("ok", "1 row")
    assert "probe" not in given


async def test_a_key_that_is_not_there_is_told(stack: Stack, tmp_path: Path) -> None:
    path = settings(tmp_path, stack.addresses["crm"], token='"sandbox"')
    found = await findings("crm", path, "--key", "customer=NOBODY")
    assert found["relationships"] == ("warning", "it answers, and has nothing for customer NOBODY")


async def test_credentials_that_are_refused_are_told_and_not_shown(stack: Stack, tmp_path: Path) -> None:
    path = settings(tmp_path, stack.addresses["erp"], token=f'"{SECRET}"')
    outcome = await check("erp", path)
    assert outcome.exit_code == 1
    assert "sign-in               failed   The erp system does not accept the gateway's credentials. (HTTP 401)" in (
        outcome.output
    )
    assert SECRET not in outcome.output
    assert SECRET not in (await check("erp", path, "--json")).output


async def test_a_carrier_is_not_asked_for_a_number_that_nobody_gave(stack: Stack, tmp_path: Path) -> None:
    found = await findings("carrier", settings(tmp_path, stack.addresses["carrier"], token='"sandbox"'))
    assert found["tracking"][0] == "untried"
    assert found["http"] == ("untried", "nothing could be asked")
    assert await stack.calls() == {}


async def test_one_capability_that_fails_is_told_as_that(stack: Stack, tmp_path: Path) -> None:
    await stack.fault("erp", operation="GET /customers/credit", status=403)
    await stack.fault("erp", operation="POST /prices", garbage=True)
    found = await findings("erp", settings(tmp_path, stack.addresses["erp"], token='"sandbox"'))
    assert {name: told for name, told in found.items() if told[0] == "failed"} == {
        "credit_by_customer": ("failed", "The erp system does not accept the gateway's credentials. (HTTP 403)"),
        "prices": (
            "failed",
            "The erp system gave an answer that the gateway does not understand. (at $, the answer does not decode)",
        ),
    }
    assert found["sign-in"] == (
        "warning",
        "the credentials are taken, and lack the right to some of what is offered",
    )


# ---------------------------------------------------------------- the way there


async def test_a_name_that_nobody_knows(tmp_path: Path) -> None:
    """One that no DNS can hold, so that none has to be asked."""
    name = f"{'a' * 64}.example"
    found = await findings("crm", settings(tmp_path, f"http://{name}"))
    assert found == {"name": ("failed", f"nobody knows the name {name}: look at the url, and at this machine's DNS")}


async def test_a_port_on_which_nobody_listens(tmp_path: Path) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port = bound.getsockname()[1]
        found = await findings("crm", settings(tmp_path, f"http://127.0.0.1:{port}"))
    assert found["connection"] == ("failed", f"nobody listens on port {port}")
    assert list(found) == ["name", "connection"]


async def test_a_port_that_is_none(tmp_path: Path) -> None:
    outcome = await check("crm", settings(tmp_path, "http://127.0.0.1:99999"))
    assert (outcome.exit_code, outcome.output) == (1, "Error: the url's port is none - at `$.sources.crm.url`\n")


@asynccontextmanager
async def answering(raw: bytes | Callable[[], bytes], tls: Any = None) -> AsyncIterator[int]:
    """A server that says the same whatever it is asked; its port."""

    async def answered(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if await reader.read(65_536):
            writer.write(raw if isinstance(raw, bytes) else raw())
        writer.close()

    server = await asyncio.start_server(answered, "127.0.0.1", 0, ssl=tls)
    async with server:
        yield server.sockets[0].getsockname()[1]


EMPTY = b'{"relationships":[],"errors":[]}'


def reply(**headers: str) -> bytes:
    named = {"Content-Type": "application/json", "Content-Length": str(len(EMPTY)), "Connection": "close"} | headers
    return b"HTTP/1.1 200 OK\r\n" + "".join(f"{k}: {v}\r\n" for k, v in named.items()).encode() + b"\r\n" + EMPTY


async def test_a_port_that_speaks_something_else(tmp_path: Path) -> None:
    async with answering(b"220 mail.example.com ESMTP\r\n") as port:
        found = await findings("crm", settings(tmp_path, f"http://127.0.0.1:{port}"))
    assert found["connection"][0] == "ok"
    assert found["http"][0] == "failed"
    assert found["http"][1].startswith("the port is open, but no answer came: ")
    assert "mail.example.com" not in str(found)


async def test_encryption_that_is_none_and_a_certificate_that_nobody_trusts(tmp_path: Path) -> None:
    async with answering(reply()) as port:
        plain = await findings("crm", settings(tmp_path, f"https://127.0.0.1:{port}"))
    assert plain["encryption"][0] == "failed"
    assert list(plain) == ["name", "connection", "encryption"]
    certificate, key = str(tmp_path / "c.pem"), str(tmp_path / "k.pem")
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
    subprocess.run([*made, *named], check=True, capture_output=True)  # noqa: S603, ASYNC221 - openssl, once
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    async with answering(reply(), context) as port:
        distrusted = await findings("crm", settings(tmp_path, f"https://127.0.0.1:{port}"))
        trusted = await findings(
            "crm", settings(tmp_path, f"https://127.0.0.1:{port}", tls=f'{{ca_file = "{certificate}"}}')
        )
    assert distrusted["encryption"] == ("failed", "its certificate is not trusted: self-signed certificate")
    ends = (datetime.now(UTC) + timedelta(days=2)).date()
    assert trusted["encryption"] == ("warning", f"TLSv1.3, certificate until {ends}")
    assert trusted["sign-in"] == ("ok", "the credentials are taken")


@pytest.mark.parametrize(
    ("seconds", "status", "told"),
    [
        (0, "ok", "its clock and this machine's agree"),
        (120, "warning", "its clock is 120 s ahead of this machine's"),
        (-3600, "failed", "its clock is 3600 s behind this machine's"),
    ],
)
async def test_a_clock_that_is_wrong(tmp_path: Path, seconds: int, status: str, told: str) -> None:
    there = timedelta(seconds=seconds)
    async with answering(lambda: reply(Date=format_datetime(datetime.now(UTC) + there))) as port:
        found = await findings("crm", settings(tmp_path, f"http://127.0.0.1:{port}"))
    assert found["clock"][0] == status
    assert _within_a_second(found["clock"][1], told)


def _within_a_second(said: str, wanted: str) -> bool:
    """A date has whole seconds, and the machine is busy."""
    numbers = [[int(word) for word in text.split() if word.isdigit()] for text in (said, wanted)]
    words = [[word for word in text.split() if not word.isdigit()] for text in (said, wanted)]
    return words[0] == words[1] and all(abs(a - b) <= 3 for a, b in zip(*numbers, strict=True))


async def test_what_is_left_of_the_vendors_limits_is_told(tmp_path: Path) -> None:
    headers = {"X-HubSpot-RateLimit-Remaining": "98", "Sforce-Limit-Info": "api-usage=25/5000", "X-Other": "1"}
    async with answering(reply(**headers)) as port:
        found = await findings("crm", settings(tmp_path, f"http://127.0.0.1:{port}"))
    assert found["limits"] == ("ok", "Sforce-Limit-Info: api-usage=25/5000, X-HubSpot-RateLimit-Remaining: 98")


async def test_a_token_that_is_not_granted_ends_it(tmp_path: Path) -> None:
    async with answering(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n") as port:
        auth = f'{{token_url = "http://127.0.0.1:{port}/token", client_id = "us", client_secret = "{SECRET}"}}'
        path = settings(tmp_path, f"http://127.0.0.1:{port}", auth=auth)
        found = await findings("crm", path)
        shown = (await check("crm", path)).output
    assert found["sign-in"] == (
        "failed",
        "The crm system does not accept the gateway's credentials. (no token: HTTP 400)",
    )
    assert list(found)[-1] == "sign-in"
    assert SECRET not in shown


@pytest.mark.parametrize(
    ("source", "more", "told"),
    [
        ("shop", (), '"shop" is no source; known: erp, crm, wms, carrier'),
        ("crm", ("--key", "sku=1"), '"sku" is no key; known: company, item, customer, '),
        ("crm", ("--key", "customer"), "a key is written with its value, as customer=C1"),
    ],
)
async def test_a_question_that_is_none_is_told(tmp_path: Path, source: str, more: tuple[str, ...], told: str) -> None:
    outcome = await check(source, settings(tmp_path, "http://127.0.0.1:1"), *more)
    assert outcome.exit_code == 1
    assert outcome.output.startswith(f"Error: {told}")


# ---------------------------------------------------------------- steps that take their time


@asynccontextmanager
async def silent() -> AsyncIterator[int]:
    """A server that lets one in and says nothing; its port."""
    over = asyncio.Event()

    async def let_in(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await over.wait()
        writer.close()

    server = await asyncio.start_server(let_in, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]
        over.set()


async def found_by_contact(url: str, **tls: str) -> Finding:
    """The last that was reached, with a tenth of a second for each."""
    endpoint = Endpoint(name="crm", url=url, tls=TlsSettings(**tls))
    return (await contact(endpoint, place_of(url), 0.1))[-1]


async def test_who_lets_one_in_and_says_nothing_has_no_encryption() -> None:
    async with silent() as port:
        found = await found_by_contact(f"https://127.0.0.1:{port}")
    assert found == Finding("encryption", "failed", "no TLS in 0.1 s")


async def test_a_port_where_what_is_sent_is_swallowed() -> None:
    """A full queue of a server that lets nobody in: further hellos are dropped, as a firewall does."""
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        waiting = [socket.socket() for _ in range(3)]
        for each in waiting:
            each.settimeout(0)
            each.connect_ex(("127.0.0.1", port))
        found = await found_by_contact(f"http://127.0.0.1:{port}")
        for each in waiting:
            each.close()
    assert found == Finding("connection", "failed", f"port {port} does not answer: a firewall may swallow what is sent")


async def test_a_file_of_the_settings_that_is_not_there(tmp_path: Path) -> None:
    async with silent() as port:
        found = await found_by_contact(f"https://127.0.0.1:{port}", ca_file=str(tmp_path / "none.pem"))
    assert found.told == "a file of the settings' `tls` cannot be used: No such file or directory"


# ---------------------------------------------------------------- what the settings say


class Strict(AbsentCrm):
    class Options(msgspec.Struct):
        region: str

    def __init__(self, client: SourceClient, options: Options) -> None:
        super().__init__(client)
        self.region = options.region


OFFERS = {"crm": frozenset[str]()}
SHOP = Manifest(name="shop", title="Shop", roles={"crm": Strict}, offers=OFFERS, proofs=(Proof.FIXTURES,))
SPARSE = Manifest(name="sparse", title="Sparse", roles={"crm": AbsentCrm}, offers=OFFERS, proofs=(Proof.FIXTURES,))


async def checked_crm(manifest: Manifest, url: str, **chosen: Any) -> Checked:
    others = {role: {"url": "http://127.0.0.1:1"} for role in ROLES}
    sources = others | {"crm": {"url": url, "connector": manifest.name, **chosen}}
    return await checked(settings_from({"sources": sources}, origin="test"), "crm", {}, {manifest.name: manifest})


@pytest.mark.parametrize(
    ("manifest", "chosen", "told"),
    [
        (SHOP, {}, "Object missing required field `region`"),
        (SHOP, {"options": {"region": 7}}, r"Expected `str`, got `int` - at `\$.region`"),
        (SPARSE, {"options": {"region": "us"}}, "this connector has no options"),
    ],
)
async def test_options_that_do_not_fit_are_told(manifest: Manifest, chosen: dict[str, Any], told: str) -> None:
    async with answering(reply()) as port:
        with pytest.raises(SettingsError, match=told):
            await checked_crm(manifest, f"http://127.0.0.1:{port}", **chosen)


async def test_options_that_fit_and_nothing_offered_leave_nothing_to_ask() -> None:
    async with answering(reply()) as port:
        found = await checked_crm(SHOP, f"http://127.0.0.1:{port}", options={"region": "us"})
    assert [(each.check, each.status) for each in found.findings] == [
        ("name", "ok"), ("connection", "ok"), ("encryption", "warning"), ("http", "untried"),
        ("sign-in", "untried"), ("clock", "untried"), ("limits", "untried"),
    ]  # fmt: skip
    assert found.is_good


async def test_a_connector_that_does_not_play_the_role_is_told() -> None:
    carrier = msgspec.structs.replace(SHOP, roles={"carrier": AbsentCrm})
    with pytest.raises(SettingsError, match='"shop" is no connector for this role'):
        await checked_crm(carrier, "http://127.0.0.1:1")
