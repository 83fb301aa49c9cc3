"""What stands in the warehouses, what comes in, and what is sold already."""

from datetime import date, timedelta
from typing import Any

from sandbox.tryton.office import Office
from sandbox.tryton.seed_goods import ANCHOR, BOLTS, SCARCE, TAPE
from sandbox.tryton.seed_parties import ALDER, BIRCH, CHICAGO, DALLAS, SUPPLIER

ON_HAND = {
    CHICAGO: {TAPE: 100, ANCHOR: 480, SCARCE: 3, **dict.fromkeys(BOLTS, 1_000)},
    DALLAS: {TAPE: 40, **dict.fromkeys(BOLTS[::2], 250)},
}
INBOUND = 60
INBOUND_DAYS = 14
"""Of `TAPE`, to Chicago."""

SOLD = ((ALDER, TAPE, 60, 3), (BIRCH, BOLTS[0], 1_000, 2))
"""Open orders: customer, item, how many, in how many days."""


def seed_trade(office: Office) -> None:
    today = date.today()  # noqa: DTZ011 - the process and Tryton stand on one machine
    for warehouse, goods in ON_HAND.items():
        _count(office, warehouse, goods)
    _purchase(office, today + timedelta(days=INBOUND_DAYS))
    for customer, sku, quantity, days in SOLD:
        _sale(office, customer, (sku, quantity), today + timedelta(days=days))


def _count(office: Office, warehouse: str, goods: dict[str, int]) -> None:
    (row,) = office.find("stock.location", [["code", "=", warehouse]], ["storage_location"])
    products = {row["code"]: row["id"] for row in office.find("product.product", [], ["code"])}
    lines = [{"product": products[sku], "quantity": float(count)} for sku, count in goods.items()]
    inventory = {"location": row["storage_location"], "lines": [["create", lines]]}
    ids = office.create("stock.inventory", inventory)
    office.call("model.stock.inventory.confirm", ids)


def _purchase(office: Office, due: date) -> None:
    line = {**_line(office, TAPE, INBOUND), "delivery_date_edit": True, "delivery_date_store": due}
    ids = office.create("purchase.purchase", _document(office, SUPPLIER, line))
    for step in ("quote", "confirm"):
        office.call(f"model.purchase.purchase.{step}", ids)


def _sale(office: Office, customer: str, what: tuple[str, int], due: date) -> None:
    document = _document(office, customer, _line(office, *what))
    (address,) = office.find("party.address", [["party.code", "=", customer], ["sequence", "=", 0]], ["id"])
    document |= {"invoice_method": "manual", "shipment_method": "order", "shipping_date": due}
    ids = office.create("sale.sale", document | {"shipment_address": address["id"]})
    for step in ("quote", "confirm"):
        office.call(f"model.sale.sale.{step}", ids)


def _document(office: Office, code: str, line: dict[str, Any]) -> dict[str, Any]:
    (party,) = office.find("party.party", [["code", "=", code]], ["addresses"])
    return {
        "party": party["id"],
        "invoice_address": party["addresses"][0],
        "warehouse": office.one("stock.location", ["code", "=", CHICAGO]),
        "lines": [["create", [line]]],
        "invoice_method": "manual",
    }


def _line(office: Office, sku: str, quantity: int) -> dict[str, Any]:
    (product,) = office.find("product.product", [["code", "=", sku]], ["default_uom", "list_price_used"])
    return {
        "type": "line",
        "product": product["id"],
        "unit": product["default_uom"],
        "quantity": float(quantity),
        "unit_price": product["list_price_used"],
    }
