"""The connector over the S/4HANA of our own (tests/connectors/s4hana.py), one company or two."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec
from stack import served
from upstream import ONCE

from sources.endpoint import Endpoint
from sources.http import SourceClient
from sources.models import Money, PageRequest
from sources.sap.erp import SapErp
from sources.sap.options import Options
from tests.connectors.s4hana import S4Hana
from tests.connectors.sap import BAD, OPTIONS, made

US = OPTIONS["companies"]["US"]
EU = {"sales_organization": "2000", "distribution_channel": "20", "division": "00", "currency": "EUR"}
TWO = {"companies": {"US": US, "EU": EU}}

PAGE = PageRequest(20)
JUNE_18 = date(2026, 6, 18)


def usd(amount: str) -> Money:
    return Money(Decimal(amount), "USD")


def asked(server: S4Hana, what: str = "") -> list[str]:
    return [f"{method} {path}" for method, path, _ in server.heard if what in path]


def good(**more: Any) -> S4Hana:
    """Without the rows that do not fit, and with room for all rows in one page."""
    server = made(**more)
    server.page_size = 1_000
    for name, rows in server.tables.items():
        server.tables[name] = [row for row in rows if BAD not in row.values()]
    server.orders[:] = [row for row in server.orders if row["SalesOrder"] != "4006"]
    return server


def options(**more: Any) -> Mapping[str, Any]:
    return {**OPTIONS, **more}


@asynccontextmanager
async def s4hana(server: S4Hana, given: Mapping[str, Any] | None = None, **endpoint: Any) -> AsyncIterator[SapErp]:
    chosen = msgspec.convert(given or OPTIONS, Options)
    settings = {"name": "erp", "token": "t", "retry": ONCE, **endpoint}
    async with served(server.app) as url, SourceClient(Endpoint(url=url, **settings), reason=SapErp.reason) as client:
        yield SapErp(client, chosen)
