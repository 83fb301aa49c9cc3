"""A real Tryton for a test, over a copy of the seeded data. Where its environment is missing the test is skipped, but not in CI."""

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import pytest

from sandbox.tryton import environment
from sandbox.tryton.office import Office
from sandbox.tryton.seed import COMPANY, PASSWORD, USER
from sandbox.tryton.server import ADMINISTRATOR, DATABASE, TrytonServer
from sandbox.tryton.server import PASSWORD as OF_ADMINISTRATOR
from sources.endpoint import Endpoint
from sources.grant import AuthSettings
from sources.http import SourceClient
from sources.tryton.erp import TrytonErp, TrytonOptions
from sources.tryton.wms import TrytonWms

PATIENCE_SECONDS = 15.0
"""Of a call: two cores are shared with everything else here."""


@contextmanager
def tryton_process(**settings: Any) -> Iterator[TrytonServer]:
    if not environment.is_there() and os.environ.get("CI") == "true":
        pytest.fail("CI must have Tryton: `make tryton`")
    if not environment.is_there():
        pytest.skip("Tryton's environment is not there (`make tryton`), so nothing is asked of a real one")
    with TrytonServer(environment.VENV, environment.template(), **settings) as server:
        yield server


@contextmanager
def office_of(server: TrytonServer, user: str = USER, password: str = PASSWORD) -> Iterator[Office]:
    """Tryton asked directly, as the gateway's user."""
    with Office(server.url, DATABASE) as office:
        office.login(user, password)
        office.context["company"] = office.one("company.company", ["party.code", "=", COMPANY])
        yield office


def administrator_of(server: TrytonServer) -> Any:
    return office_of(server, ADMINISTRATOR, OF_ADMINISTRATOR)


def endpoint(url: str, *, user: str = USER, password: str = PASSWORD, **settings: Any) -> Endpoint:
    chosen = {"timeout_seconds": PATIENCE_SECONDS, **settings}
    auth = AuthSettings(username=user, password=password)
    return Endpoint(name="erp", url=f"{url}/{DATABASE}", system="tryton", auth=auth, **chosen)


@asynccontextmanager
async def erp_at(url: str, options: TrytonOptions | None = None, **settings: Any) -> AsyncIterator[TrytonErp]:
    async with SourceClient(endpoint(url, **settings), grant=TrytonErp.grant) as client:
        yield TrytonErp(client, options or TrytonOptions())


@asynccontextmanager
async def wms_at(url: str, **settings: Any) -> AsyncIterator[TrytonWms]:
    async with SourceClient(endpoint(url, **settings), grant=TrytonWms.grant) as client:
        yield TrytonWms(client)
