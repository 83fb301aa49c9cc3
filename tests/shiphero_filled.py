"""ShipHero's account with something in it, and the connector over it, for tests of either."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from shiphero_account import Account, label, wms_of
from upstream import Clock

from sources.changes import NewRelease
from sources.models import Key
from sources.shiphero.wms import ShipHeroWms

OPTIONS: dict[str, Any] = {"warehouse_codes": {"102": "ATL", "101": "RNO"}, "timezone": "America/New_York"}


def filled() -> Account:
    """Two warehouses and one that the options do not name; an order in two shipments; orders on hold."""
    account = Account(Clock())
    reno, atlanta, other = (account.warehouse(*each) for each in ((101, "Reno"), (102, "Atlanta"), (103, None)))
    account.shelf("BOLT", reno, 10, 3, non_sellable_quantity=1, reserve_inventory=2)
    account.shelf("BOLT", atlanta, 7)
    account.shelf("NUT", other, 0, 5)
    order = account.order("1001", status="fulfilled")
    labels = [label("L1", "1Z1"), label("L2", "1Z2"), label("L3", "1Z3", "void"), label("L4", None)]
    lines = [
        {"sku": "BOLT", "quantity": 4, "label": "L1"},
        {"sku": "NUT", "quantity": 1, "label": "L2"},
        {"sku": "NUT", "quantity": 9},
    ]
    account.shipment(501, order, reno, labels, lines)
    account.shipment(502, order, atlanta, [label("L9", "1Z9")], [{"sku": "BOLT", "quantity": 6}], delivered=True)
    account.order("2001", "operator_hold")
    return account


@asynccontextmanager
async def filled_wms(**settings: Any) -> AsyncIterator[tuple[Account, ShipHeroWms]]:
    account = filled()
    async with wms_of(account, OPTIONS, **settings) as wms:
        yield account, wms


def key(number: str) -> Key:
    return Key("US", number)


def release(order: str = "2001", company: str = "US") -> NewRelease:
    return NewRelease(company, order, (), "r-1")
