"""What a distributor decides about its orders, as data: price tolerance, carrier restrictions, routes. `[orders]` in crossdock.toml."""

from decimal import Decimal
from fnmatch import fnmatchcase

import msgspec

from sources.models import Customer, Item, ShipTo


class Conditions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an order must be like; what is left out fits everything. Carrier services are patterns such as `*AIR*`, in any case."""

    companies: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    carrier_services: tuple[str, ...] = ()

    def fit(self, customer: Customer, ship_to: ShipTo, carrier_service: str | None) -> bool:
        return (
            _among(customer.company, self.companies)
            and _among(customer.segment, self.segments)
            and _among(ship_to.address.country, self.countries)
            and _among(ship_to.address.region, self.regions)
            and self.serves(carrier_service)
        )

    def serves(self, carrier_service: str | None) -> bool:
        service = (carrier_service or "").upper()
        return not self.carrier_services or any(fnmatchcase(service, each.upper()) for each in self.carrier_services)

    def said(self) -> str:
        """The conditions in words: "segment CONTRACTOR, region NV or CA"."""
        named = {
            "company": self.companies,
            "segment": self.segments,
            "country": self.countries,
            "region": self.regions,
            "service": self.carrier_services,
        }
        return ", ".join(f"{name} {' or '.join(values)}" for name, values in named.items() if values)


class RoutingRule(Conditions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which warehouses an order ships from, in this order; none at all: it cannot be shipped, and `name` says why.

    `categories`: the rule is for orders all of whose items are of these.
    """

    name: str
    warehouses: tuple[str, ...]
    categories: tuple[str, ...] = ()

    def takes(self, items: tuple[Item, ...]) -> bool:
        return not self.categories or all(item.category in self.categories for item in items)


class Restriction(Conditions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a carrier service does not take: hazardous items, items of some categories, or anything to some places."""

    reason: str
    hazardous: bool = False
    categories: tuple[str, ...] = ()

    @property
    def is_about_items(self) -> bool:
        return self.hazardous or bool(self.categories)

    def concerns(self, item: Item) -> bool:
        return (not self.hazardous or item.hazardous) and _among(item.category, self.categories)


NO_HAZARDOUS_BY_AIR = Restriction(
    carrier_services=("*AIR*", "*OVERNIGHT*", "*EXPRESS*"),
    hazardous=True,
    reason="hazardous goods do not go by air",
)


_WHOLE = 100


class OrderPolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A price may lie from the expected one by `price_tolerance_percent` of it or by `price_tolerance_amount`, whichever is more."""

    price_tolerance_percent: Decimal = Decimal(1)
    price_tolerance_amount: Decimal = Decimal(0)
    restrictions: tuple[Restriction, ...] = (NO_HAZARDOUS_BY_AIR,)
    routing: tuple[RoutingRule, ...] = ()

    def __post_init__(self) -> None:
        percent, amount = self.price_tolerance_percent, self.price_tolerance_amount
        if not (percent.is_finite() and amount.is_finite() and 0 <= percent <= _WHOLE and amount >= 0):
            raise ValueError("a price tolerance is 0 to 100 %, and an amount of 0 or more")

    def price_tolerance(self, expected: Decimal) -> Decimal:
        return max(expected * self.price_tolerance_percent / _WHOLE, self.price_tolerance_amount)


def _among(value: str | None, wanted: tuple[str, ...]) -> bool:
    return not wanted or value in wanted
