"""Keys and orders to try the systems with: all of one company, none of the keys to be found in another."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, TypeVar

from sandbox.amounts import ONE
from sandbox.fact import Fact
from sandbox.index import Owned
from sandbox.sample_order import SampleOrder

if TYPE_CHECKING:
    from sandbox.facts import Dataset
    from sandbox.facts_customers import Customer
    from sandbox.facts_items import Item
    from sandbox.facts_orders import Order
    from sandbox.facts_shipments import Shipment
    from sandbox.index import Index

R = TypeVar("R", bound=Owned)
_MOST = 100
_CUSTOMERS = 20
_PAGE = 20


class Samples(Fact, frozen=True, kw_only=True):
    company: str
    skus: tuple[str, ...]
    customers: tuple[str, ...]
    orders: tuple[str, ...]
    shipped_orders: tuple[str, ...]
    shipments: tuple[str, ...]
    tracking_numbers: tuple[str, ...]
    ship_tos: tuple[str, ...]
    warehouses: tuple[str, ...]
    problems: Mapping[str, SampleOrder]
    sound: tuple[SampleOrder, ...]


def samples_of(dataset: "Dataset") -> Samples:
    from sandbox.sample_problems import problems_of  # noqa: PLC0415 - these price items, and pricing reads a Dataset,
    from sandbox.sample_shop import Shop  # noqa: PLC0415 - which holds its samples

    company = _company(dataset)
    shop = Shop(dataset, company)
    customers = [
        row for row in dataset.customer_list if row.company == company and _single(dataset.customers, row.number)
    ]
    first = _first_customer(dataset, customers)
    order_rows = list(_orders(dataset, first, customers)) if first else []
    shipped = [order for order in order_rows if _tracked(dataset, order)]
    shipments = [row for order in shipped for row in dataset.shipments_of.find(order.number, company)][:_MOST]
    parcels = [parcel.tracking_number for row in shipments for parcel in row.parcels]
    rest = [row.number for row in customers if row is not first and not _on_hold(dataset, row)]
    ship_tos = dataset.ship_tos_of.find(first.number, company) if first else []
    return Samples(
        company=company,
        skus=tuple(_skus(dataset, first)) if first else (),
        customers=(first.number, *rest[: _CUSTOMERS - 1]) if first else (),
        orders=tuple(order.number for order in order_rows),
        shipped_orders=tuple(order.number for order in shipped),
        shipments=tuple(row.number for row in shipments),
        tracking_numbers=tuple(parcels[:_MOST]),
        ship_tos=tuple(row.code for row in ship_tos if _single(dataset.ship_tos, row.code)),
        warehouses=tuple(row.code for row in dataset.warehouses_by_company.get(company, ())),
        problems=problems_of(shop),
        sound=tuple(shop.sound()),
    )


def _single(index: "Index[R]", key: str) -> bool:
    return len(index.find(key)) == 1


def _company(dataset: "Dataset") -> str:
    counts: dict[str, int] = {}
    for code in (*(row.company for row in dataset.customer_list), *(row.company for row in dataset.item_list)):
        counts[code] = counts.get(code, 0) + 1
    return max(counts, key=lambda code: counts[code], default="US")


def _on_hold(dataset: "Dataset", customer: "Customer") -> bool:
    terms = dataset.credit.get((customer.company, customer.number))
    return customer.blocked or bool(terms and terms.on_hold)


def _first_customer(dataset: "Dataset", customers: "Sequence[Customer]") -> "Customer | None":
    """The first whose newest page of orders is full and small enough to be read whole; else the one with most orders."""
    able = [row for row in customers if not _on_hold(dataset, row)] or customers
    telling = (row for row in able if _tells(dataset, dataset.orders_of.find(row.number, row.company)))
    busiest = max(able, key=lambda row: len(dataset.orders_of.find(row.number, row.company)), default=None)
    return next(telling, busiest)


def _tells(dataset: "Dataset", orders: "Sequence[Order]") -> bool:
    page = orders[-_PAGE:]
    shipments = [row for order in page for row in dataset.shipments_of.find(order.number, order.company)]
    parcels = sum(len(row.parcels) for row in shipments)
    skus = {line.sku for order in page for line in order.lines}
    few = len(skus) <= _MOST and 0 < parcels <= _MOST
    return len(page) == _PAGE and few and any(_tracked(dataset, order) for order in page)


def _tracked(dataset: "Dataset", order: "Order") -> bool:
    shipments = dataset.shipments_of.find(order.number, order.company)
    return bool(shipments) and all(
        _all_tracked(dataset, row) and _single(dataset.shipments, row.number) for row in shipments
    )


def _all_tracked(dataset: "Dataset", shipment: "Shipment") -> bool:
    return bool(shipment.parcels) and all(parcel.tracking_number in dataset.tracking for parcel in shipment.parcels)


def _orders(dataset: "Dataset", first: "Customer", customers: "Sequence[Customer]") -> "Iterator[Order]":
    """The first customer's newest page, then pages of others, up to a batch."""
    left = _MOST
    for customer in (first, *(row for row in customers if row is not first)):
        page = dataset.orders_of.find(customer.number, customer.company)[-_PAGE:]
        for order in reversed(page):
            if left and _single(dataset.orders, order.number):
                left -= 1
                yield order
        if not left:
            return


def _skus(dataset: "Dataset", customer: "Customer") -> "Iterator[str]":
    left = _MOST
    for item in dataset.item_list:
        if not left:
            return
        if item.company == customer.company and _usable(dataset, item) and _priced(dataset, customer, item):
            left -= 1
            yield item.sku


def _usable(dataset: "Dataset", item: "Item") -> bool:
    kept = {row.warehouse for row in dataset.stock.find(item.sku, item.company) if row.free > 0}
    everywhere = {row.code for row in dataset.warehouses_by_company.get(item.company, ())}
    return item.status == "ACTIVE" and kept == everywhere and _single(dataset.items, item.sku)


def _priced(dataset: "Dataset", customer: "Customer", item: "Item", quantity: Decimal = ONE) -> bool:
    from sandbox.pricing import Question, price_of  # noqa: PLC0415 - pricing reads a Dataset, which holds its samples

    asked = Question("", customer, item, item.uom, max(quantity, item.quantity_rule.minimum), dataset.today)
    return price_of(dataset, asked) is not None
