"""One read of each capability: what has to be known to ask it, and what its answer makes known for the next."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

import msgspec

from sources.call import CallContext
from sources.errors import SourceError
from sources.models import (
    Basket,
    BasketLine,
    Customer,
    Item,
    Order,
    OrderFilter,
    Page,
    PageRequest,
    PriceTerms,
    Shipment,
    ShipTo,
    Stock,
)

NOBODYS = "XD-PROBE"
"""A reference that no order has."""

_DAYS = 30
_FEW = PageRequest(3)


class Keys(msgspec.Struct):
    """Records to ask for: given by whoever checks, or met with on the way. What is known already is not replaced."""

    company: str | None = None
    item: str | None = None
    customer: str | None = None
    ship_to: str | None = None
    order: str | None = None
    reference: str | None = None
    warehouse: str | None = None
    shipment: str | None = None
    carrier: str | None = None
    tracking: str | None = None

    def lacks(self, needs: Iterable[str]) -> list[str]:
        return [name for name in needs if getattr(self, name) is None]

    def meet(self, **met: str | None) -> None:
        for name, value in met.items():
            if getattr(self, name) is None:
                setattr(self, name, value)


class Trial(NamedTuple):
    name: str
    needs: Sequence[str]
    ask: Callable[[Any, CallContext, Any], Awaitable[Any]]
    """Its last argument is a Keys in which whatever it needs is known."""


ERP: Sequence[Trial] = (
    Trial(
        "search_items",
        (),
        lambda erp, call, k: erp.search_items(call, _FEW, text=None, category=None, company=k.company),
    ),
    Trial("items", ("item",), lambda erp, call, k: erp.items(call, k.company, [k.item])),
    Trial("search_customers", (), lambda erp, call, k: erp.search_customers(call, _FEW, text=None, company=k.company)),
    Trial("search_orders", (), lambda erp, call, k: erp.search_orders(call, _FEW, OrderFilter(k.company))),
    Trial("orders", ("order",), lambda erp, call, k: erp.orders(call, k.company, [k.order])),
    Trial("customers", ("customer",), lambda erp, call, k: erp.customers(call, k.company, [k.customer])),
    Trial(
        "customers_by_bill_to",
        ("company", "customer"),
        lambda erp, call, k: erp.customers_by_bill_to(call, k.company, [k.customer], page=_FEW),
    ),
    Trial(
        "ship_tos_by_customer",
        ("customer",),
        lambda erp, call, k: erp.ship_tos_by_customer(call, k.company, [k.customer]),
    ),
    Trial("ship_tos", ("ship_to",), lambda erp, call, k: erp.ship_tos(call, k.company, [k.ship_to])),
    Trial(
        "credit_by_customer", ("customer",), lambda erp, call, k: erp.credit_by_customer(call, k.company, [k.customer])
    ),
    Trial(
        "prices",
        ("company", "customer", "item"),
        lambda erp, call, k: erp.prices(call, [PriceTerms(k.company, k.customer, k.item, Decimal(1))]),
    ),
    Trial(
        "supply_demand",
        ("company", "item"),
        lambda erp, call, k: erp.supply_demand(call, k.company, [k.item], warehouses=(), days=_DAYS),
    ),
    Trial(
        "orders_by_customer",
        ("company", "customer"),
        lambda erp, call, k: erp.orders_by_customer(call, k.company, [k.customer], statuses=(), page=_FEW),
    ),
    Trial(
        "orders_by_reference",
        (),
        lambda erp, call, k: erp.orders_by_reference(call, k.company, [k.reference or NOBODYS]),
    ),
    Trial(
        "simulate",
        ("company", "customer", "item"),
        lambda erp, call, k: erp.simulate(call, Basket(k.company, k.customer, (BasketLine(k.item, Decimal(1)),))),
    ),
)
CRM: Sequence[Trial] = (
    Trial("relationships", ("customer",), lambda crm, call, k: crm.relationships(call, k.company, [k.customer])),
)
WMS: Sequence[Trial] = (
    Trial("stock", ("company", "item"), lambda wms, call, k: wms.stock(call, k.company, [k.item], warehouses=())),
    Trial("shipments_by_order", ("order",), lambda wms, call, k: wms.shipments_by_order(call, k.company, [k.order])),
    Trial("shipments", ("shipment",), lambda wms, call, k: wms.shipments(call, k.company, [k.shipment])),
    Trial("warehouses", ("warehouse",), lambda wms, call, k: wms.warehouses(call, k.company, [k.warehouse])),
)
CARRIER: Sequence[Trial] = (
    Trial("tracking", ("tracking",), lambda carrier, call, k: carrier.tracking(call, k.carrier, [k.tracking])),
)
TRIALS: Mapping[str, Sequence[Trial]] = {"erp": ERP, "crm": CRM, "wms": WMS, "carrier": CARRIER}
"""A role's reads, those first that make known what others need. A capability that is not here writes."""


def rows_of(answer: Any) -> list[Any]:
    """What an answer holds, lists and pages within it laid open."""
    if isinstance(answer, Mapping):
        return [row for held in answer.values() for row in rows_of(held)]
    if isinstance(answer, Page):
        return list(answer.rows)
    return list(answer) if isinstance(answer, tuple) else [answer]


def learn(keys: Keys, answer: Any) -> None:
    """What can be asked for, now that these rows are known. Of another company than the first they are of no use."""
    for row in rows_of(answer):
        if isinstance(row, SourceError):
            continue
        if keys.company is not None and getattr(row, "company", keys.company) != keys.company:
            continue
        keys.meet(**_met(row))


def _met(row: Any) -> dict[str, str | None]:
    read = _MET.get(type(row))
    return read(row) if read is not None else {}


def _order(row: Order) -> dict[str, str | None]:
    met = {"company": row.company, "order": row.number, "customer": row.customer_number, "ship_to": row.ship_to_code}
    return met | {"reference": row.external_reference, "item": row.lines[0].sku if row.lines else None}


_MET: Mapping[type, Callable[[Any], dict[str, str | None]]] = {
    Item: lambda row: {"company": row.company, "item": row.sku},
    Customer: lambda row: {"company": row.company, "customer": row.number},
    ShipTo: lambda row: {"company": row.company, "customer": row.customer_number, "ship_to": row.code},
    Order: _order,
    Shipment: lambda row: {"company": row.company, "shipment": row.number, "warehouse": row.warehouse.code},
    Stock: lambda row: {"warehouse": row.rows[0].warehouse.code if row.rows else None},
}
