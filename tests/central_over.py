"""The connector over the Business Central of our own (tests/connectors/central.py), one company or two."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from upstream import ONCE

from sources.business_central.erp import BusinessCentralErp
from sources.business_central.options import Options
from sources.endpoint import Endpoint
from sources.http import SourceClient
from tests.connectors.business_central import tables
from tests.connectors.central import COMPANY_ID, OTHER_ID, OWN, Central, Tables
from tests.connectors.running import listening

US = {"id": COMPANY_ID, "currency": "USD", "blank_location": "MAIN"}
EU = {"id": OTHER_ID, "currency": "EUR"}
PAGES = {name: {"api": OWN, "entity": entity} for name, entity in {
    "prices": "customerPrices", "ship_tos": "shipTos", "bill_tos": "billTos", "flows": "flows",
}.items()}  # fmt: skip


def good() -> Tables:
    """Without the rows that do not fit."""
    whole = tables()[COMPANY_ID]
    whole["items"] = [row for row in whole["items"] if row["number"] != "BAD"]
    whole["customers"] = [row for row in whole["customers"] if row["number"] != "BAD"]
    whole["customerFinancialDetails"] = [row for row in whole["customerFinancialDetails"] if row["number"] != "BAD"]
    whole["salesOrders"] = whole["salesOrders"][:3]
    whole["billTos"] = whole["billTos"][:2]
    return {COMPANY_ID: whole}


def options(**more: Any) -> Mapping[str, Any]:
    return {"companies": {"US": US}, **more}


@asynccontextmanager
async def central(
    server: Central, given: Mapping[str, Any] | None = None, **endpoint: Any
) -> AsyncIterator[BusinessCentralErp]:
    chosen = msgspec.convert(given or options(), Options)
    settings = {"name": "erp", "token": "t", "retry": ONCE, **endpoint}
    async with (
        listening(server.app) as url,
        SourceClient(Endpoint(url=url, **settings), reason=BusinessCentralErp.reason) as client,
    ):
        yield BusinessCentralErp(client, chosen)
