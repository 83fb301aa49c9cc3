"""ShipHero, as an account of our own making speaks it."""

from typing import Any

from shiphero_account import GRANTED, REFRESH, Account, label
from starlette.types import ASGIApp

from sources.changes import NewRelease
from sources.shiphero import MANIFEST
from tests.connectors.case import COMPANY, Asked, Case, Read, Write

LIMIT = 25


def server() -> ASGIApp:
    account = Account()
    places = [account.warehouse(number, f"Warehouse {number}") for number in range(101, 113)]
    account.warehouses.append({"legacy_id": 199, "identifier": "N" * 501})
    for sku in ("BOLT", "NUT"):
        account.shelf(sku, places[0], 10, 3, non_sellable_quantity=1, reserve_inventory=2)
    for place in places:
        account.shelf("EVERYWHERE", place, 1, 0)
    account.shelf("BAD", places[0], 5, None)
    _ship(account, places[0])
    account.order("2001", "operator_hold")
    account.order("2002", "operator_hold", "fraud_hold")
    return account.app


def _ship(account: Account, place: dict[str, Any]) -> None:
    for number, order, lines in ((501, "1001", 1), (502, "1002", 1), (503, "1003", 60)):
        placed = account.order(order, status="fulfilled")
        bolts = [{"sku": f"BOLT-{each}", "quantity": 2, "label": f"L{number}"} for each in range(lines)]
        account.shipment(number, placed, place, [label(f"L{number}", f"1Z{number}")], bolts)
    bad = account.order("BAD")
    account.shipment(599, bad, place, [label("L599", "1Z599")], [{"sku": "BOLT", "quantity": None}])


def release(order: str) -> NewRelease:
    return NewRelease(COMPANY, order, (), "suite-1")


def is_lifting(asked: Asked) -> bool:
    return b"order_update_holds" in asked.body


READS = (
    Read(
        name="warehouses",
        ask=lambda wms, call, numbers: wms.warehouses(call, COMPANY, numbers),
        known=("101", "102"),
        bad="199",
        limit=100,
    ),
    Read(
        name="stock",
        ask=lambda wms, call, numbers: wms.stock(call, COMPANY, numbers, warehouses=()),
        known=("BOLT", "NUT"),
        paged=("EVERYWHERE",),
        bad="BAD",
        limit=LIMIT,
    ),
    Read(
        name="shipments",
        ask=lambda wms, call, numbers: wms.shipments(call, COMPANY, numbers),
        known=("501", "502"),
        paged=("503",),
        bad="599",
        limit=LIMIT,
        unknown="999",
        filler=lambda place: str(9000 + place),
    ),
    Read(
        name="shipments_by_order",
        ask=lambda wms, call, numbers: wms.shipments_by_order(call, COMPANY, numbers),
        known=("1001", "1002"),
        paged=("1003",),
        bad="BAD",
        limit=LIMIT,
    ),
)

CASES = (
    Case(
        manifest=MANIFEST,
        role="wms",
        server=server,
        auth={"refresh_token": REFRESH},
        options={"company": COMPANY},
        is_sign_in=lambda asked: asked.path == "/auth/refresh",
        secrets=(REFRESH, GRANTED),
        reads=READS,
        writes=(
            Write(
                name="release_order",
                do=lambda wms, call: wms.release_order(call, release("2001")),
                is_sent=is_lifting,
                refused=lambda wms, call: wms.release_order(call, release("2002")),
                word="FRAUD_HOLD",
            ),
        ),
    ),
)
