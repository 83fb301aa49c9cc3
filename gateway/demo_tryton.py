"""`crossdock demo --tryton`: a real Tryton as the ERP and the WMS, the sandbox's CRM and carrier, and a gateway over them."""

import json
import sys
import tempfile
from collections.abc import Mapping
from typing import Any

from gateway.app import create_app
from gateway.demo import READY, ROLES, TOKEN, agents, announce, started
from gateway.samples import opening
from gateway.serving import serve
from gateway.settings import Settings, settings_from
from gateway.telemetry.logs import logging_to
from gateway.telemetry.settings import LogSettings

TRYTON_READY = "tryton ready"
PREPARE_SECONDS = 900.0
"""The first time, its environment has to be made."""

PATIENCE_SECONDS = 15.0
"""One process that does not hurry, on the machine that everything else runs on, too."""

_TAKEN = 5
"""Ports: the gateway's and the sandbox's four, of which an ERP and a WMS stand idle here."""


def tryton_settings(port: int, folder: str, system: Mapping[str, str]) -> Settings:
    """`system`: where Tryton is, with the name and the password of the gateway's user."""
    auth = {"username": system["username"], "password": system["password"]}
    real = {"connector": "tryton", "url": system["url"], "auth": auth, "timeout_seconds": PATIENCE_SECONDS}
    sources: dict[str, Any] = {
        role: {"url": f"http://127.0.0.1:{port + at}", "token": TOKEN} for at, role in enumerate(ROLES, start=1)
    }
    table = {
        "mode": "development",
        "port": port,
        "sources": {**sources, "erp": {**real, "options": {"price_breaks": True}}, "wms": real},
        "submissions": {
            "url": f"sqlite:///{folder}/submissions.db",
            "read_seconds": PATIENCE_SECONDS,
            "write_seconds": PATIENCE_SECONDS,
            "lease_seconds": 3 * PATIENCE_SECONDS,
            "patience_seconds": 2 * PATIENCE_SECONDS,
        },
        "events": {"letters": f"{folder}/letters.sqlite3"},
        "deadlines": {"query_seconds": PATIENCE_SECONDS, "mutation_seconds": 3 * PATIENCE_SECONDS},
        **agents(folder),
    }
    return settings_from(table, origin="demo")


def run(port: int) -> None:
    """Until Ctrl-C or SIGTERM; stops the systems it started."""
    real = ["sandbox.tryton", "serve", "--port", str(port + _TAKEN)]
    with (
        tempfile.TemporaryDirectory(prefix="crossdock-") as folder,
        started(["sandbox", "--port", str(port + 1)], READY),
        started(real, TRYTON_READY, PREPARE_SECONDS) as told,
        logging_to(sys.stderr, LogSettings(format="pretty")),
    ):
        samples: dict[str, Any] = json.loads(told[-1])
        settings = tryton_settings(port, folder, samples["system"])
        announce(settings, samples)
        app = create_app(settings, explorer=opening(samples))
        serve(app, host=settings.host, port=port, log_level="warning")
