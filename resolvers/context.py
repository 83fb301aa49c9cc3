"""What a resolver may reach: one Context an operation."""

from datetime import date

import msgspec
import strawberry

from resolvers.loaders import Loaders
from sources.atp import DEFAULT_RULES, AtpRules
from sources.call import CallContext
from sources.ports import Sources


class AvailabilityPolicy(msgspec.Struct, frozen=True):
    """`horizon_days` holds where a question names none; `today` overrides the warehouses' own date."""

    rules: AtpRules = DEFAULT_RULES
    horizon_days: int = 90
    today: date | None = None


DEFAULT_POLICY = AvailabilityPolicy()


class Context:
    """Made when an operation starts, closed when it has been answered."""

    def __init__(
        self, call: CallContext, sources: Sources, *, availability: AvailabilityPolicy = DEFAULT_POLICY
    ) -> None:
        self.call = call
        self.sources = sources
        self.availability = availability
        self.loaders = Loaders(call, sources)

    async def aclose(self) -> None:
        await self.loaders.aclose()


Info = strawberry.Info[Context, None]
