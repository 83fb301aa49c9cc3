"""Who asks: in cache keys, order rules and resolvers alike."""

import msgspec


class Viewer(msgspec.Struct, frozen=True):
    """`companies` and `customers` bound what may be seen; empty means all of them."""

    subject: str
    scopes: frozenset[str] = frozenset()
    companies: frozenset[str] = frozenset()
    customers: frozenset[str] = frozenset()

    def may(self, scope: str) -> bool:
        return scope in self.scopes

    def sees_company(self, company: str) -> bool:
        return not self.companies or company in self.companies


SCOPES = frozenset({"order:submit", "submission:read", "submission:resolve"})

SERVICE_DESK = Viewer(subject="development", scopes=SCOPES)
"""Development mode's anonymous caller: the service desk of all companies, with every scope."""
