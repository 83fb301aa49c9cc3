"""A question that may be remembered: how its answers are named, what they are made of, what makes them invalid."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import msgspec

from sources.entry import Entry, Rows, weighed
from sources.errors import SourceError
from sources.models import (
    Customer,
    Item,
    Key,
    Order,
    Page,
    Price,
    PriceTerms,
    Relationship,
    Shipment,
    ShipTo,
    Stock,
    SupplyDemand,
    Tracking,
    TrackingKey,
    Warehouse,
)
from sources.viewer import Viewer


class Kind(msgspec.Struct, frozen=True, gc=False):
    """One of a port's operations: the fact whose policy it follows, and what its keys and values are."""

    operation: str
    fact: str
    key: Any
    value: Any


KINDS: Mapping[str, Kind] = {
    kind.operation: kind
    for kind in (
        Kind("items", "item", Key, Item),
        Kind("customers", "customer", Key, Customer),
        Kind("ship_tos", "ship_to", Key, ShipTo),
        Kind("ship_tos_by_customer", "ship_to", Key, tuple[ShipTo, ...]),
        Kind("relationships", "relationship", Key, Relationship),
        Kind("prices", "price", PriceTerms, Price),
        Kind("stock", "stock", Key, Stock),
        Kind("supply_demand", "supply_demand", Key, SupplyDemand),
        Kind("search_items", "list", str, Page[Item]),
        Kind("search_customers", "list", str, Page[Customer]),
        Kind("customers_by_bill_to", "list", Key, Page[Customer]),
        Kind("tracking", "tracking", TrackingKey, Tracking),
        Kind("warehouses", "warehouse", Key, Warehouse),
        Kind("orders", "order", Key, Order),
        Kind("shipments", "shipment", Key, Shipment),
        Kind("shipments_by_order", "shipment", Key, tuple[Shipment, ...]),
    )
}

Tags = Callable[[str, Rows], Iterable[str]]


class Question(msgspec.Struct, frozen=True):
    """A batch's question without its names. `prefix` + name is the entry's name in every tier.

    `asked`: the key that a name is asked under. `is_wide`: asked without a company, so that a name may have a row in each.
    """

    kind: Kind
    source: str
    prefix: str
    asked: Callable[[str], Any]
    tags: Tags
    is_wide: bool = False

    def answers(
        self, found: Mapping[Any, Any], names: Sequence[str], *, stamp: float
    ) -> dict[str, Entry[Any] | SourceError]:
        """An entry a name; what could not be read stands as its error."""
        if self.is_wide:
            return self._wide_answers(found, names, stamp)
        outcomes: dict[str, Entry[Any] | SourceError] = {}
        for name in names:
            key = self.asked(name)
            value = found.get(key)
            if isinstance(value, SourceError):
                outcomes[name] = value
            elif value is None:
                outcomes[name] = weighed(stamp, self.prefix + name, None, ())
            else:
                outcomes[name] = weighed(stamp, self.prefix + name, key, value)
        return outcomes

    def _wide_answers(
        self, found: Mapping[Any, Any], names: Sequence[str], stamp: float
    ) -> dict[str, Entry[Any] | SourceError]:
        rows: dict[str, list[tuple[Any, Any]]] = {name: [] for name in names}
        for key, value in found.items():
            if key.number in rows:
                rows[key.number].append((key, value))
        outcomes: dict[str, Entry[Any] | SourceError] = {}
        for name, of_name in rows.items():
            failed = next((value for _, value in of_name if isinstance(value, SourceError)), None)
            outcomes[name] = weighed(stamp, self.prefix + name, None, tuple(of_name)) if failed is None else failed
        return outcomes


def spelled(*parts: str | None) -> str:
    """Parts as one text that no other parts spell: each with its length before it."""
    return "".join("-," if part is None else f"{len(part)}:{part}," for part in parts)


@lru_cache(maxsize=1024)
def _rights(scopes: frozenset[str], companies: frozenset[str], customers: frozenset[str]) -> str:
    return spelled(*(spelled(*sorted(each)) for each in (scopes, companies, customers)))


def rights(viewer: Viewer) -> str:
    """What an answer may depend on of the caller: two callers with the same rights are the same to a source."""
    return _rights(viewer.scopes, viewer.companies, viewer.customers)
