"""`crossdock demo`: the sandbox systems and a gateway over them, with nothing to configure."""

import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click
import httpx
import orjson

from gateway.agents.samples import offered
from gateway.app import create_app
from gateway.samples import opening, queries
from gateway.serving import serve
from gateway.settings import Settings, settings_from
from gateway.telemetry.logs import logging_to
from gateway.telemetry.settings import LogSettings

ROLES = ("erp", "crm", "wms", "carrier")
EXAMPLES = 2
"""Pages under examples/, on the ports behind the systems'."""
PUSHING = ("wms", "carrier")
"""The systems that tell the gateway what happens; sandbox/README.md says how to make it happen."""

TOKEN = "sandbox"  # noqa: S105 - the sandbox's token is public
READY = "sandbox ready"
START_SECONDS = 60.0
STOP_SECONDS = 10.0


def demo_settings(port: int, folder: str = "") -> Settings:
    """A gateway on `port`, the four systems on the ports behind it; orders are taken where there is a `folder` to keep them in."""
    sources = {role: {"url": f"http://127.0.0.1:{port + at}", "token": TOKEN} for at, role in enumerate(ROLES, start=1)}
    taking = {"url": f"sqlite:///{folder}/submissions.db"} if folder else {"enabled": False}
    webhooks = {role: {"secrets": [TOKEN]} for role in PUSHING}
    events = {"letters": f"{folder}/letters.sqlite3"} if folder else {}
    pages = [f"http://127.0.0.1:{port + len(ROLES) + at}" for at in range(1, EXAMPLES + 1)]
    table = {
        "mode": "development",
        "port": port,
        "http": {"origins": pages},
        "sources": sources,
        "submissions": taking,
        "webhooks": webhooks,
        "events": events,
        "deadlines": {
            "query_seconds": 5.0
        },  # one machine serves five systems here, and their first answers come slowly
        **agents(folder),
    }
    return settings_from(table, origin="demo")


def agents(folder: str) -> dict[str, Any]:
    """The settings that offer tools to agents, where their library is installed."""
    return offered(Path(folder)) if folder and find_spec("mcp") is not None else {}


def run(port: int, data: Path | None) -> None:
    """Until Ctrl-C or SIGTERM; stops the systems it started."""
    with tempfile.TemporaryDirectory(prefix="crossdock-") as folder, _sandbox(port + 1, data):
        settings = demo_settings(port, folder)
        samples = _samples(port + 1)
        _aim(settings)
        announce(settings, samples)
        with logging_to(sys.stderr, LogSettings(format="pretty")):
            app = create_app(settings, explorer=opening(samples))
            serve(app, host=settings.host, port=port, log_level="warning")


@contextmanager
def _sandbox(port: int, data: Path | None) -> Iterator[None]:
    with started(["sandbox", "--port", str(port), *(["--data", str(data)] if data else [])], READY):
        yield


@contextmanager
def started(module: Sequence[str], ready: str, seconds: float = START_SECONDS) -> Iterator[list[str]]:
    """A module of ours run as a program, from the line on by which it says that it is ready; yields what it told before."""
    command = [sys.executable, "-m", *module]
    # A session of its own: Ctrl-C reaches the gateway, which stops the systems after it has stopped asking them.
    systems = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)  # noqa: S603 - our own module
    previous = signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        yield _told_until(systems, ready, seconds)
    finally:
        signal.signal(signal.SIGTERM, previous)
        systems.terminate()
        try:
            systems.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            systems.kill()
            systems.wait()


def _told_until(systems: subprocess.Popen[str], ready: str, seconds: float) -> list[str]:
    told: list[str] = []
    late = threading.Timer(seconds, systems.kill)
    late.start()
    try:
        for line in systems.stdout or ():
            if line.strip() == ready:
                return told
            told.append(line.rstrip())
    finally:
        late.cancel()
    click.echo("\n".join(told))
    raise click.ClickException(f"the systems did not start: no {ready!r}")


def _aim(settings: Settings) -> None:
    for role in PUSHING:
        system: str = getattr(settings.sources, role).url
        target = {"url": f"http://127.0.0.1:{settings.port}/webhooks/{role}", "secret": TOKEN}
        httpx.put(f"{system}/_sandbox/webhook", json=target, timeout=5).raise_for_status()


def _samples(port: int) -> dict[str, Any]:
    answer = httpx.get(f"http://127.0.0.1:{port}/_sandbox/samples", timeout=5)
    samples: dict[str, Any] = orjson.loads(answer.content)
    return samples


def announce(settings: Settings, samples: dict[str, Any]) -> None:
    click.echo(f"\nCrossdock   http://127.0.0.1:{settings.port}/graphql")
    click.echo(f"Explorer    http://127.0.0.1:{settings.port}/explorer")
    click.echo(f"Console     http://127.0.0.1:{settings.port}/console")
    if settings.mcp.enabled:
        click.echo(f"Agents      http://127.0.0.1:{settings.port}/mcp  ({', '.join(settings.mcp.tools)})")
    click.echo()
    for title, query in queries(samples):
        click.echo(f"# {title}\n{query}\n")
    click.echo("Keys to try:")
    for name in ("customers", "skus", "orders", "shippedOrders", "trackingNumbers"):
        click.echo(f"  {name}: {', '.join(samples.get(name, [])[:3])}")
