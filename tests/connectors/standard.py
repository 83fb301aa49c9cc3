"""The source contract, as the sandbox's systems speak it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import yaml
from starlette.types import ASGIApp

from sandbox.facts import Dataset
from sandbox.serve import apps
from sources.call import CallContext
from sources.changes import Cancellation, HoldLifted, NewHold, NewNote, NewOrder, NewOrderLine, NewRelease
from sources.models import Basket, BasketLine, HoldCode, Key, OrderFilter, Page, PageRequest, PriceTerms, TrackingKey
from sources.standard import MANIFEST
from tests.connectors.case import COMPANY, Asked, Case, One, Read, Walk, Write

FACTS = Path(__file__).parents[1] / "contract_facts.yaml"
BAD, LIMIT = "XD-BAD", 100
FULL = 50
"""More rows than any list here has."""


@cache
def facts() -> Dataset:
    """They never change: what is written stands in each server's own books."""
    return Dataset.from_builtins(yaml.safe_load(FACTS.read_text(encoding="utf-8")))


def server(role: str) -> ASGIApp:
    app = apps(facts())[role]
    app.state.system.faults.add(msgspec.json.encode({"key": BAD, "status": 503}))
    return app


def sent(path: str) -> Callable[[Asked], bool]:
    return lambda asked: str(asked) == f"POST {path}"


def by_key(name: str, *known: str, is_nothing: Callable[[Any], bool] | None = None) -> Read:
    async def ask(connector: Any, call: CallContext, numbers: Sequence[str]) -> Mapping[Any, Any]:
        found: Mapping[Any, Any] = await getattr(connector, name)(call, COMPANY, numbers)
        return found

    return Read(name=name, ask=ask, known=known, bad=BAD, limit=LIMIT, is_nothing=is_nothing)


def terms(sku: str) -> PriceTerms:
    return PriceTerms(COMPANY, "C1", sku, Decimal(40))


def order(customer: str) -> NewOrder:
    line = NewOrderLine(1, "TAPE-48", Decimal(2), "EA", None)
    return NewOrder(reference="suite-1", company=COMPANY, customer=customer, ship_to="S1", lines=(line,))


def basket(customer: str) -> Basket:
    return Basket(COMPANY, customer, (BasketLine("TAPE-48", Decimal(2)),))


# ---------------------------------------------------------------- erp

ERP_READS = (
    by_key("items", "TAPE-48", "BOX-S"),
    by_key("customers", "C1", "C2"),
    by_key("ship_tos", "S1", "S2"),
    by_key("ship_tos_by_customer", "C1", "C2", is_nothing=lambda held: held == ()),
    by_key("credit_by_customer", "C1", "C5"),
    by_key("orders", "1001", "1002"),
    by_key("orders_by_reference", "web-1", "web-2"),
    Read(
        name="prices",
        ask=lambda erp, call, skus: erp.prices(call, [terms(sku) for sku in skus]),
        key=terms,
        known=("TAPE-48", "BOX-S"),
        bad=BAD,
        limit=LIMIT,
    ),
    Read(
        name="supply_demand",
        ask=lambda erp, call, skus: erp.supply_demand(call, COMPANY, skus, warehouses=(), days=30),
        known=("TAPE-48", "BOX-S"),
        bad=BAD,
        limit=LIMIT,
        is_nothing=lambda held: held.plans == (),
    ),
    Read(
        name="customers_by_bill_to",
        ask=lambda erp, call, numbers: erp.customers_by_bill_to(call, COMPANY, numbers, page=PageRequest(FULL)),
        known=("C1", "C5"),
        bad=BAD,
        limit=LIMIT,
    ),
    Read(
        name="orders_by_customer",
        ask=lambda erp, call, numbers: erp.orders_by_customer(
            call, COMPANY, numbers, statuses=(), page=PageRequest(FULL)
        ),
        known=("C1", "C5"),
        bad=BAD,
        limit=LIMIT,
    ),
)


async def children(erp: Any, call: CallContext, page: PageRequest) -> Any:
    return _page(await erp.customers_by_bill_to(call, COMPANY, ["C1"], page=page))


async def orders_of(erp: Any, call: CallContext, page: PageRequest) -> Any:
    return _page(await erp.orders_by_customer(call, COMPANY, ["C1"], statuses=(), page=page))


def _page(found: Mapping[Any, Any]) -> Any:
    return found.get(Key(COMPANY, "C1"), Page(()))


