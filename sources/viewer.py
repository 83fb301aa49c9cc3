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
    "metrics:read": "the gateway's metrics, for those who gather them",
    "operations:read": "how the business does, over all accounts",
    "order:submit": "submit orders, and cancel what was submitted",
    "submission:read": "submissions",
    "submission:resolve": "decide on submissions that need attention",
}
"""What a caller may be allowed, and what each scope lets it see or do."""


class Viewer(msgspec.Struct, frozen=True):
    """`companies` and `customers` bound what may be seen; empty means all of them.

    A customer stands for its account and those billed to it: "C-1001" in every company that may be seen, "US:C-1001" in one.
    """

    subject: str
    scopes: frozenset[str] = frozenset()
    companies: frozenset[str] = frozenset()
    customers: frozenset[str] = frozenset()

    def may(self, scope: str) -> bool:
        return scope in self.scopes

    @property
    def is_bounded(self) -> bool:
        return bool(self.companies or self.customers)

    def sees_company(self, company: str) -> bool:
        return not self.companies or company in self.companies

    def has_customer(self, company: str, number: str) -> bool:
        """Whether the account itself is named; one that is billed to it is seen, too, and is not named."""
        if not self.sees_company(company):
            return False
        return not self.customers or f"{company}:{number}" in self.customers or self._has_plain(number)

    def _has_plain(self, number: str) -> bool:
        return ":" not in number and number in self.customers

    def reach(self, company: str | None = None) -> tuple[str, ...]:
        """What bounds it, as sources are asked: COMPANY:NUMBER, where * stands for any. Empty: nothing does.

        With a company: only what lies in that one.
        """
        if not self.is_bounded:
            return ()
        companies = sorted(self.companies) or ["*"]
        rows = [row for customer in sorted(self.customers or {"*"}) for row in _spelled(customer, companies)]
        return tuple(row for row in dict.fromkeys(rows) if self._is_in(row, company))

    def _is_in(self, row: str, company: str | None) -> bool:
        own = row.partition(":")[0]
        return (own == "*" or self.sees_company(own)) and (company is None or own in {"*", company})


def _spelled(customer: str, companies: list[str]) -> list[str]:
    return [customer] if ":" in customer else [f"{company}:{customer}" for company in companies]


def with_every_scope(viewer: Viewer) -> Viewer:
    """The same reach, for what the gateway itself must know on this viewer's behalf."""
    return msgspec.structs.replace(viewer, scopes=frozenset(SCOPES))


SERVICE_DESK = Viewer(subject="development", scopes=frozenset(SCOPES))
"""Development mode's anonymous caller: the service desk of all companies, with every scope."""
