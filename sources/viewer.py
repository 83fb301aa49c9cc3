"""Who asks: in cache keys, order rules and resolvers alike."""

from collections.abc import Mapping

import msgspec

SCOPES: Mapping[str, str] = {
    "item:read": "items",
    "price:read": "prices, and quotes' totals",
    "availability:read": "stock, and what can be promised",
    "customer:read": "customers and their ship-tos",
    "credit:read": "credit limits and exposures",
    "relationship:read": "what the CRM knows of a customer",
    "order:read": "orders",
    "shipment:read": "shipments and tracking",
    "source:read": "how the systems of record are doing, and what was asked of them",
    "order:submit": "submit orders, and cancel what was submitted",
    "submission:read": "submissions",
    "submission:resolve": "decide on submissions that need attention",
}
"""What a caller may be allowed, and what each scope lets it see or do."""


class Viewer(msgspec.Struct, frozen=True):
    """`companies` and `customers` bound what may be seen; empty means all of them."""

    subject: str
    scopes: frozenset[str] = frozenset()
    companies: frozenset[str] = frozenset()
    customers: frozenset[str] = frozenset()

    def sees_company(self, company: str) -> bool:
        return not self.companies or company in self.companies


SERVICE_DESK = Viewer(subject="development", scopes=frozenset(SCOPES))
"""Development mode's anonymous caller: the service desk of all companies, with every scope."""