ERP_WALKS = (
    Walk(
        name="search_items",
        ask=lambda erp, call, page: erp.search_items(call, page, text=None, category="PACKAGING", company=COMPANY),
        rows=("BOX-M", "BOX-S", "TAPE-48", "TAPE-50"),
        row=lambda item: item.sku,
    ),
    Walk(
        name="search_customers",
        ask=lambda erp, call, page: erp.search_customers(call, page, text="northside", company=COMPANY),
        rows=("C1", "C2", "C3", "C4"),
        row=lambda customer: customer.number,
    ),
    Walk(
        name="search_orders",
        ask=lambda erp, call, page: erp.search_orders(call, page, OrderFilter(COMPANY, "C1")),
        rows=("1001", "1004", "1003", "1002", "1005", "1006", "1007", "1008"),
        row=lambda order: order.number,
        limit=3,
    ),
    Walk(name="customers_by_bill_to", ask=children, rows=("C2", "C3", "C4"), row=lambda customer: customer.number),
    Walk(
        name="orders_by_customer",
        ask=orders_of,
        rows=("1001", "1004", "1003", "1002", "1005", "1006", "1007", "1008"),
        row=lambda order: order.number,
        limit=3,
    ),
)

ERP_WRITES = (
    Write(
        name="create_order",
        do=lambda erp, call: erp.create_order(call, order("C1")),
        is_sent=sent("/orders"),
        refused=lambda erp, call: erp.create_order(call, order("NOBODY")),
        word="UNKNOWN_CUSTOMER",
    ),
    Write(
        name="hold_order",
        do=lambda erp, call: erp.hold_order(call, NewHold(COMPANY, "1009", HoldCode.MANUAL, "Look", "Dana")),
        is_sent=sent("/orders/hold"),
        refused=lambda erp, call: erp.hold_order(call, NewHold(COMPANY, "NONE", HoldCode.MANUAL, "Look", "Dana")),
        word="UNKNOWN_ORDER",
    ),
    Write(
        name="unhold_order",
        do=lambda erp, call: erp.unhold_order(call, HoldLifted(COMPANY, "1001", HoldCode.CREDIT, "Dana", "Paid")),
        is_sent=sent("/orders/unhold"),
        refused=lambda erp, call: erp.unhold_order(call, HoldLifted(COMPANY, "NONE", HoldCode.CREDIT, "Dana", "Paid")),
        word="UNKNOWN_ORDER",
    ),
    Write(
        name="cancel_order",
        do=lambda erp, call: erp.cancel_order(call, Cancellation(COMPANY, "1009", "Changed mind", "Dana")),
        is_sent=sent("/orders/cancel"),
        refused=lambda erp, call: erp.cancel_order(call, Cancellation(COMPANY, "NONE", "Changed mind", "Dana")),
        word="UNKNOWN_ORDER",
    ),
)

# ---------------------------------------------------------------- the others


def note(customer: str) -> NewNote:
    return NewNote("suite-1", COMPANY, customer, "Called", datetime(2026, 6, 30, tzinfo=UTC))


def release(number: str) -> NewRelease:
    return NewRelease(COMPANY, number, ("RNO",), "suite-1")


CRM_WRITES = (
    Write(
        name="add_note",
        do=lambda crm, call: crm.add_note(call, note("C1")),
        is_sent=sent("/notes"),
        refused=lambda crm, call: crm.add_note(call, note("NOBODY")),
        word="UNKNOWN_CUSTOMER",
    ),
)

WMS_READS = (
    by_key("warehouses", "RNO", "ATL"),
    by_key("shipments", "SH1", "SH2"),
    by_key("shipments_by_order", "1002", "1003", is_nothing=lambda held: held == ()),
    Read(
        name="stock",
        ask=lambda wms, call, skus: wms.stock(call, COMPANY, skus, warehouses=()),
        known=("TAPE-48", "BOX-S"),
        bad=BAD,
        limit=LIMIT,
    ),
)

WMS_WRITES = (
    Write(
        name="release_order",
        do=lambda wms, call: wms.release_order(call, release("1009")),
        is_sent=sent("/orders/release"),
        refused=lambda wms, call: wms.release_order(call, release("NONE")),
        word="UNKNOWN_ORDER",
    ),
)

TRACKING = Read(
    name="tracking",
    ask=lambda carrier, call, numbers: carrier.tracking(call, "UPS", numbers),
    key=lambda number: TrackingKey("UPS", number),
    known=("1Z001", "1Z002"),
    bad=BAD,
    limit=LIMIT,
)


def case(role: str, **asked: Any) -> Case:
    return Case(manifest=MANIFEST, role=role, server=lambda: server(role), auth={"token": "sandbox"}, **asked)


SIMULATE = One(name="simulate", ask=lambda erp, call: erp.simulate(call, basket("C1")))

CASES = (
    case("erp", reads=ERP_READS, walks=ERP_WALKS, ones=(SIMULATE,), writes=ERP_WRITES),
    case("crm", reads=(by_key("relationships", "C1", "C2"),), writes=CRM_WRITES),
    case("wms", reads=WMS_READS, writes=WMS_WRITES),
    case("carrier", reads=(TRACKING,)),
)
