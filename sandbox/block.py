"""Terse facts, as a test writes them in YAML or JSON: everything but the keys may be left out, the rest is derived."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import msgspec

from sandbox.amounts import ONE, ZERO, plain
from sandbox.block_orders import OrderFacts, ShipmentFacts
from sandbox.fact import COMPANY, Fact
from sandbox.facts import Dataset
from sandbox.facts_companies import Company
from sandbox.facts_customers import CreditTerms, Customer, Relationship, ShipTo
from sandbox.facts_items import Item, Uom
from sandbox.facts_orders import Order
from sandbox.facts_prices import Break, PriceRow, PriceSource
from sandbox.facts_refusals import Refusal
from sandbox.facts_shipments import Shipment, Tracking
from sandbox.facts_stock import AtpRow, Inbound, Movement, Stock, Warehouse
from sandbox.reservations import reserved
from sandbox.rows import TODAY, Rows


class ItemFacts(Item, frozen=True, kw_only=True):
    list_price: Decimal | None = None


class PriceFacts(Fact, frozen=True, kw_only=True):
    """`unit` is short for one break from 1; `source` follows from whom the price is for."""

    company: str = COMPANY
    sku: str
    customer: str | None = None
    buying_group: str | None = None
    uom: str | None = None
    currency: str | None = None
    unit: Decimal | None = None
    breaks: tuple[Break, ...] = ()
    source: PriceSource | None = None
    valid_from: date | None = None
    valid_to: date | None = None


class CreditFacts(Fact, frozen=True, kw_only=True):
    """`exposure`, where given, is exact: open orders are then already in it."""

    company: str = COMPANY
    number: str
    limit: Decimal | None = None
    open_invoices: Decimal = ZERO
    exposure: Decimal | None = None
    on_hold: bool = False


class StockFacts(Fact, frozen=True, kw_only=True):
    """`allocated`, where given, is exact; else it is what open orders have reserved."""

    company: str = COMPANY
    sku: str
    warehouse: str
    on_hand: Decimal = ZERO
    allocated: Decimal | None = None
    unsellable: Decimal = ZERO
    safety_stock: Decimal = ZERO


class InboundFacts(Inbound, frozen=True, kw_only=True):
    number: str = "PO-1"
    expected: date = TODAY


class Block(Fact, frozen=True, kw_only=True):
    today: date = TODAY
    companies: tuple[Company, ...] = ()
    warehouses: tuple[Warehouse, ...] = ()
    items: tuple[ItemFacts, ...] = ()
    customers: tuple[Customer, ...] = ()
    ship_tos: tuple[ShipTo, ...] = ()
    prices: tuple[PriceFacts, ...] = ()
    credit: tuple[CreditFacts, ...] = ()
    stock: tuple[StockFacts, ...] = ()
    purchase_orders: tuple[InboundFacts, ...] = ()
    supply: tuple[Movement, ...] = ()
    demand: tuple[Movement, ...] = ()
    atp: tuple[AtpRow, ...] = ()
    orders: tuple[OrderFacts, ...] = ()
    shipments: tuple[ShipmentFacts, ...] = ()
    tracking: tuple[Tracking, ...] = ()
    relationships: tuple[Relationship, ...] = ()
    refusals: tuple[Refusal, ...] = ()


def rows_from_builtins(block: Mapping[str, Any]) -> Rows:
    facts = msgspec.convert(_camel(block), Block)
    currency = {company.code: company.currency for company in facts.companies}
    customers = [_customer(row, currency) for row in facts.customers]
    warehouses = _warehouses(facts)
    rows = Rows(
        today=facts.today,
        companies=facts.companies,
        warehouses=warehouses,
        items=[_item(row) for row in facts.items],
        customers=customers,
        ship_tos=[msgspec.structs.replace(row, name=row.name or row.code) for row in facts.ship_tos],
        prices=[*_list_prices(facts.items), *(_price(row) for row in facts.prices)],
        inbound=[Inbound(**msgspec.structs.asdict(row)) for row in facts.purchase_orders],
        supply=facts.supply,
        demand=facts.demand,
        atp=facts.atp,
        orders=_orders(facts, customers),
        order_warehouses={(row.company, row.number): row.warehouse for row in facts.orders if row.warehouse},
        shipments=_shipments(facts, warehouses),
        tracking=_tracking(facts.tracking),
        relationships=facts.relationships,
        refusals=facts.refusals,
    )
    return _with_figures(rows, facts)


def _with_figures(rows: Rows, facts: Block) -> Rows:
    """Stock and credit last: both follow from the orders unless they are given outright."""
    derived = Dataset(rows)
    held = reserved(derived)
    stock = [
        Stock(
            company=row.company,
            sku=row.sku,
            warehouse=row.warehouse,
            on_hand=row.on_hand,
            allocated=plain(held.get((row.company, row.sku, row.warehouse), ZERO))
            if row.allocated is None
            else row.allocated,
            unsellable=row.unsellable,
            safety_stock=row.safety_stock,
        )
        for row in facts.stock
    ]
    credit = [_credit(row, derived.exposure.get((row.company, row.number), ZERO)) for row in facts.credit]
    named = {name: getattr(rows, name) for name in rows.__dataclass_fields__}
    return Rows(**{**named, "stock": stock, "credit": credit})


def _credit(row: CreditFacts, ordered: Decimal) -> CreditTerms:
    invoices = row.open_invoices if row.exposure is None else row.exposure - ordered
    return CreditTerms(
        company=row.company, number=row.number, limit=row.limit, open_invoices=invoices, on_hold=row.on_hold
    )


def _item(row: ItemFacts) -> Item:
    fields = msgspec.structs.asdict(row)
    del fields["list_price"]
    uoms = row.uoms if any(uom.code == row.uom for uom in row.uoms) else (Uom(row.uom), *row.uoms)
    return Item(**{**fields, "name": row.name or row.sku, "uoms": uoms})


def _list_prices(items: Sequence[ItemFacts]) -> list[PriceRow]:
    return [
        PriceRow(company=row.company, sku=row.sku, breaks=(Break(ONE, row.list_price),))
        for row in items
        if row.list_price is not None
    ]


def _price(row: PriceFacts) -> PriceRow:
    fields = msgspec.structs.asdict(row)
    unit = fields.pop("unit")
    breaks = row.breaks or (Break(ONE, unit or ZERO),)
    source: PriceSource = row.source or (
        "CONTRACT" if row.customer else "PROMOTION" if row.buying_group else "PRICE_LIST"
    )
    ascending = tuple(sorted(breaks, key=lambda each: each.minimum))
    return PriceRow(**{**fields, "breaks": ascending, "source": source})


def _customer(row: Customer, currency: Mapping[str, str]) -> Customer:
    trades_in = row.currency or currency.get(row.company, "USD")
    return msgspec.structs.replace(row, name=row.name or row.number, currency=trades_in)


def _warehouses(facts: Block) -> list[Warehouse]:
    """Those declared, then those only mentioned, in the order in which they are."""
    found = {row.code: row for row in facts.warehouses}
    for company, code in _mentioned(facts):
        if code and code not in found:
            priority = 1 + sum(each.company == company for each in found.values())
            found[code] = Warehouse(company=company, code=code, priority=priority)
    return [msgspec.structs.replace(row, name=row.name or row.code) for row in found.values()]


def _mentioned(facts: Block) -> Iterator[tuple[str, str | None]]:
    yield from ((row.company, row.warehouse) for row in facts.stock)
    yield from ((row.company, row.warehouse) for row in facts.purchase_orders)
    yield from ((row.company, row.warehouse) for row in (*facts.supply, *facts.demand))
    yield from ((row.company, row.warehouse) for row in facts.atp)
    yield from ((row.company, row.warehouse) for row in facts.shipments)


def _orders(facts: Block, customers: Sequence[Customer]) -> list[Order]:
    morning = datetime.combine(facts.today, time(8), UTC)
    currency = {(row.company, row.number): row.currency for row in customers}
    base = {(row.company, row.sku): row.uom for row in facts.items}
    return [row.order(morning, currency.get((row.company, row.customer), "USD"), base) for row in facts.orders]


def _shipments(facts: Block, warehouses: Sequence[Warehouse]) -> list[Shipment]:
    by_code = {row.code: row for row in warehouses}
    return [
        row.shipment(by_code.get(row.warehouse or "") or _first(warehouses, row.company)) for row in facts.shipments
    ]


def _first(warehouses: Sequence[Warehouse], company: str) -> Warehouse:
    own = sorted((row for row in warehouses if row.company == company), key=lambda row: row.priority)
    return own[0] if own else Warehouse(company=company, code="MAIN", name="MAIN")


def _tracking(rows: Sequence[Tracking]) -> dict[str, list[Tracking]]:
    found: dict[str, list[Tracking]] = {}
    for row in rows:
        text = row.status_text or row.status.replace("_", " ").capitalize()
        found.setdefault(row.tracking_number, []).append(msgspec.structs.replace(row, status_text=text))
    return found


def _camel(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {_camel_name(name): _camel(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_camel(each) for each in value]
    return value


def _camel_name(name: Any) -> Any:
    if not isinstance(name, str) or "_" not in name:
        return name
    head, *rest = name.split("_")
    return head + "".join(word.capitalize() for word in rest)
