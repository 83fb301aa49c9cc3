"""What the distributor sells: bolts in plenty, and a few items that each stand for something."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from sandbox.tryton.office import Office

BOLTS = tuple(f"HB-{thickness:02}{length:03}" for thickness in (6, 8, 10, 12, 16) for length in range(20, 140, 10))
"""Sixty, for what is asked about many items at once."""

TAPE = "TP-048"
"""Sold by the unit and by the case of twelve; more of it is on its way."""

OLD_TAPE = "TP-047"
"""Replaced by `TAPE`."""

ANCHOR = "AN-010"
"""Sold in dozens, two dozen at least."""

SCARCE = "SC-001"
"""Three in stock, and no more to come."""

NOT_SOLD = "IN-900"
CASE = "CS"


def seed_goods(office: Office, company: int) -> None:
    _units(office)
    revenue, expense = (office.one("account.account", ["code", "=", code]) for code in ("4.1.1", "5.1.1"))
    (books,) = office.create(
        "product.category",
        {"name": "Goods", "accounting": True, "account_revenue": revenue, "account_expense": expense},
    )
    fasteners, packaging = office.create("product.category", {"name": "FASTENERS"}, {"name": "PACKAGING"})
    templates = [_template(sku, f"Hex bolt {sku}", _price(at), fasteners) for at, sku in enumerate(BOLTS)]
    templates += [
        _template(TAPE, "Packing tape, clear, 48 mm", Decimal("12.50"), packaging),
        _template(OLD_TAPE, "Packing tape, clear, 47 mm", Decimal("11.90"), packaging),
        _template(
            ANCHOR,
            "Wall anchor",
            Decimal("0.35"),
            fasteners,
            lead_time=timedelta(days=5),
            sale_quantity_minimal=24,
            sale_quantity_rounding=12,
        ),
        _template(SCARCE, "Torque wrench", Decimal("189.00"), fasteners),
        _template(NOT_SOLD, "Shelf label, internal", Decimal("0.10"), packaging, salable=False),
    ]
    unit = office.one("product.uom", ["symbol", "=", "u"])
    for each in templates:
        each.update(default_uom=unit, sale_uom=unit, purchase_uom=unit, account_category=books)
    office.create("product.template", *templates)
    old, new = (office.one("product.product", ["code", "=", sku]) for sku in (OLD_TAPE, TAPE))
    office.call("model.product.product.write", [old], {"replaced_by": new})
    _price_list(office, company)
    # Tryton lets an order wait for the day that it is wanted on only if its items have a lead time.
    office.call("model.product.configuration.write", [1], {"default_lead_time": timedelta(0)})


def _units(office: Office) -> None:
    (unit,) = office.find("product.uom", [["symbol", "=", "u"]], ["category"])
    case = {"name": "Case of 12", "symbol": CASE, "category": unit["category"], "factor": 12.0, "rate": 0.083333333333}
    office.create("product.uom", {**case, "digits": 0, "rounding": 1.0})


def _price(at: int) -> Decimal:
    return Decimal(40 + 7 * at).scaleb(-2)


def _template(sku: str, name: str, price: Decimal, category: int, **more: Any) -> dict[str, Any]:
    product = {"suffix_code": sku, "cost_price": (price * Decimal("0.6")).quantize(Decimal("0.0001"))}
    return {
        "name": name,
        "type": "goods",
        "list_price": price,
        "categories": [["add", [category]]],
        "products": [["create", [product]]],
        "salable": True,
        "purchasable": True,
        **more,
    }


def _price_list(office: Office, company: int) -> None:
    """A tenth off from 10 on, a fifth from 50 on."""
    lines = [
        {"sequence": 1, "quantity": 50.0, "formula": "unit_price * 0.80"},
        {"sequence": 2, "quantity": 10.0, "formula": "unit_price * 0.90"},
        {"sequence": 3, "formula": "unit_price"},
    ]
    trade = {"name": "Trade", "company": company, "unit": "product_default", "price": "list_price"}
    office.create("product.price_list", {**trade, "lines": [["create", lines]]})
