"""Generated rows that no dice decide: what a real distributor has few of, and an order can fail by. Always the last of their kind."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from sandbox.amounts import ONE
from sandbox.facts_customers import Address, Contact, CreditTerms, Customer, Relationship, ShipTo, TransitDays
from sandbox.facts_items import Item, Uom
from sandbox.facts_prices import Break, PriceRow
from sandbox.facts_refusals import Refusal
from sandbox.facts_stock import Stock
from sandbox.generate_customers import WAREHOUSES
from sandbox.rows import Rows

_COMPANY = "US"
_MADE_TO_ORDER = "SPC-90001"
_ON_REQUEST = "SPC-90002"
_EXPORTER = "30001"
_BUILDER = "30002"
_CLOSED_DOCK = f"{_BUILDER}-2"


def with_specials(rows: Rows) -> Rows:
    return replace(
        rows,
        items=[*rows.items, *_ITEMS],
        prices=[*rows.prices, _PRICE],
        stock=[*rows.stock, *_STOCK],
        customers=[*rows.customers, *_CUSTOMERS],
        ship_tos=[*rows.ship_tos, *_SHIP_TOS],
        credit=[*rows.credit, *_CREDIT],
        relationships=[*rows.relationships, *_RELATIONSHIPS],
        refusals=_REFUSALS,
    )


def _item(sku: str, name: str, description: str) -> Item:
    return Item(
        company=_COMPANY,
        sku=sku,
        name=name,
        description=description,
        category="MRO",
        status_text="Active",
        uoms=(Uom("EA", ONE),),
        lead_time_days=60,
    )


_ITEMS = (
    _item(_MADE_TO_ORDER, "Hydraulic Manifold, Made to Drawing", "Priced, and kept in no warehouse"),
    _item(_ON_REQUEST, "Engraved Control Panel", "In stock, and priced on request only"),
)
_PRICE = PriceRow(company=_COMPANY, sku=_MADE_TO_ORDER, breaks=(Break(ONE, Decimal("185.0000")),))
_STOCK = tuple(
    Stock(company=_COMPANY, sku=_ON_REQUEST, warehouse=code, on_hand=Decimal(400)) for code in WAREHOUSES[_COMPANY]
)


def _customer(number: str, name: str) -> Customer:
    return Customer(
        company=_COMPANY, number=number, name=name, segment="INDUSTRIAL", currency="USD", payment_terms="NET30"
    )


def _ship_to(customer: Customer, at: int, street: str) -> ShipTo:
    return ShipTo(
        company=_COMPANY,
        code=f"{customer.number}-{at}",
        customer=customer.number,
        name=f"{customer.name}, Reno",
        address=Address(line1=street),
        warehouse="RNO",
        transit_days=tuple(TransitDays(code, 1 if code == "RNO" else 4) for code in WAREHOUSES[_COMPANY]),
    )


_EXPORTING = _customer(_EXPORTER, "Meridian Export Trading")
_BUILDING = _customer(_BUILDER, "Truckee Dock Builders")
_CUSTOMERS = (_EXPORTING, _BUILDING)
_SHIP_TOS = (
    _ship_to(_EXPORTING, 1, "410 Harbor Street"),
    _ship_to(_BUILDING, 1, "12 Mill Road"),
    _ship_to(_BUILDING, 2, "14 Mill Road"),
)
_CREDIT = tuple(
    CreditTerms(company=_COMPANY, number=customer.number, limit=Decimal("250000.00")) for customer in _CUSTOMERS
)
_RELATIONSHIPS = tuple(
    Relationship(
        company=_COMPANY,
        customer=customer.number,
        owner="Rosa Lindqvist",
        stage="ACTIVE",
        last_activity_at=datetime(2026, 6, 1, 9, tzinfo=UTC),
        contacts=(Contact(name="Ida Kowalski", email=f"ida.kowalski@customer{customer.number}.example", role="Buyer"),),
    )
    for customer in _CUSTOMERS
)
_REFUSALS = (
    Refusal(
        company=_COMPANY,
        system="erp",
        customer=_EXPORTER,
        reason="EXPORT_CONTROL",
        text="Orders of this customer need an export licence.",
    ),
    Refusal(
        company=_COMPANY,
        system="wms",
        ship_to=_CLOSED_DOCK,
        reason="DOCK_CLOSED",
        text="The dock at this address is closed.",
    ),
)
